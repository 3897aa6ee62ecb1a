/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fethif_priv.h
 * The driver's inside: one struct, and who does what to it.
 *
 *     fethif.c    making, freeing, turns of the loop, waiting
 *     link.c      the interface's state becomes the netif's
 *     busy.c      looking for more frames before the caller sleeps
 *     ack.c       acknowledgements that the next one makes needless
 *     rx.c        received frames become pbufs
 *     tx.c        pbufs become frames, queued and sent in batches
 *     tso.c       segments and datagrams that follow each other become one large frame
 *     uso.c       a large frame of datagrams is cut for lwIP
 *     headers.c   where the transport header is, and whether its checksum can be left to others
 */
#ifndef NETIF_FETHIF_PRIV_H
#define NETIF_FETHIF_PRIV_H

#include <stdbool.h>

#include "lwip/etharp.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "netif/fethif.h"

#if !LWIP_SUPPORT_CUSTOM_PBUF || !LWIP_CHECKSUM_CTRL_PER_NETIF
#error "lwipopts.h: the driver needs LWIP_SUPPORT_CUSTOM_PBUF and LWIP_CHECKSUM_CTRL_PER_NETIF"
#endif

/** A pbuf's length has 16 bits and includes the Ethernet header. */
#define FETHIF_FRAME_MAX 65535
#define FETHIF_MTU_MAX   (FETHIF_FRAME_MAX - SIZEOF_ETH_HDR)
#define FETHIF_MTU_MIN   68 /* RFC 791, 3.2 */

#define FETHIF_RX_BATCH  64  /* frames of one receive call */
#define FETHIF_RX_TURN   256 /* frames of one turn: then timers, sending and other descriptors are due */
#define FETHIF_TX_FRAMES 128 /* frames of one send call at most */
#define FETHIF_TX_PBUFS  2048
#define FETHIF_TX_PIECES 4096

/** The longest headers of a large frame: Ethernet, IPv4 or IPv6 with options, TCP with options. */
#define FETHIF_HEADER_MAX 160

/* ---- frames ------------------------------------------------------------------------------------------------- */

/** Where the transport layer of a frame is. */
struct fethif_l4 {
    uint8_t protocol; /**< IP_PROTO_TCP, …; 0: not an IP packet, or headers that are cut or unknown */
    bool fragment;    /**< of a larger packet: a checksum does not belong to this frame alone */
    uint16_t start;   /**< of the transport header, from the start of the frame */
    uint16_t len;     /**< of the transport header and its payload, as the IP header has it */
};

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/** A received frame in lwIP's hands: a pbuf on the frame's own memory. */
struct fethif_rx_pbuf {
    struct pbuf_custom custom; /* first: lwIP gives us back a pointer to it */
    struct fethif_rx_pool *pool;
    struct fethif_rx_pbuf *next; /* in the list of free ones */
    struct feth_frame frame;
};

/**
 * All of them.  Their number bounds how many receive buffers lwIP may hold; beyond it frames are copied, so that a
 * slow application does not stop reception.  The pool outlives the driver while pbufs are out.
 */
struct fethif_rx_pool {
    struct fethif_rx_pbuf *free;
    unsigned out;
    bool closed;
    struct fethif_rx_pbuf pbufs[];
};

/* ---- sending ------------------------------------------------------------------------------------------------ */

/** Segments that have become one frame, the last of the queue. */
struct fethif_run {
    bool open;             /**< the next segment may join */
    uint8_t protocol;      /**< IP_PROTO_TCP, IP_PROTO_UDP */
    const uint8_t *header; /**< the first one's headers; the queue's own copy once there are two */
    uint16_t hdr_len, ip_len;
    uint32_t size;    /**< payload of each segment but the last */
    uint32_t payload; /**< of all */
    uint32_t next_seq;
    uint8_t flags;     /**< of all, or-ed */
    unsigned segments; /**< 0: none */
};

/**
 * Frames on their way: frame i is frames[i], made of segments[i] pbufs of lwIP's, which keep its memory.  pbufs and
 * iov are those of frames[0], frames[1], … without gaps.  Frame i may have a header of the queue's own, which stays
 * where it is while others leave: headers[(first_header + i) % FETHIF_TX_FRAMES].
 */
struct fethif_tx_queue {
    unsigned n, n_pbufs, pieces;
    bool blocked; /**< the handle took no more: tried again at the next turn */
    struct fethif_run run;
    struct feth_tx frames[FETHIF_TX_FRAMES];
    unsigned segments[FETHIF_TX_FRAMES];
    struct pbuf *pbufs[FETHIF_TX_PBUFS];
    struct iovec iov[FETHIF_TX_PIECES];
    unsigned first_header;
    uint8_t headers[FETHIF_TX_FRAMES][FETHIF_HEADER_MAX];
};

/* ---- busy polling ------------------------------------------------------------------------------------------- */

