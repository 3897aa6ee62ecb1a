/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on macOS: in by a BPF device, many with one read, and lent out where the read put them; out by the best way
 * that the kernel has (darwin/send.c).  What the device does not tell of its interface is learnt by events and a look
 * once a second (darwin/watch.c).
 */
#include <time.h>

#include "core/fail.h"
#include "darwin/fake.h"
#include "darwin/index.h"
#include "darwin/io_priv.h"

/* The kernel fills one buffer while the other is read.  One has to hold the largest frame. */
#define BPF_BYTES_LEAST (FETH_FRAME_MAX + 4096)
#define BPF_BYTES_MOST  (4u << 20)
/* Of addresses, not of memory: a page is there from when a read first reaches it. */
#define POOL_BYTES_MOST ((size_t)1 << 30)

#define LOOK_NS  1000000000u /* between two looks at the interface */
#define RETRY_NS 200000u     /* until a full output queue has room again */

/* ---- the clock ---------------------------------------------------------------------------------------------- */

uint64_t feth_bpf_io_now(void)
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

bool feth_bpf_io_look_is_due(struct bpf_io *b)
{
    uint64_t now = feth_bpf_io_now();

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

void feth_bpf_io_retry_soon(struct bpf_io *b)
{
    (void)pthread_mutex_lock(&b->timer_lock);
    if (b->retry_at == 0)
        b->retry_at = feth_bpf_io_now() + RETRY_NS;
    set_timer(b);
    (void)pthread_mutex_unlock(&b->timer_lock);
}

void feth_bpf_io_start(struct bpf_io *b)
{
    b->look_at = feth_bpf_io_now() + LOOK_NS;
    set_timer(b);
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
    .recv = feth_bpf_io_recv,
    .send = feth_bpf_io_send,
    .pending = feth_bpf_io_pending,
    .tx_fd = feth_bpf_io_tx_fd,
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

void feth_bpf_io_learn(struct bpf_io *b)
{
    char peer[FETH_NAME_SIZE] = "";

    if (!b->watch.is_feth || feth_fake_get_peer(&b->watch.ask, b->io.name, peer) != 0)
        return;
    if (!feth_assist_read(&b->assist, b->io.name, peer))
        return;
    b->far_known = peer[0] != '\0';
    if (b->see_sent) { /* what this end's stack sends is received, too */
        b->assist.rx_csum |= b->assist.tx_csum;
        b->assist.rx_tso |= b->assist.tx_tso;
    }
}

/*
 * What this end was made for it keeps.  The far end may be another one any time, with all that it leaves out: so that
 * is always reckoned with.  Who did not ask for it gets finished frames: feth_io_open().
 */
static void offer_offload(struct bpf_io *b, bool wanted)
{
    const struct feth_assist *assist = &b->assist;

    feth_bpf_io_learn(b);
    if (b->watch.is_feth)
        b->io.caps |= FETH_CAP_RX_CSUM | FETH_CAP_RX_GSO;
    b->sender.unfinished = assist->tx_csum;
    if (wanted && assist->tx_csum)
        b->io.caps |= FETH_CAP_TX_CSUM;
    if (wanted && assist->tx_tso && feth_sender_takes_large(&b->sender))
        b->io.caps |= FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4 | FETH_CAP_TX_TSO6;
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
    feth_bpf_io_start(b);
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
    b->see_sent = config->see_sent;
    offer_offload(b, config->offload);
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
