/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving by a BPF device, and learning there what has become of the interface. */
#include <errno.h>
#include <unistd.h>

#include "core/fail.h"
#include "darwin/io_priv.h"

static void read_link(struct bpf_io *b, bool detached, struct feth_link *link)
{
    feth_io_get_link(&b->io, link);
    bool news = feth_ifwatch_news(&b->watch), due = feth_bpf_io_look_is_due(b);
    b->unlooked = 0;
    if (detached)
        feth_ifwatch_gone(link);
    else if ((news || due) && !link->gone)
        feth_ifwatch_look(&b->watch, link);
    if (due || !link->carrier)
        b->far_known = false;
    feth_io_set_link(&b->io, link);
}

/* There is always something to receive: the interface may have changed all the same. */
static void look_in_passing(struct bpf_io *b)
{
    enum { LOOK_EVERY = 64 };
    struct feth_link link;

    if (++b->unlooked >= LOOK_EVERY)
        read_link(b, false, &link);
}

/* Nothing to receive: has the interface changed? */
static int look_at_link(struct bpf_io *b, bool detached, struct feth_error *err)
{
    struct feth_io *io = &b->io;
    struct feth_link link;

    read_link(b, detached, &link);
    if (link.gone)
        return feth_fail(err, FETH_EGONE, ENXIO, "receive", io->name, "the interface was destroyed");
    if (link.up)
        b->down_told = false;
    else if (!b->down_told) {
        b->down_told = true;
        return feth_fail(err, FETH_EDOWN, ENETDOWN, "receive", io->name, "the interface went down");
    }
    (void)feth_os_waitset_settle(b->waitset);
    return feth_fail(err, FETH_EAGAIN, 0, "receive", io->name, NULL);
}

/* Read what the kernel has.  @return 0, or a FETH_E… code */
static int read_more(struct bpf_io *b, struct feth_error *err)
{
    struct feth_io *io = &b->io;
    ssize_t got;

    if (b->emptied) {
        b->emptied = false;
        /* has to be asked before anybody waits; where it knows of nothing at all the rest needs not be asked */
        if (!feth_os_waitset_settle(b->waitset)) {
            b->unlooked = 0;
            return feth_fail(err, FETH_EAGAIN, 0, "receive", io->name, NULL);
        }
    }
    if (!b->buf && feth_pool_get(b->pool, &b->buf, 1) == 0)
        return feth_fail(err, FETH_ENOBUFS, 0, "receive", io->name, NULL);
    do {
        feth_count(&io->counts.rx_calls, 1);
        got = read(b->bpf.fd, b->buf->data, b->bpf.bytes); /* any other length is refused */
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        b->emptied = true;
        look_in_passing(b);
        if (!b->far_known) /* somebody has come since */
            feth_bpf_io_learn(b);
        feth_records_begin(&b->records, b->buf->data, (size_t)got);
        return 0;
    }
    if (got == 0 || errno == EAGAIN)
        return look_at_link(b, false, err);
    if (errno == ENXIO)
        return look_at_link(b, true, err);
    return feth_fail(err, FETH_ESYS, errno, "receive", io->name, "the BPF device cannot be read");
}

/* Lend out the next frames of what was read.  @return how many; 0: there were none left */
static int take(struct bpf_io *b, struct feth_frame *frames, unsigned max)
{
    struct feth_record record;
    struct feth_link link;
    unsigned got = 0, mtu = 0;

    bool describe = b->assist.rx_csum || b->assist.rx_tso;

    if (describe) {
        feth_io_get_link(&b->io, &link);
        mtu = link.mtu;
    }
    while (got < max && feth_records_left(&b->records)) {
        if (feth_records_next(&b->records, &record) != FETH_RECORDS_ONE || record.len < FETH_FRAME_MIN) {
            feth_count(&b->io.counts.rx_errors, 1);
            continue;
        }
        struct feth_frame *frame = &frames[got++];
        *frame = (struct feth_frame){
            .data = record.data,
            .len = record.len < FETH_FRAME_MAX ? record.len : FETH_FRAME_MAX,
            .wire_len = record.wire_len,
            .buf = b->buf,
        };
        if (describe && frame->wire_len == frame->len)
            feth_rx_describe(frame, &b->assist, mtu);
    }
    if (got)
        feth_buf_hold(b->buf, got);
    if (!feth_records_left(&b->records)) {
        feth_buf_put(b->buf); /* frames of it may still be out: the next read needs another one */
        b->buf = NULL;
    }
    return (int)got;
}

int feth_bpf_io_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct bpf_io *b = bpf_of(io);

    for (;;) {
        if (!feth_records_left(&b->records)) {
            int ret = read_more(b, err);
            if (ret < 0)
                return ret;
        }
        int n = take(b, frames, max);
        if (n > 0)
            return n;
    }
}

bool feth_bpf_io_pending(const struct feth_io *io)
{
    return feth_records_left(&((const struct bpf_io *)io)->records);
}
