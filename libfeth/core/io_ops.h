/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file io_ops.h
 * The operations table behind struct feth_io: what a backend or a layer implements.  io.c is the front: it
 * checks arguments, waits on blocking handles, and counts frames, so that an implementation does none of it.
 */
#ifndef FETH_CORE_IO_OPS_H
#define FETH_CORE_IO_OPS_H

#include <pthread.h>
#include <stdatomic.h>

#include <feth/io.h>

struct feth_io_ops {
    const char *name; /**< of the backend or layer: "packet", "memory", "impair", … */

    /** What feth_io_backend() says; NULL: the name.  Any thread. */
    const char *(*backend)(const struct feth_io *io);

    /**
     * Receive without blocking.
     * @return 1–max frames, or a FETH_E… code as of feth_io_recv_batch()
     */
    int (*recv)(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err);

    /**
     * Send without blocking.  Each frame has 14 bytes or more, no more than FETH_FRAME_MAX, and metadata within
     * the capabilities.
     * @return 1–n frames taken, or a FETH_E… code for the first
     */
    int (*send)(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err);

    /** Whether frames are held that the descriptor does not announce; NULL: never. */
    bool (*pending)(const struct feth_io *io);

    /** The descriptor that becomes writable when a send may go on; NULL: the handle's own; -1: none tells. */
    int (*tx_fd)(const struct feth_io *io);

    /** Add what only the backend knows (kernel drops, a lower handle's losses) to the counters; may be NULL. */
    void (*stats)(const struct feth_io *io, struct feth_io_stats *stats);

    /** Free everything that the implementation holds; front and link are freed by feth_io_close(). */
    void (*close)(struct feth_io *io);
};

/** Counters: the receiving thread writes the rx ones, the sending thread the tx ones, any thread reads. */
struct feth_io_counts {
    atomic_uint_fast64_t rx_frames, rx_bytes, rx_dropped, rx_truncated, rx_errors, rx_calls;
    atomic_uint_fast64_t tx_frames, tx_bytes, tx_dropped, tx_errors, tx_calls;
};

/** The common head: an implementation's struct starts with it. */
struct feth_io {
    const struct feth_io_ops *ops;
    struct feth_io *lower; /**< what a layer wraps, or NULL; closed by the front */
    char name[FETH_NAME_SIZE];
    int fd; /**< the pollable descriptor; owned by the implementation */
    unsigned caps;
    unsigned rx_buffers;
    bool nonblock;
    struct feth_io_counts counts;

    pthread_mutex_t link_lock;
    struct feth_link link; /**< of a backend; a layer's is its lower handle's */

    struct feth_frame held; /**< taken by feth_io_recv() but too large for the caller's memory */
    bool has_held;
};

/**
 * Allocate a zeroed handle of the given size (an implementation's struct) with its head set up.
 * @return NULL when out of memory
 */
struct feth_io *feth_io_new(size_t size, const struct feth_io_ops *ops, const char *name);

/** Free a handle that was never handed out: the opposite of feth_io_new(). */
void feth_io_delete(struct feth_io *io);

/** Note a change of the link; the change counter goes up where anything differs.  Any thread. */
void feth_io_set_link(struct feth_io *io, const struct feth_link *link);

static inline void feth_count(atomic_uint_fast64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

#endif
