/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file netif/fethif.h
 * An lwIP network interface over a feth I/O handle.
 *
 *     struct fethif *f;
 *     lwip_port_set_hooks(&(struct lwip_port_hooks){ .assertion = on_assertion }); // netif/lwip_port.h
 *     fethif_new(&f, &(struct fethif_config){ .size = sizeof(struct fethif_config), .io = io }, &err);
 *     netif_add(&netif, &ip, &mask, &gw, f, fethif_init, netif_input);
 *     netif_set_up(&netif);
 *     fethif_run(f, &err);                      // or your own loop: fethif_fd, fethif_timeout, fethif_dispatch
 *     netif_remove(&netif);
 *     fethif_free(f);
 *
 * All functions but fethif_stop() belong to the thread that runs lwIP (with NO_SYS=0: to whoever holds the core
 * lock).
 *
 * Frames that lwIP sends during fethif_dispatch() leave in one batch at its end; frames sent outside leave at
 * once.  A queued frame references the pbuf's memory: payload that lwIP calls PBUF_ROM must stay unchanged until
 * fethif_dispatch() or fethif_flush() returns; PBUF_REF payload is copied.
 */
#ifndef NETIF_FETHIF_H
#define NETIF_FETHIF_H

#include <stddef.h>
#include <stdint.h>

#include <feth/io.h>

#include "lwip/netif.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fethif;

/** How to drive an interface.  Zero what you do not set. */
struct fethif_config {
    size_t size;        /**< sizeof(struct fethif_config) */
    struct feth_io *io; /**< made non-blocking; stays the caller's, who closes it after fethif_free() */
    const uint8_t *mac; /**< the stack's MAC address, 6 bytes; NULL: one bit from the interface's */
    unsigned mtu;       /**< the stack's MTU; 0: the interface's, and it follows its changes */
    /**
     * Microseconds that fethif_dispatch() looks for more frames after some were there, before the caller sleeps; 0: not
     * at all.  Waking a sleeping thread costs the sender several microseconds, and on virtual machines more.  Where
     * looking has not paid, as with one processor for both, it is done ever more rarely.
     */
    unsigned busy_poll_us;
    /** Called from fethif_dispatch() when the interface came up, went down, or changed MTU or MAC; may be NULL. */
    void (*link_changed)(struct netif *netif, const struct feth_link *link, void *arg);
    void *arg;
};

/**
 * Make a driver.
 * @return 0; FETH_EINVAL: of the config, or nobody has said what a failed assertion of lwIP does (netif/lwip_port.h);
 * FETH_ENOMEM; FETH_ESYS: no descriptors.  The caller frees it with fethif_free().
 */
FETH_API FETH_MUST_CHECK int fethif_new(struct fethif **f, const struct fethif_config *config,
                                        struct feth_error *err);

/**
 * Free a driver, after netif_remove().  Received frames that the application still holds stay valid until it frees
 * their pbufs.  NULL is allowed.
 */
FETH_API void fethif_free(struct fethif *f);

/** The init function for netif_add(), whose state argument is the driver.  @return ERR_OK; ERR_ARG */
FETH_API err_t fethif_init(struct netif *netif);

/** The descriptor to wait on: call fethif_dispatch() when it is readable. */
FETH_API int fethif_fd(const struct fethif *f);

/** Milliseconds until fethif_dispatch() is due whatever the descriptor says; -1: no limit. */
FETH_API int fethif_timeout(const struct fethif *f);

/**
 * One turn: take the frames that are there (a bounded number, so that others get their turn), hand them to lwIP,
 * run lwIP's timers, send what lwIP wants sent.  Never waits.
 * @return 0, also when the interface is down; FETH_EGONE when it was destroyed; FETH_ESYS
 */
FETH_API FETH_MUST_CHECK int fethif_dispatch(struct fethif *f, struct feth_error *err);

/** Send what is queued now. */
FETH_API void fethif_flush(struct fethif *f);

/**
 * Wait and dispatch until fethif_stop() or an error.
 * @return 0 once stopped; FETH_EGONE when the interface was destroyed; FETH_ESYS
 */
FETH_API FETH_MUST_CHECK int fethif_run(struct fethif *f, struct feth_error *err);

/** Make fethif_run() return, now or when it is next called.  Any thread, and signal handlers. */
FETH_API void fethif_stop(struct fethif *f);

/** What the driver counted, beside the handle's own statistics. */
struct fethif_stats {
    uint64_t rx_borrowed;     /**< frames given to lwIP in place */
    uint64_t rx_copied;       /**< frames copied: fragments, and all while lwIP holds half of the buffers */
    uint64_t rx_dropped;      /**< frames lwIP did not get or take: cut, over 65535 bytes, no memory */
    uint64_t rx_csum_trusted; /**< frames whose transport checksum was known good */
    uint64_t rx_acks_joined;  /**< acknowledgements that lwIP need not see, since the next says more */
    uint64_t tx_queued;       /**< frames that went into a batch */
    uint64_t tx_large;        /**< frames sent that were made of several of these, to be segmented again */
    uint64_t tx_copied;       /**< of these, frames that had to be copied */
    uint64_t tx_csum_left;    /**< of these, frames whose checksum was left to the kernel */
    uint64_t tx_acks_joined;  /**< of these, acknowledgements not sent, since the next says more */
    uint64_t tx_dropped;      /**< frames the handle refused, or that found it full */
    uint64_t busy_polls;      /**< times that a turn looked for more frames */
    uint64_t busy_hits;       /**< times that it found some */
    uint64_t turns;           /**< calls of fethif_dispatch() */
};

/** Read the counters. */
FETH_API void fethif_get_stats(const struct fethif *f, struct fethif_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
