/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file buf.h
 * Receive buffers: a bounded pool of equal, reference-counted pieces of memory.  A buffer holds one frame (Linux)
 * or many (a BPF read); each frame handed out is one reference.  The last release returns it to its pool, from
 * any thread, and the pool lives until its owner has closed it and every buffer is back.
 */
#ifndef FETH_CORE_BUF_H
#define FETH_CORE_BUF_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <feth/io.h>

/** Unused bytes in front of a frame: room for a VLAN tag put back in, and an IP header aligned to 4 bytes. */
#define FETH_BUF_HEADROOM 18

struct feth_pool;

struct feth_buf {
    struct feth_pool *pool;
    struct feth_buf *next; /**< in the pool's list of free ones */
    atomic_uint refs;
    uint8_t *data; /**< the pool's buffer size in bytes, aligned to 64 */
};

/** @param size bytes of each buffer.  Memory is touched only when it is used.  @return NULL: out of memory */
struct feth_pool *feth_pool_new(unsigned buffers, size_t size);

/** The owner is done; the pool is freed when its last buffer comes back. */
void feth_pool_close(struct feth_pool *pool);

/**
 * Take up to n buffers, each with one reference, the most recently used first (its memory is still warm).
 * @return how many were free
 */
unsigned feth_pool_get(struct feth_pool *pool, struct feth_buf **bufs, unsigned n);

/** Take n more references: the caller has one already. */
void feth_buf_hold(struct feth_buf *buf, unsigned n);

/** Drop a reference. */
void feth_buf_put(struct feth_buf *buf);

#endif
