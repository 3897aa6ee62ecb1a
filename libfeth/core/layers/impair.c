/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An impaired cable: a wire (wire.h) in each direction, and the clock and descriptors that drive them.  Whatever the
 * receiving thread does, it also sends on what has become due on the sending side, so that a user needs nothing but
 * the descriptor.
 */
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/fail.h"
#include "core/layers/layer.h"
#include "core/layers/wire.h"
#include "core/offload.h"
#include "core/os.h"

#define BATCH     64
#define DRAIN_MAX 4096              /* frames taken from below in one call, so that it ends */
#define RETRY_NS  UINT64_C(1000000) /* the handle below is full: look again */
#define VLAN_TAG  4

struct impair_io {
    struct feth_io io;
    struct feth_os_waitset *waitset;
    struct feth_pool *pool; /* for received frames, when they are handed out */
    struct feth_wire rx;    /* the receiving thread's */
    bool rx_more;           /* frames are due that the last call had no room for */
    bool rx_below;          /* the last call did not take all from below */
    int news;               /* FETH_EDOWN to be told once the frames before it are */
    pthread_mutex_t lock;   /* of all below: both threads send */
    struct feth_wire tx;
    uint64_t retry;  /* when to try below again; 0: now */
    uint64_t rx_due; /* as of the last receive */
    uint64_t timer;  /* what the timer is set to */
};

