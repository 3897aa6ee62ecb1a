/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front of a frame handle: checks what the caller gives, waits on blocking handles, counts.  What moves the
 * frames is the implementation behind io->ops.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/fail.h"
#include "core/io_config.h"
#include "core/io_ops.h"
#include "core/offload.h"
#include "core/os.h"

#define SEND_RETRY_NS 200000

/* ---- opening and closing ------------------------------------------------------------------------------------ */

struct feth_io *feth_io_new(size_t size, const struct feth_io_ops *ops, const char *name)
{
    struct feth_io *io = calloc(1, size);
    if (!io)
        return NULL;
    if (pthread_mutex_init(&io->link_lock, NULL) != 0) {
        free(io);
        return NULL;
    }
    io->ops = ops;
    io->fd = -1;
    strncpy(io->name, name, sizeof(io->name) - 1);
    return io;
}

void feth_io_delete(struct feth_io *io)
{
    pthread_mutex_destroy(&io->link_lock);
    free(io);
}

int feth_io_config_complete(struct feth_io_config *out, const struct feth_io_config *in, const char *op,
                            struct feth_error *err)
{
    static const struct feth_io_config defaults = FETH_IO_CONFIG_INIT;

    if (!in)
        in = &defaults;
    if (in->size != sizeof(*in))
        return feth_fail(err, FETH_EINVAL, 0, op, NULL,
                         "the config's size is not set: use FETH_IO_CONFIG_INIT");
    *out = *in;
    if (out->rx_buffers == 0)
        out->rx_buffers = FETH_RX_BUFFERS_DEFAULT;
    if (out->rx_buffers > FETH_RX_BUFFERS_MAX)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "%u receive buffers asked for, %u is the most",
                         out->rx_buffers, FETH_RX_BUFFERS_MAX);
    if (out->socket_buffer == 0)
        out->socket_buffer = FETH_SOCKET_BUFFER_DEFAULT;
    if (out->socket_buffer > FETH_SOCKET_BUFFER_MAX)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL,
                         "a socket buffer of %zu bytes asked for, %d is the most", out->socket_buffer,
                         FETH_SOCKET_BUFFER_MAX);
    if ((unsigned)out->tx_path > FETH_TX_NDRV_WRITEV)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "there is no way to send number %d",
                         (int)out->tx_path);
    return 0;
}

int feth_io_open(struct feth_io **io, const char *ifname, const struct feth_io_config *config,
                 struct feth_error *err)
{
    struct feth_io_config complete;

    *io = NULL;
    if (!ifname || ifname[0] == '\0' || strlen(ifname) >= FETH_NAME_SIZE)
        return feth_fail(err, FETH_ENAME, 0, "open", NULL,
                         "an interface name has 1 to %d characters, \"%s\" does not", FETH_NAME_SIZE - 1,
                         ifname ? ifname : "");
    int ret = feth_io_config_complete(&complete, config, "open", err);
    if (ret < 0)
        return ret;

    ret = feth_os_io_open(io, ifname, &complete, err);
    if (ret < 0)
        return ret;
    (*io)->nonblock = complete.nonblock;
    /* The backend describes what the kernel leaves unfinished; who did not ask gets finished frames. */
    if (!complete.offload && (*io)->caps) {
        ret = feth_io_plain(io, err);
        if (ret < 0) {
            feth_io_close(*io);
            *io = NULL;
            return ret;
        }
    }
    return 0;
}

