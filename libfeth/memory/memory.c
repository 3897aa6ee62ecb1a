/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An in-process cable: two handles joined by a socket pair.  Each message is one frame with its metadata, so the
 * cable also works across a fork.  The far end may be another process: what it sends is checked like anything
 * from outside.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/io_config.h"
#include "core/io_ops.h"
#include "core/msgs.h"
#include "core/offload.h"
#include "core/os.h"

#define MTU_MIN 68    /* RFC 791, 3.2 */
#define MTU_MAX 65535 /* an IPv4 packet's total length */

struct memory_io {
    struct feth_io io;
    unsigned mtu; /* of the link, which the receiving thread may write */
    struct feth_msgs_rx rx;
    struct feth_msgs_tx tx;
};

static struct memory_io *memory_of(struct feth_io *io)
{
    return (struct memory_io *)io;
}

static int gone(struct feth_io *io, const char *op, struct feth_error *err)
{
    struct feth_link link;

    feth_io_get_link(io, &link);
    link.up = link.carrier = false;
    link.gone = true;
    feth_io_set_link(io, &link);
    return feth_fail(err, FETH_EGONE, 0, op, io->name, "the far end of the cable was closed");
}

static bool frame_ok(const struct feth_io *io, const struct feth_frame *frame, unsigned msg_len)
{
    const struct feth_offload *o = &frame->offload;

    if (msg_len < sizeof(*o) + FETH_FRAME_MIN)
        return false;
    return (o->flags == 0 && o->gso_type == FETH_GSO_NONE) || (io->caps && feth_offload_valid(o, frame->len));
}

static int memory_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct memory_io *m = memory_of(io);

    for (;;) {
        uint64_t calls = 0;
        int n = feth_msgs_recv(&m->rx, max, &calls);
        feth_count(&io->counts.rx_calls, calls);
        if (n == FETH_ENOBUFS)
            return feth_fail(err, n, 0, "receive", io->name, NULL);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return gone(io, "receive", err);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return feth_fail(err, FETH_EAGAIN, 0, "receive", io->name, NULL);
        if (n < 0)
            return feth_fail(err, FETH_ESYS, errno, "receive", io->name, NULL);

        int good = 0;
        for (int i = 0; i < n; i++) {
            unsigned len = m->rx.msgs[i].len;
            struct feth_frame *frame = &frames[good];
            *frame = (struct feth_frame){
                .data = m->rx.bufs[i]->data + FETH_BUF_HEADROOM,
                .len = len < sizeof(m->rx.heads[i]) ? 0 : len - (unsigned)sizeof(m->rx.heads[i]),
                .offload = m->rx.heads[i],
                .buf = m->rx.bufs[i],
            };
            frame->wire_len = frame->len;
            if (frame_ok(io, frame, len)) {
                good++;
            } else {
                feth_buf_put(frame->buf);
                feth_count(&io->counts.rx_errors, 1);
            }
        }
        feth_msgs_rx_taken(&m->rx, (unsigned)n);
        if (good)
            return good;
    }
}

static bool too_long(const struct memory_io *m, const struct feth_tx *tx)
{
    if (tx->offload.gso_type != FETH_GSO_NONE)
        return false;
    size_t len = 0;
    for (unsigned i = 0; i < tx->iovcnt; i++)
        len += tx->iov[i].iov_len;
    /* as a veth: the Ethernet header and one VLAN tag do not count */
    return len > m->mtu + (size_t)FETH_FRAME_MIN + 4;
}

static int memory_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct memory_io *m = memory_of(io);
    unsigned fit = 0;

    while (fit < n && !too_long(m, &frames[fit]))
        fit++;
    if (fit == 0)
        return feth_fail(err, FETH_ELONG, 0, "send", io->name, "the frame exceeds the MTU of %u bytes",
                         m->mtu);
    uint64_t calls = 0;
    int sent = feth_msgs_send(&m->tx, frames, fit, &calls);
    feth_count(&io->counts.tx_calls, calls);
    if (sent >= 0)
        return sent;
    switch (errno) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
    case EINTR:
    case ENOBUFS: /* macOS: the far end's buffer is full */
        return feth_fail(err, FETH_EAGAIN, 0, "send", io->name, "the cable is full");
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case ENOTCONN:
        return gone(io, "send", err);
    default:
        return feth_fail(err, FETH_ESYS, errno, "send", io->name, NULL);
    }
}

