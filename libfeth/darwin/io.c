/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on macOS: in by a BPF device, many with one read, and lent out where the read put them; out by the best way
 * that the kernel has (darwin/send.c).  What the device does not tell of its interface is learnt by events and a look
 * once a second (darwin/watch.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/fail.h"
#include "core/io_ops.h"
#include "core/os.h"
#include "darwin/bpf.h"
#include "darwin/index.h"
#include "darwin/pace.h"
#include "darwin/records.h"
#include "darwin/send.h"
#include "darwin/watch.h"

/* The kernel fills one buffer while the other is read.  One has to hold the largest frame. */
#define BPF_BYTES_LEAST (FETH_FRAME_MAX + 4096)
#define BPF_BYTES_MOST  (4u << 20)
/* Of addresses, not of memory: a page is there from when a read first reaches it. */
#define POOL_BYTES_MOST ((size_t)1 << 30)

#define LOOK_NS  1000000000u /* between two looks at the interface */
#define RETRY_NS 200000u     /* until a full output queue has room again */

struct bpf_io {
    struct feth_io io;
    struct feth_bpf bpf;
    struct feth_sender sender;
    struct feth_pace pace;
    unsigned tx_mtu,
        tx_mtu_at; /* looked up by the sending thread, when the link had changed so often; 0: not */
    struct feth_ifwatch watch;
    bool watching;
    struct feth_os_waitset *waitset;

    struct feth_pool *pool;
    struct feth_buf *buf; /* what the last read filled, or the next one will; NULL: none */
    struct feth_records records;
    bool down_told; /* FETH_EDOWN was returned for this time down */

    pthread_mutex_t timer_lock; /* a thread that sends sets the timer too */
    bool has_timer_lock;
    uint64_t look_at, retry_at, timer_at; /* of CLOCK_MONOTONIC, in nanoseconds; 0: never */
    atomic_uint_fast64_t queue_drops;
};

static struct bpf_io *bpf_of(struct feth_io *io)
{
    return (struct bpf_io *)io;
}

/* ---- the clock ---------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Under the lock. */
static void set_timer(struct bpf_io *b)
{
    uint64_t at = b->retry_at && b->retry_at < b->look_at ? b->retry_at : b->look_at;

    if (at == b->timer_at)
        return;
    b->timer_at = at;
    feth_os_waitset_timer(b->waitset, at);
}

/* What is due?  @return whether to look at the interface */
static bool look_is_due(struct bpf_io *b)
{
    uint64_t now = now_ns();

    (void)pthread_mutex_lock(&b->timer_lock);
    bool due = now >= b->look_at;
    if (due)
        b->look_at = now + LOOK_NS;
    if (now >= b->retry_at) /* whoever waited to send has been woken */
        b->retry_at = 0;
    set_timer(b);
    (void)pthread_mutex_unlock(&b->timer_lock);
    return due;
}

/* No descriptor tells that the output queue has room again: wake who waits on the handle, to try. */
static void retry_soon(struct bpf_io *b)
{
    (void)pthread_mutex_lock(&b->timer_lock);
    if (b->retry_at == 0)
        b->retry_at = now_ns() + RETRY_NS;
    set_timer(b);
    (void)pthread_mutex_unlock(&b->timer_lock);
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* Nothing to receive: has the interface changed? */
static int look_at_link(struct bpf_io *b, bool detached, struct feth_error *err)
{
    struct feth_io *io = &b->io;
    struct feth_link link;

    feth_io_get_link(io, &link);
    bool news = feth_ifwatch_news(&b->watch);
    if (look_is_due(b))
        news = true;
    if (detached)
        feth_ifwatch_gone(&link);
    else if (news && !link.gone)
        feth_ifwatch_look(&b->watch, &link);
    feth_io_set_link(io, &link);
    if (link.gone)
        return feth_fail(err, FETH_EGONE, ENXIO, "receive", io->name, "the interface was destroyed");
    if (link.up)
        b->down_told = false;
    else if (!b->down_told) {
        b->down_told = true;
        return feth_fail(err, FETH_EDOWN, ENETDOWN, "receive", io->name, "the interface went down");
    }
    feth_os_waitset_settle(b->waitset);
    return feth_fail(err, FETH_EAGAIN, 0, "receive", io->name, NULL);
}

/* Read what the kernel has.  @return 0, or a FETH_E… code */
static int read_more(struct bpf_io *b, struct feth_error *err)
{
    struct feth_io *io = &b->io;
    ssize_t got;

    if (!b->buf && feth_pool_get(b->pool, &b->buf, 1) == 0)
        return feth_fail(err, FETH_ENOBUFS, 0, "receive", io->name, NULL);
    do {
        feth_count(&io->counts.rx_calls, 1);
        got = read(b->bpf.fd, b->buf->data, b->bpf.bytes); /* any other length is refused */
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
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
    unsigned got = 0;

    while (got < max && feth_records_left(&b->records)) {
        if (feth_records_next(&b->records, &record) != FETH_RECORDS_ONE || record.len < FETH_FRAME_MIN) {
            feth_count(&b->io.counts.rx_errors, 1);
            continue;
        }
        frames[got++] = (struct feth_frame){
            .data = record.data,
            .len = record.len < FETH_FRAME_MAX ? record.len : FETH_FRAME_MAX,
            .wire_len = record.wire_len,
            .buf = b->buf,
        };
    }
    if (got)
        feth_buf_hold(b->buf, got);
    if (!feth_records_left(&b->records)) {
        feth_buf_put(b->buf); /* frames of it may still be out: the next read needs another one */
        b->buf = NULL;
    }
    return (int)got;
}

static int bpf_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
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

static bool bpf_pending(const struct feth_io *io)
{
    return feth_records_left(&((const struct bpf_io *)io)->records);
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

/* The Ethernet header and one VLAN tag do not count: as BPF has it since macOS 14 (BPF_WRITE_LEEWAY). */
static size_t longest(const struct bpf_io *b, unsigned mtu)
{
    size_t most = (size_t)mtu + FETH_FRAME_MIN + 4;

    return most < b->sender.frame_max ? most : b->sender.frame_max;
}

/* The MTU.  Who only sends has not learnt of a new one: look, if the one that is known stands in the way. */
static unsigned current_mtu(struct bpf_io *b, size_t len)
{
    struct feth_link link;

    feth_io_get_link(&b->io, &link);
    if (b->tx_mtu && b->tx_mtu_at == link.changes)
        link.mtu = b->tx_mtu;
    if (len > longest(b, link.mtu) && len <= b->sender.frame_max && feth_ifwatch_mtu(&b->watch, &link.mtu)) {
        b->tx_mtu = link.mtu;
        b->tx_mtu_at = link.changes;
    }
    return link.mtu;
}

/* The kernel does not look at the MTU, and stands no frame above its own limit.  @return how many may be sent */
static unsigned short_enough(struct bpf_io *b, const struct feth_tx *frames, unsigned n)
{
    size_t most = longest(b, current_mtu(b, feth_tx_len(&frames[0])));
    unsigned fit = 0;

    while (fit < n && feth_tx_len(&frames[fit]) <= most)
        fit++;
    return fit;
}

static int too_long(struct bpf_io *b, const struct feth_tx *tx, struct feth_error *err)
{
    size_t len = feth_tx_len(tx);

    if (len > b->sender.frame_max)
        return feth_fail(err, FETH_ELONG, 0, "send", b->io.name,
                         "%zu bytes; this kernel stands no frame of more than %zu", len, b->sender.frame_max);
    return feth_fail(err, FETH_ELONG, 0, "send", b->io.name, "the frame of %zu bytes exceeds the MTU", len);
}

static int not_sent(struct bpf_io *b, int why, struct feth_error *err)
{
    const char *name = b->io.name;

    switch (why) {
    case EAGAIN:
    case ENOBUFS: /* no memory for it just now */
    case ENOMEM:
        retry_soon(b);
        return feth_fail(err, FETH_EAGAIN, why, "send", name, "the kernel has no room for it");
    case EMSGSIZE:
    case EIO: /* so BPF answers to what exceeds its own memory */
        return feth_fail(err, FETH_ELONG, why, "send", name, "the kernel finds the frame too long");
    case ENETDOWN:
        return feth_fail(err, FETH_EDOWN, why, "send", name, "bring it up first");
    case ENXIO:
    case ENODEV:
    case EPIPE: /* the socket was shut down when the interface went */
        return feth_fail(err, FETH_EGONE, why, "send", name, "the interface was destroyed");
    case EINVAL:
        return feth_fail(err, FETH_EINVAL, why, "send", name, "the kernel refuses the frame");
    default:
        return feth_fail(err, FETH_ESYS, why, "send", name, NULL);
    }
}

static int bpf_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct bpf_io *b = bpf_of(io);
    uint64_t calls = 0;
    int sent;

    unsigned fit = short_enough(b, frames, n);
    if (fit == 0)
        return too_long(b, &frames[0], err);
    unsigned room = feth_pace_ask(&b->pace, fit, now_ns());
    if (room == 0) {
        retry_soon(b);
        return feth_fail(err, FETH_EAGAIN, 0, "send", io->name, "the output queue is full");
    }
    do {
        sent = feth_sender_send(&b->sender, frames, room, &calls);
    } while (sent < 0 && errno == EINTR);
    int why = errno;
    feth_count(&io->counts.tx_calls, calls);
    if (sent < 0)
        return not_sent(b, why, err);
    feth_pace_sent(&b->pace, (unsigned)sent);
    return sent;
}

/* Either is always writable: a blocking caller tries again until there is room, or it has been patient enough. */
static int bpf_tx_fd(const struct feth_io *io)
{
    const struct bpf_io *b = (const struct bpf_io *)io;

    return b->sender.ndrv >= 0 ? b->sender.ndrv : b->bpf.fd;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static const char *bpf_backend(const struct feth_io *io)
{
    return feth_sender_name(&((const struct bpf_io *)io)->sender);
}

static void bpf_stats(const struct feth_io *io, struct feth_io_stats *stats)
{
    struct bpf_io *b =
        (struct bpf_io *)io; /* const to the caller; what the queue dropped is kept for later */
    uint64_t drops;

    stats->rx_dropped += feth_bpf_drops(&b->bpf);
    if (feth_pace_drops(&b->pace, &drops)) /* not once the interface is gone */
        atomic_store_explicit(&b->queue_drops, drops, memory_order_relaxed);
    stats->tx_dropped += atomic_load_explicit(&b->queue_drops, memory_order_relaxed);
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static void bpf_close(struct feth_io *io)
{
    struct bpf_io *b = bpf_of(io);

    feth_os_waitset_close(b->waitset);
    if (b->watching)
        feth_ifwatch_close(&b->watch);
    feth_sender_close(&b->sender);
    if (b->buf)
        feth_buf_put(b->buf);
    feth_pool_close(b->pool);
    feth_bpf_close(&b->bpf);
    if (b->has_timer_lock)
        (void)pthread_mutex_destroy(&b->timer_lock);
}

static const struct feth_io_ops bpf_ops = {
    .name = "bpf",
    .backend = bpf_backend,
    .recv = bpf_recv,
    .send = bpf_send,
    .pending = bpf_pending,
    .tx_fd = bpf_tx_fd,
    .stats = bpf_stats,
    .close = bpf_close,
};

static size_t bpf_bytes(size_t socket_buffer)
{
    size_t bytes = socket_buffer / 2;

    return bytes < BPF_BYTES_LEAST ? BPF_BYTES_LEAST : bytes > BPF_BYTES_MOST ? BPF_BYTES_MOST : bytes;
}

static int open_pool(struct bpf_io *b, unsigned buffers, struct feth_error *err)
{
    size_t most = POOL_BYTES_MOST / b->bpf.bytes;

    if (buffers > most)
        buffers = most > 2 ? (unsigned)most : 2;
    b->pool = feth_pool_new(buffers, b->bpf.bytes);
    if (!b->pool)
        return feth_fail(err, FETH_ENOMEM, 0, "open", b->io.name,
                         "no memory for %u receive buffers of %u bytes", buffers, (unsigned)b->bpf.bytes);
    b->io.rx_buffers = buffers; /* each can lend out many frames, and one at least */
    return 0;
}

static int open_waiting(struct bpf_io *b, struct feth_error *err)
{
    int ret;

    if (pthread_mutex_init(&b->timer_lock, NULL) != 0)
        return feth_fail(err, FETH_ENOMEM, 0, "open", b->io.name, NULL);
    b->has_timer_lock = true;
    if ((ret = feth_os_waitset_open(&b->waitset, err)) < 0 ||
        (ret = feth_os_waitset_add(b->waitset, b->bpf.fd, err)) < 0 ||
        (b->watch.events >= 0 && (ret = feth_os_waitset_add(b->waitset, b->watch.events, err)) < 0))
        return ret;
    b->io.fd = feth_os_waitset_fd(b->waitset);
    b->look_at = now_ns() + LOOK_NS;
    set_timer(b);
    return 0;
}

static int bpf_io_open(struct bpf_io *b, const struct feth_io_config *config, struct feth_error *err)
{
    const char *name = b->io.name;
    int ret;

    /* First the device, which holds on to the interface that has the name now: what is asked by name later is about
     * another one only if this one is gone, and of that the device tells. */
    if ((ret = feth_bpf_open(&b->bpf, name, bpf_bytes(config->socket_buffer), config->see_sent, err)) < 0 ||
        (ret = feth_ifwatch_open(&b->watch, name, &b->io.link, err)) < 0)
        return ret;
    b->watching = true;
    b->down_told = !b->io.link.up; /* opening an interface that is down is no news */
    if ((ret = feth_sender_open(&b->sender, &b->bpf, name, config->tx_path, err)) < 0)
        return ret;
    feth_pace_open(&b->pace, feth_index_of_name(name));
    if ((ret = open_pool(b, config->rx_buffers, err)) < 0)
        return ret;
    return open_waiting(b, err);
}

int feth_os_io_open(struct feth_io **out, const char *ifname, const struct feth_io_config *config,
                    struct feth_error *err)
{
    struct feth_io *io = feth_io_new(sizeof(struct bpf_io), &bpf_ops, ifname);
    if (!io)
        return feth_fail(err, FETH_ENOMEM, 0, "open", ifname, NULL);

    bpf_of(io)->bpf.fd = -1;
    bpf_of(io)->sender.ndrv = -1;
    int ret = bpf_io_open(bpf_of(io), config, err);
    if (ret < 0) {
        feth_io_close(io);
        return ret;
    }
    *out = io;
    return 0;
}
