/* SPDX-License-Identifier: Apache-2.0 */
#include "core/buf.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define BUF_ALIGN 64 /* a cache line; also more than any header needs */

struct feth_pool {
    pthread_mutex_t lock;
    struct feth_buf *free;
    unsigned out; /* buffers not in the free list */
    bool closed;
    uint8_t *memory;
    struct feth_buf bufs[];
};

struct feth_pool *feth_pool_new(unsigned buffers, size_t size)
{
    size_t stride = (size + BUF_ALIGN - 1) / BUF_ALIGN * BUF_ALIGN;
    if (buffers == 0 || size == 0 || stride < size || stride > SIZE_MAX / buffers)
        return NULL;

    struct feth_pool *pool = calloc(1, sizeof(*pool) + buffers * sizeof(pool->bufs[0]));
    if (!pool)
        return NULL;
    /* One large piece: the system gives it page by page as it is touched, so a pool sized for the largest frames
     * costs what the frames that really come are worth. */
    void *memory = NULL;
    if (posix_memalign(&memory, BUF_ALIGN, stride * buffers) != 0 ||
        pthread_mutex_init(&pool->lock, NULL) != 0) {
        free(memory);
        free(pool);
        return NULL;
    }
    pool->memory = memory;
    for (unsigned i = buffers; i-- > 0;) {
        struct feth_buf *buf = &pool->bufs[i];
        buf->pool = pool;
        buf->data = pool->memory + (size_t)i * stride;
        buf->next = pool->free;
        pool->free = buf;
    }
    return pool;
}

static void pool_free(struct feth_pool *pool)
{
    pthread_mutex_destroy(&pool->lock);
    free(pool->memory);
    free(pool);
}

void feth_pool_close(struct feth_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    bool last = pool->out == 0;
    pthread_mutex_unlock(&pool->lock);
    if (last)
        pool_free(pool);
}

unsigned feth_pool_get(struct feth_pool *pool, struct feth_buf **bufs, unsigned n)
{
    unsigned got = 0;

    pthread_mutex_lock(&pool->lock);
    while (got < n && pool->free) {
        struct feth_buf *buf = pool->free;
        pool->free = buf->next;
        atomic_store_explicit(&buf->refs, 1, memory_order_relaxed);
        bufs[got++] = buf;
    }
    pool->out += got;
    pthread_mutex_unlock(&pool->lock);
    return got;
}

void feth_buf_hold(struct feth_buf *buf, unsigned n)
{
    atomic_fetch_add_explicit(&buf->refs, n, memory_order_relaxed);
}

void feth_buf_put(struct feth_buf *buf)
{
    /* acq_rel: whoever takes the buffer next sees all that the other holders did with it */
    if (atomic_fetch_sub_explicit(&buf->refs, 1, memory_order_acq_rel) != 1)
        return;

    struct feth_pool *pool = buf->pool;
    pthread_mutex_lock(&pool->lock);
    buf->next = pool->free;
    pool->free = buf;
    bool last = --pool->out == 0 && pool->closed;
    pthread_mutex_unlock(&pool->lock);
    if (last)
        pool_free(pool);
}
