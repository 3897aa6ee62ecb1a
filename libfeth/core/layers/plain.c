/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handle without offload over one with: large frames are cut as they are asked for, unfinished checksums completed
 * where they lie.
 */
#include "core/buf.h"
#include "core/fail.h"
#include "core/layers/layer.h"
#include "core/offload.h"

#define BATCH 64

struct plain_io {
    struct feth_io io;
    struct feth_pool *pool; /* for the pieces of large frames */
    struct feth_frame frames[BATCH];
    unsigned at, n;      /* frames[at..n-1] are still to be handed out */
    struct feth_gso gso; /* of frames[at], where cutting */
    bool cutting;
};

static void drop_first(struct plain_io *p)
{
    feth_frames_release(&p->frames[p->at++], 1);
    p->cutting = false;
}

/* The next piece of the frame under way.  @return 1; 0: it is used up; FETH_ENOBUFS */
static int cut(struct plain_io *p, struct feth_frame *out)
{
    struct feth_buf *buf;

    if (feth_pool_get(p->pool, &buf, 1) == 0)
        return FETH_ENOBUFS;
    uint8_t *data = buf->data + FETH_BUF_HEADROOM;
    size_t len = feth_gso_next(&p->gso, data);
    if (len == 0) {
        feth_buf_put(buf);
        drop_first(p);
        return 0;
    }
    *out = (struct feth_frame){.data = data, .len = (uint32_t)len, .wire_len = (uint32_t)len, .buf = buf};
    return 1;
}

/* Hand out the first of the frames at hand.  @return 1; 0: it was not to be handed out; FETH_ENOBUFS */
static int take(struct plain_io *p, struct feth_frame *out)
{
    struct feth_frame *frame = &p->frames[p->at];

    if (p->cutting)
        return cut(p, out);
    if (frame->offload.gso_type != FETH_GSO_NONE) {
        if (frame->wire_len > frame->len || !feth_gso_begin(&p->gso, frame)) {
            feth_count(&p->io.counts.rx_errors, 1);
            drop_first(p);
            return 0;
        }
        p->cutting = true;
        return cut(p, out);
    }
    if (frame->wire_len > frame->len)
        frame->offload = (struct feth_offload){0}; /* cut: its checksum is lost either way */
    feth_offload_complete(frame);
    *out = *frame;
    p->at++;
    return 1;
}

static int plain_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct plain_io *p = (struct plain_io *)io;
    unsigned got = 0;

    for (;;) {
        while (p->at < p->n && got < max) {
            int ret = take(p, &frames[got]);
            if (ret == FETH_ENOBUFS)
                return got ? (int)got : feth_fail(err, ret, 0, "receive", io->name, NULL);
            got += (unsigned)ret;
        }
        if (got)
            return (int)got;
        int n = feth_io_recv_batch(io->lower, p->frames, max < BATCH ? max : BATCH, err);
        if (n < 0)
            return n;
        p->at = 0;
        p->n = (unsigned)n;
    }
}

static int plain_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    return feth_io_send_batch(io->lower, frames, n, err);
}

static bool plain_pending(const struct feth_io *io)
{
    const struct plain_io *p = (const struct plain_io *)io;

    return p->at < p->n || feth_io_pending(io->lower);
}

static void plain_close(struct feth_io *io)
{
    struct plain_io *p = (struct plain_io *)io;

    feth_frames_release(p->frames + p->at, p->n - p->at);
    feth_pool_close(p->pool);
}

static const struct feth_io_ops plain_ops = {
    .name = "plain",
    .recv = plain_recv,
    .send = plain_send,
    .pending = plain_pending,
    .close = plain_close,
};

int feth_io_plain(struct feth_io **io, struct feth_error *err)
{
    if ((*io)->caps == 0)
        return 0;
    struct feth_io *layer = feth_layer_new(sizeof(struct plain_io), &plain_ops, *io);
    struct feth_pool *pool = feth_pool_new((*io)->rx_buffers, FETH_BUF_HEADROOM + FETH_FRAME_MAX);
    if (!layer || !pool) {
        if (layer)
            feth_layer_delete(layer);
        feth_pool_close(pool);
        return feth_fail(err, FETH_ENOMEM, 0, "take offload off", (*io)->name, NULL);
    }
    ((struct plain_io *)layer)->pool = pool;
    layer->caps = 0;
    *io = layer;
    return 0;
}