static uint64_t clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* With the lock held: let the descriptor become readable when there is something to do. */
static void set_timer(struct impair_io *p)
{
    uint64_t tx = feth_wire_next_due(&p->tx), at;

    if (tx && p->retry > tx)
        tx = p->retry;
    at = sooner(p->rx_due, tx);
    if (at != p->timer) {
        p->timer = at;
        feth_os_waitset_timer(p->waitset, at);
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

static void drop_tx(struct impair_io *p, unsigned n)
{
    while (n--)
        feth_wire_drop_first(&p->tx);
}

/* With the lock held: hand down what is due.  @return 0, or why nothing can be sent any more */
static int send_due(struct impair_io *p, uint64_t now, struct feth_error *err)
{
    struct feth_tx batch[BATCH];
    struct iovec iov[BATCH];

    if (p->retry > now)
        return 0;
    p->retry = 0;
    for (struct feth_wire_frame *first; (first = feth_wire_due(&p->tx, now));) {
        unsigned n = 0;
        for (struct feth_wire_frame *f = first; f && n < BATCH; f = feth_wire_due_after(f, now)) {
            iov[n] = (struct iovec){.iov_base = f->data, .iov_len = f->len};
            batch[n] = (struct feth_tx){.iov = &iov[n], .iovcnt = 1};
            n++;
        }
        int sent = feth_io_send_batch(p->io.lower, batch, n, err);
        if (sent == FETH_EAGAIN) {
            p->retry = now + RETRY_NS;
            return 0;
        }
        if (sent == FETH_EDOWN || sent == FETH_EGONE) {
            /* none of it may leave once the interface is back: the sender is about to be told that it did not */
            for (n = 0; feth_wire_due(&p->tx, now); n++)
                drop_tx(p, 1);
            feth_count(&p->io.counts.tx_dropped, n);
            return sent;
        }
        if (sent < 0) { /* this one frame is refused, the MTU may have shrunk meanwhile */
            feth_count(&p->io.counts.tx_dropped, 1);
            sent = 1;
        }
        drop_tx(p, (unsigned)sent);
    }
    return 0;
}

static size_t tx_len(const struct feth_tx *tx)
{
    size_t len = 0;

    for (unsigned i = 0; i < tx->iovcnt; i++)
        len += tx->iov[i].iov_len;
    return len;
}

static int impair_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct impair_io *p = (struct impair_io *)io;
    struct feth_link link;
    unsigned taken = 0;
    int ret = 0;

    feth_io_get_link(io, &link);
    uint64_t now = clock_now();
    pthread_mutex_lock(&p->lock);
    uint64_t dropped = p->tx.dropped;
    int down = send_due(p, now, err); /* what waited goes first; if it cannot, nothing new is taken */
    for (; down == 0 && taken < n; taken++) {
        size_t len = tx_len(&frames[taken]);
        if (len > link.mtu + (size_t)FETH_FRAME_MIN + VLAN_TAG) {
            ret = FETH_ELONG;
            break;
        }
        feth_wire_put(&p->tx, frames[taken].iov, frames[taken].iovcnt, len, now);
    }
    feth_count(&io->counts.tx_dropped, p->tx.dropped - dropped);
    if (taken)
        down = send_due(p, now, err);
    set_timer(p);
    pthread_mutex_unlock(&p->lock);
    if (down < 0)
        return down;
    if (taken == 0 && ret < 0)
        return feth_fail(err, ret, 0, "send", io->name, "the frame exceeds the MTU of %u bytes", link.mtu);
    return (int)taken;
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* Take what is there from below, up to the bound.  @return FETH_EAGAIN, or what the handle below said last */
static int drain(struct impair_io *p, uint64_t now, struct feth_error *err)
{
    struct feth_frame frames[BATCH];
    uint64_t dropped = p->rx.dropped;
    int n = FETH_EAGAIN;

    for (unsigned taken = 0; taken < DRAIN_MAX; taken += (unsigned)n) {
        n = feth_io_recv_batch(p->io.lower, frames, BATCH, err);
        if (n < 0)
            break;
        for (int i = 0; i < n; i++) {
            struct iovec iov = {.iov_base = frames[i].data, .iov_len = frames[i].len};
            if (frames[i].wire_len > frames[i].len || frames[i].len > FETH_FRAME_MAX)
                feth_count(&p->io.counts.rx_errors, 1); /* cut, or more than our buffers hold */
            else
                feth_wire_put(&p->rx, &iov, 1, iov.iov_len, now);
        }
        feth_frames_release(frames, (unsigned)n);
    }
    feth_count(&p->io.counts.rx_dropped, p->rx.dropped - dropped);
    p->rx_below = n > 0;
    return n < 0 ? n : FETH_EAGAIN;
}

/* Hand out what is due.  @return how many */
static unsigned deliver(struct impair_io *p, struct feth_frame *frames, unsigned max, uint64_t now)
{
    struct feth_wire_frame *f;
    struct feth_buf *buf;
    unsigned got = 0;

    while (got < max && (f = feth_wire_due(&p->rx, now)) && feth_pool_get(p->pool, &buf, 1) == 1) {
        frames[got] = (struct feth_frame){
            .data = buf->data + FETH_BUF_HEADROOM, .len = f->len, .wire_len = f->len, .buf = buf};
        memcpy(frames[got].data, f->data, f->len);
        feth_wire_drop_first(&p->rx);
        got++;
    }
    p->rx_more = feth_wire_due(&p->rx, now) != NULL;
    return got;
}

static int impair_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct impair_io *p = (struct impair_io *)io;
    uint64_t now = clock_now();

    int news = drain(p, now, err);
    if (news == FETH_EGONE)
        feth_wire_hurry(&p->rx, now);
    else if (news != FETH_EAGAIN)
        p->news = news;
    unsigned got = deliver(p, frames, max, now);

    pthread_mutex_lock(&p->lock);
    (void)send_due(p, now, NULL); /* the sender hears of it when it next sends, the receiver from the link */
    p->rx_due = feth_wire_next_due(&p->rx);
    if (p->rx_more) /* told by pending, too; without buffers there is no use in waking at once */
        p->rx_due = now + RETRY_NS;
    else if (p->rx_below) /* the descriptor below may be silent about what is held there */
        p->rx_due = now;
    set_timer(p);
    pthread_mutex_unlock(&p->lock);
    if (!p->rx_below)
        (void)feth_os_waitset_settle(p->waitset);

    if (got)
        return (int)got;
    if (p->rx_more)
        return feth_fail(err, FETH_ENOBUFS, 0, "receive", io->name, NULL);
    if (news == FETH_EAGAIN && p->news) {
        news = p->news;
        feth_fail(err, news, 0, "receive", io->name, NULL);
    }
    p->news = 0;
    return news;
}

static bool impair_pending(const struct feth_io *io)
{
    const struct impair_io *p = (const struct impair_io *)io;

    return p->rx_more || p->news || feth_io_pending(io->lower);
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

/* What waits in the wires is taken at once: the layer is never full. */
static int impair_tx_fd(const struct feth_io *io)
{
    return io->fd;
}

static void impair_close(struct feth_io *io)
{
    struct impair_io *p = (struct impair_io *)io;

    feth_wire_close(&p->rx);
    feth_wire_close(&p->tx);
    feth_os_waitset_close(p->waitset);
    feth_pool_close(p->pool);
    pthread_mutex_destroy(&p->lock);
}

static const struct feth_io_ops impair_ops = {
    .name = "impair",
    .recv = impair_recv,
    .send = impair_send,
    .pending = impair_pending,
    .tx_fd = impair_tx_fd,
    .close = impair_close,
};

static bool is_probability(double p)
{
    return p >= 0 && p <= 1; /* and not NaN */
}

static int check(const struct feth_impairment *i, const char *way, const char *ifname, struct feth_error *err)
{
    static const uint64_t hour = UINT64_C(3600) * 1000000000u;

    if (!is_probability(i->loss) || !is_probability(i->duplicate) || !is_probability(i->reorder) ||
        !is_probability(i->corrupt))
        return feth_fail(err, FETH_EINVAL, 0, "impair", ifname, "a probability (%s) is not within 0 to 1",
                         way);
    if (i->delay_ns > hour || i->jitter_ns > hour)
        return feth_fail(err, FETH_EINVAL, 0, "impair", ifname, "a delay (%s) is over an hour", way);
    return 0;
}

int feth_io_impair(struct feth_io **io, const struct feth_impair_config *config, struct feth_error *err)
{
    const char *name = (*io)->name;

    if (!config || config->size != sizeof(*config))
        return feth_fail(err, FETH_EINVAL, 0, "impair", name,
                         "the config's size is not set: use FETH_IMPAIR_CONFIG_INIT");
    int ret = check(&config->rx, "receiving", name, err);
    if (ret == 0)
        ret = check(&config->tx, "sending", name, err);
    if (ret < 0)
        return ret;

    struct feth_io *layer = feth_layer_new(sizeof(struct impair_io), &impair_ops, *io);
    if (!layer)
        return feth_fail(err, FETH_ENOMEM, 0, "impair", name, NULL);
    struct impair_io *p = (struct impair_io *)layer;
    p->pool = feth_pool_new(layer->rx_buffers, FETH_BUF_HEADROOM + FETH_FRAME_MAX);
    if (!p->pool || pthread_mutex_init(&p->lock, NULL) != 0) {
        feth_pool_close(p->pool);
        feth_layer_delete(layer);
        return feth_fail(err, FETH_ENOMEM, 0, "impair", name, NULL);
    }
    /* the two directions draw from the one seed, each its own run */
    struct feth_random seeds = {.state = config->seed};
    feth_wire_open(&p->rx, &config->rx, feth_random_next(&seeds));
    feth_wire_open(&p->tx, &config->tx, feth_random_next(&seeds));
    ret = feth_os_waitset_open(&p->waitset, err);
    if (ret == 0)
        ret = feth_os_waitset_add(p->waitset, (*io)->fd, err);
    /* last, since it wraps the handle itself: a wire carries what is finished */
    if (ret == 0)
        ret = feth_io_plain(&layer->lower, err);
    if (ret < 0) {
        impair_close(layer);
        feth_layer_delete(layer);
        return ret;
    }
    layer->fd = feth_os_waitset_fd(p->waitset);
    layer->caps = 0;
    *io = layer;
    return 0;
}