struct fethif_busy {
    uint64_t limit_ns; /**< of the config; 0: never */
    uint64_t until,
        end;         /**< of CLOCK_MONOTONIC: when looking ends unless something is found, and whatever is */
    bool hit;        /**< this look has found something */
    unsigned misses; /**< looks in a row that found nothing */
    unsigned skip;   /**< turns until the next look */
};

/* ---- the driver --------------------------------------------------------------------------------------------- */

struct fethif {
    struct feth_io *io;
    struct netif *netif; /**< between netif_add() and netif_remove() */
    bool own_mac;        /**< the config's MAC address, not one made of the interface's */
    uint8_t mac[ETH_HWADDR_LEN];
    unsigned mtu; /**< of the config, or 0 */
    void (*link_changed)(struct netif *netif, const struct feth_link *link, void *arg);
    void *arg;

    struct feth_link link; /**< as the netif has it */
    bool in_turn;          /**< within fethif_dispatch(): sending waits for its end */
    bool more;             /**< the last turn ended with frames still there */
    bool tx_csum;          /**< TCP checksums are left to the handle, not lwIP's to make */
    unsigned tx_tso; /**< FETH_CAP_TX_TSO4, …_TSO6, …_USO: large frames are left to the handle to segment */
    int stop[2];     /**< a pipe: fethif_stop() writes, fethif_run() waits */

    struct fethif_busy busy;
    struct fethif_rx_pool *rx;
    struct fethif_tx_queue tx;
    struct fethif_stats stats;
};

/** Describe a failure of the driver's own.  @return code */
int fethif_fail(struct feth_error *err, int code, int sys_errno, const char *op, const char *ifname,
                const char *reason);

/** Take over the interface's state for a netif that is being added: address, MTU, link. */
void fethif_link_init(struct fethif *f);

/** Tell the netif what has changed since it was last told. */
void fethif_link_update(struct fethif *f);

/** A turn has received this many frames: is looking for more worth it? */
bool fethif_busy_begin(struct fethif *f, int received);

/** Whether to look once more.  @param received by the last look */
bool fethif_busy_on(struct fethif *f, int received);

/** @param buffers the handle's receive buffers.  @return NULL: out of memory */
struct fethif_rx_pool *fethif_rx_open(unsigned buffers);
void fethif_rx_close(struct fethif_rx_pool *pool);

/** Give frames to lwIP, or release them. */
void fethif_rx(struct fethif *f, struct feth_frame *frames, unsigned n);

/** A pbuf for a received frame of len bytes, with the IP header at a multiple of 4 where the length allows; NULL: no memory */
struct pbuf *fethif_rx_alloc(size_t len);

/** Whether a frame that claims to hold several datagrams of UDP does. */
bool fethif_uso_cuttable(const struct feth_frame *frame, const struct fethif_l4 *l4);

/** How many there are in a frame that fethif_uso_cuttable() found good. */
unsigned fethif_uso_datagrams(const struct feth_frame *frame, const struct fethif_l4 *l4);

/** A frame of its own for one of them, from 0 on.  @return NULL: no memory */
struct pbuf *fethif_uso_cut(const struct feth_frame *frame, const struct fethif_l4 *l4, unsigned number);

/** Whether a pbuf is a received frame itself, whose memory stays as it is while there is a reference. */
bool fethif_rx_is_received(const struct pbuf *p);

/** netif->linkoutput: queue a frame; outside a turn send it at once.  @return ERR_OK; ERR_MEM */
err_t fethif_linkoutput(struct netif *netif, struct pbuf *p);

/** Forget the queued frames, counting them as dropped. */
void fethif_tx_discard(struct fethif *f);

/** A frame that was just queued may be the first of a run. */
void fethif_run_begin(struct fethif *f, const struct pbuf *p, const struct fethif_l4 *l4);

/**
 * Make a frame part of the run at the queue's end.
 * @param p taken over with true
 * @param pieces that the chain has
 * @return false: it does not continue it
 */
bool fethif_run_join(struct fethif *f, struct pbuf *p, unsigned pieces, const struct fethif_l4 *l4);

/** Finish the last frame's headers and metadata: another frame follows, or it is to be sent. */
void fethif_run_end(struct fethif *f);

/**
 * Whether a frame is a TCP acknowledgement and no more, and so is the next, which acknowledges more: then the first
 * need not be looked at, or sent.
 */
bool fethif_ack_superseded(const uint8_t *first, size_t first_len, const uint8_t *second, size_t second_len);

/** @param len bytes at frame: all of it or its headers */
void fethif_find_l4(const uint8_t *frame, size_t len, struct fethif_l4 *l4);

/** The sum of the pseudo-header, folded, as it goes into an unfinished checksum.  Of a frame with protocol != 0. */
uint16_t fethif_pseudo_sum(const uint8_t *frame, const struct fethif_l4 *l4);

#endif