void feth_io_close(struct feth_io *io)
{
    while (io) {
        struct feth_io *lower = io->lower;
        if (io->has_held)
            feth_buf_put(io->held.buf);
        io->ops->close(io);
        feth_io_delete(io);
        io = lower;
    }
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

int feth_io_fd(const struct feth_io *io)
{
    return io->fd;
}

bool feth_io_pending(const struct feth_io *io)
{
    return io->has_held || (io->ops->pending && io->ops->pending(io));
}

const char *feth_io_name(const struct feth_io *io)
{
    return io->name;
}

const char *feth_io_backend(const struct feth_io *io)
{
    while (io->lower)
        io = io->lower;
    return io->ops->backend ? io->ops->backend(io) : io->ops->name;
}

unsigned feth_io_caps(const struct feth_io *io)
{
    return io->caps;
}

unsigned feth_io_rx_buffers(const struct feth_io *io)
{
    return io->rx_buffers;
}

void feth_io_set_nonblock(struct feth_io *io, bool nonblock)
{
    io->nonblock = nonblock;
}

void feth_io_get_link(const struct feth_io *io, struct feth_link *link)
{
    while (io->lower)
        io = io->lower;
    /* const to the caller; the lock is ours */
    pthread_mutex_t *lock = (pthread_mutex_t *)&io->link_lock;
    pthread_mutex_lock(lock);
    *link = io->link;
    pthread_mutex_unlock(lock);
}

void feth_io_set_link(struct feth_io *io, const struct feth_link *link)
{
    pthread_mutex_lock(&io->link_lock);
    struct feth_link *now = &io->link;
    if (now->up != link->up || now->carrier != link->carrier || now->gone != link->gone ||
        now->mtu != link->mtu || memcmp(now->mac, link->mac, sizeof(now->mac)) != 0) {
        unsigned changes = now->changes + 1;
        *now = *link;
        now->changes = changes;
    }
    pthread_mutex_unlock(&io->link_lock);
}

void feth_io_get_stats(const struct feth_io *io, struct feth_io_stats *stats)
{
    const struct feth_io_counts *c = &io->counts;

#define GET(field) stats->field = atomic_load_explicit(&c->field, memory_order_relaxed)
    GET(rx_frames);
    GET(rx_bytes);
    GET(rx_dropped);
    GET(rx_truncated);
    GET(rx_errors);
    GET(rx_calls);
    GET(tx_frames);
    GET(tx_bytes);
    GET(tx_dropped);
    GET(tx_errors);
    GET(tx_calls);
#undef GET
    if (io->lower) {
        /* what a layer hands on is its own business; losses and system calls happen below as well */
        struct feth_io_stats lower;
        feth_io_get_stats(io->lower, &lower);
        stats->rx_dropped += lower.rx_dropped;
        stats->rx_errors += lower.rx_errors;
        stats->rx_calls += lower.rx_calls;
        stats->tx_dropped += lower.tx_dropped;
        stats->tx_calls += lower.tx_calls;
    }
    if (io->ops->stats)
        io->ops->stats(io, stats);
}

/* ---- waiting ------------------------------------------------------------------------------------------------ */

static int wait_for(int fd, short events, int timeout_ms, const struct feth_io *io, const char *op,
                    struct feth_error *err)
{
    struct pollfd p = {.fd = fd, .events = events};

    int n = poll(&p, 1, timeout_ms);
    if (n > 0)
        return 0;
    if (n == 0)
        return feth_fail(err, FETH_ETIMEOUT, 0, op, io->name, "nothing came within %d ms", timeout_ms);
    if (errno == EINTR)
        return feth_fail(err, FETH_EAGAIN, EINTR, op, io->name, "interrupted by a signal");
    return feth_fail(err, FETH_ESYS, errno, op, io->name, "poll failed");
}

int feth_io_wait(struct feth_io *io, int timeout_ms, struct feth_error *err)
{
    if (feth_io_pending(io))
        return 0;
    return wait_for(io->fd, POLLIN, timeout_ms, io, "wait", err);
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* One call of the implementation, on a blocking handle as many as it takes for the first frame. */
static int recv_some(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    for (;;) {
        int n = io->ops->recv(io, frames, max, err);
        if (n != FETH_EAGAIN || io->nonblock)
            return n;
        /* A signal ends the wait, so that a program in a blocking receive can be stopped. */
        n = wait_for(io->fd, POLLIN, -1, io, "receive", err);
        if (n < 0)
            return n;
    }
}

int feth_io_recv_batch(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct feth_error why; /* a layer, or a wait, may fail on the way to success */
    int n;

    if (!frames || max == 0)
        return feth_fail(err, FETH_EINVAL, 0, "receive", io->name, "there is room for no frame");
    if (io->has_held) {
        io->has_held = false;
        frames[0] = io->held;
        return 1; /* counted when it was taken */
    }
    n = recv_some(io, frames, max, err ? &why : NULL);
    if (n < 0)
        return err ? feth_fail_as(err, &why) : n;

    uint64_t bytes = 0;
    unsigned cut = 0;
    for (int i = 0; i < n; i++) {
        bytes += frames[i].len;
        cut += frames[i].wire_len > frames[i].len;
    }
    feth_count(&io->counts.rx_frames, (uint64_t)n);
    feth_count(&io->counts.rx_bytes, bytes);
    if (cut)
        feth_count(&io->counts.rx_truncated, cut);
    return n;
}

void feth_frames_release(struct feth_frame *frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        feth_buf_put(frames[i].buf);
        frames[i].buf = NULL;
        frames[i].data = NULL;
    }
}

int feth_io_recv(struct feth_io *io, void *data, size_t size, size_t *len, struct feth_offload *offload,
                 struct feth_error *err)
{
    if ((!data && size) || !len)
        return feth_fail(err, FETH_EINVAL, 0, "receive", io->name, "the buffer and its length are required");
    if (!offload && (io->caps & (FETH_CAP_RX_CSUM | FETH_CAP_RX_GSO)))
        return feth_fail(
            err, FETH_EINVAL, 0, "receive", io->name,
            "frames of this handle come with offload metadata: give room for it, or open the handle "
            "without offload");
    if (!io->has_held) {
        int n = feth_io_recv_batch(io, &io->held, 1, err);
        if (n < 0)
            return n;
        io->has_held = true;
    }
    *len = io->held.len;
    if (io->held.len > size)
        return feth_fail(err, FETH_ENOSPACE, 0, "receive", io->name,
                         "the next frame has %u bytes, the buffer %zu: call again with a larger one",
                         io->held.len, size);
    memcpy(data, io->held.data, io->held.len);
    if (offload)
        *offload = io->held.offload;
    io->has_held = false;
    feth_frames_release(&io->held, 1);
    return 0;
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

/* Whether one frame may be sent through this handle at all. */
static int check_tx(const struct feth_io *io, const struct feth_tx *tx, size_t *len, struct feth_error *err)
{
    const struct feth_offload *o = &tx->offload;

    if (!tx->iov || tx->iovcnt == 0 || tx->iovcnt > FETH_IOV_MAX)
        return feth_fail(err, FETH_EINVAL, 0, "send", io->name, "a frame has 1 to %d pieces, this one %u",
                         FETH_IOV_MAX, tx->iovcnt);
    *len = 0;
    for (unsigned i = 0; i < tx->iovcnt; i++) {
        if (tx->iov[i].iov_len > FETH_FRAME_MAX - *len) /* also keeps the sum from overflowing */
            return feth_fail(err, FETH_ELONG, 0, "send", io->name, "no frame has more than %d bytes",
                             FETH_FRAME_MAX);
        *len += tx->iov[i].iov_len;
    }
    if (*len < FETH_FRAME_MIN)
        return feth_fail(err, FETH_ESHORT, 0, "send", io->name,
                         "%zu bytes; a frame starts with a %d-byte Ethernet header", *len, FETH_FRAME_MIN);
    if (o->flags == 0 && o->gso_type == FETH_GSO_NONE)
        return 0;
    if (!feth_offload_allowed(o, io->caps))
        return feth_fail(
            err, FETH_ENOSUP, 0, "send", io->name,
            "this handle does not finish such frames (capabilities 0x%x): complete the checksum and "
            "segment the frame first",
            io->caps);
    if (!feth_offload_valid(o, *len))
        return feth_fail(err, FETH_EINVAL, 0, "send", io->name,
                         "the offload metadata points outside the frame");
    return 0;
}

/* No descriptor tells when a send may go on: it is tried again in a moment. */
static int wait_a_moment(const struct feth_io *io, struct feth_error *err)
{
    if (nanosleep(&(struct timespec){.tv_nsec = SEND_RETRY_NS}, NULL) == 0)
        return 0;
    return feth_fail(err, FETH_EAGAIN, EINTR, "send", io->name, "interrupted by a signal");
}

/* The kernel sends what it can; a blocking caller waits for the rest. */
static int wait_writable(struct feth_io *io, struct feth_error *err)
{
    const struct feth_io *at = io;
    while (!at->ops->tx_fd && at->lower)
        at = at->lower;
    int fd = at->ops->tx_fd ? at->ops->tx_fd(at) : at->fd;
    if (fd < 0)
        return wait_a_moment(io, err);
    return wait_for(fd, POLLOUT, -1, io, "send", err);
}

int feth_io_send_batch(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    enum { CHUNK = 256 };  /* lengths on the stack; a longer batch goes in pieces */
    struct feth_error why; /* err itself is written only where the first frame fails for good */
    struct feth_error *note = err ? &why : NULL;
    unsigned sent = 0;

    if (!frames || n == 0)
        return feth_fail(err, FETH_EINVAL, 0, "send", io->name, "there is no frame to send");

    while (sent < n) {
        size_t lens[CHUNK];
        unsigned good = 0, want = n - sent < CHUNK ? n - sent : CHUNK;
        int ret = 0;
        while (good < want &&
               (ret = check_tx(io, &frames[sent + good], &lens[good], sent + good ? NULL : note)) == 0)
            good++;
        if (good == 0) {
            feth_count(&io->counts.tx_errors, sent ? 0 : 1);
            return sent ? (int)sent : err ? feth_fail_as(err, &why) : ret;
        }

        unsigned done = 0;
        while (done < good) {
            ret = io->ops->send(io, frames + sent + done, good - done, sent + done ? NULL : note);
            if (ret == FETH_EAGAIN && !io->nonblock)
                ret = wait_writable(io, sent + done ? NULL : note);
            if (ret < 0)
                break;
            done += (unsigned)ret;
            if (done < good && io->nonblock)
                break;
        }
        uint64_t bytes = 0;
        for (unsigned i = 0; i < done; i++)
            bytes += lens[i];
        feth_count(&io->counts.tx_frames, done);
        feth_count(&io->counts.tx_bytes, bytes);
        sent += done;
        if (ret < 0) {
            if (sent == 0 && ret != FETH_EAGAIN)
                feth_count(&io->counts.tx_errors, 1);
            return sent ? (int)sent : err ? feth_fail_as(err, &why) : ret;
        }
        if (done < want)
            break; /* the next one would block or is refused: the caller's next call says why */
    }
    return (int)sent;
}

int feth_io_sendv(struct feth_io *io, const struct iovec *iov, unsigned iovcnt,
                  const struct feth_offload *offload, struct feth_error *err)
{
    struct feth_tx tx = {.iov = iov, .iovcnt = iovcnt};

    if (offload)
        tx.offload = *offload;
    int n = feth_io_send_batch(io, &tx, 1, err);
    return n < 0 ? n : 0;
}

int feth_io_send(struct feth_io *io, const void *data, size_t len, struct feth_error *err)
{
    struct iovec iov = {.iov_base = (void *)data, .iov_len = len};

    return feth_io_sendv(io, &iov, 1, NULL, err);
}