static void memory_close(struct feth_io *io)
{
    feth_msgs_rx_close(&memory_of(io)->rx);
    close(io->fd);
}

static const struct feth_io_ops memory_ops = {
    .name = "memory",
    .recv = memory_recv,
    .send = memory_send,
    .close = memory_close,
};

/* Takes over fd, also on failure. */
static int end_open(struct feth_io **io, unsigned which, int fd, const struct feth_memory_config *config,
                    const struct feth_io_config *complete, struct feth_error *err)
{
    struct feth_link link = {
        .up = true, .carrier = true, .mtu = config->mtu ? config->mtu : FETH_MTU_DEFAULT};
    static const uint8_t none[FETH_MAC_SIZE];
    struct feth_io *end = feth_io_new(sizeof(struct memory_io), &memory_ops, which ? "memory1" : "memory0");

    if (!end) {
        close(fd);
        return feth_fail(err, FETH_ENOMEM, 0, "make cable", NULL, NULL);
    }
    end->fd = fd;
    end->nonblock = complete->nonblock;
    end->rx_buffers = complete->rx_buffers;
    if (config->io[0].offload && config->io[1].offload)
        end->caps = FETH_CAP_RX_CSUM | FETH_CAP_RX_GSO | FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4 |
                    FETH_CAP_TX_TSO6 | FETH_CAP_TX_USO;
    struct memory_io *m = memory_of(end);
    m->mtu = link.mtu;
    m->tx.fd = fd;
    int ret = feth_msgs_rx_open(&m->rx, fd, complete->rx_buffers, false);
    if (ret < 0) {
        feth_io_delete(end);
        close(fd);
        return feth_fail(err, ret, 0, "make cable", NULL, "no memory for %u receive buffers",
                         complete->rx_buffers);
    }
    memcpy(link.mac, config->mac[which], sizeof(link.mac));
    if (memcmp(link.mac, none, sizeof(none)) == 0)
        ret = feth_mac_random(link.mac, err);
    if (ret < 0) {
        feth_io_close(end);
        return ret;
    }
    end->link = link;
    *io = end;
    return 0;
}

int feth_memory_pair(struct feth_io *ends[2], const struct feth_memory_config *config, struct feth_error *err)
{
    static const struct feth_memory_config defaults = FETH_MEMORY_CONFIG_INIT;
    struct feth_io_config complete[2];
    int fds[2], ret = 0;

    ends[0] = ends[1] = NULL;
    if (!config)
        config = &defaults;
    if (config->size != sizeof(*config))
        return feth_fail(err, FETH_EINVAL, 0, "make cable", NULL,
                         "the config's size is not set: use FETH_MEMORY_CONFIG_INIT");
    if (config->mtu && (config->mtu < MTU_MIN || config->mtu > MTU_MAX))
        return feth_fail(err, FETH_EMTU, 0, "make cable", NULL, "the MTU is %u; %d to %d are possible",
                         config->mtu, MTU_MIN, MTU_MAX);
    for (int i = 0; i < 2 && ret == 0; i++)
        ret = feth_io_config_complete(&complete[i], &config->io[i], "make cable", err);
    if (ret < 0)
        return ret;
    if (complete[0].see_sent || complete[1].see_sent)
        return feth_fail(err, FETH_ENOSUP, 0, "make cable", NULL,
                         "nobody else sends on an end of it: there is nothing for see_sent to show");

    if (complete[0].tx_path != FETH_TX_AUTO || complete[1].tx_path != FETH_TX_AUTO)
        return feth_fail(err, FETH_ENOSUP, 0, "make cable", NULL,
                         "there is one way to send on it: leave the choice");

    size_t most = complete[0].socket_buffer > complete[1].socket_buffer ? complete[0].socket_buffer
                                                                        : complete[1].socket_buffer;
    ret = feth_os_cable(fds, most, err);
    if (ret < 0)
        return ret;
    ret = end_open(&ends[0], 0, fds[0], config, &complete[0], err);
    if (ret < 0) {
        close(fds[1]);
        return ret;
    }
    ret = end_open(&ends[1], 1, fds[1], config, &complete[1], err);
    if (ret < 0) {
        feth_io_close(ends[0]);
        ends[0] = NULL;
    }
    return ret;
}
