/* SPDX-License-Identifier: Apache-2.0 */
/* Sending: what may be sent, how much of it now, and what the kernel's answers mean. */
#include <errno.h>

#include "core/fail.h"
#include "darwin/io_priv.h"

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
    unsigned fit = 0;
    size_t most = 0;

    for (; fit < n; fit++) {
        size_t len = feth_tx_len(&frames[fit]);
        bool large = frames[fit].offload.gso_type != FETH_GSO_NONE;
        if (!large && most == 0)
            most = longest(b, current_mtu(b, len));
        if (len > (large ? b->sender.frame_max : most))
            break;
    }
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
        feth_bpf_io_retry_soon(b);
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

int feth_bpf_io_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct bpf_io *b = bpf_of(io);
    uint64_t calls = 0;
    int sent;

    unsigned fit = short_enough(b, frames, n);
    if (fit == 0)
        return too_long(b, &frames[0], err);
    unsigned room = feth_pace_ask(&b->pace, fit, feth_bpf_io_now());
    if (room == 0) {
        feth_bpf_io_retry_soon(b);
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

/* The socket is always writable, and poll() refuses to wait for that on a BPF device (bpfkqfilter(), xnu bsd/net/bpf.c):
 * waiting for either would be to try without a pause. */
int feth_bpf_io_tx_fd(const struct feth_io *io)
{
    (void)io;
    return -1;
}
