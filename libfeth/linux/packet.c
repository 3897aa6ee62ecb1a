/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames by AF_PACKET (packet(7)).  The socket always carries the virtio-net header: a veth hands over what the
 * sender's stack left for hardware to do, unfinished checksums and frames of up to 64 KiB, and only that header
 * tells.  Who did not ask for it gets a layer on top that finishes them (feth_io_open()).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "core/fail.h"
#include "core/io_ops.h"
#include "core/msgs.h"
#include "core/offload.h"
#include "core/os.h"
#include "linux/link.h"
#include "linux/socket.h"

_Static_assert(FETH_MSGS_CONTROL_SIZE >= CMSG_SPACE(sizeof(struct tpacket_auxdata)), "room for the auxdata");

/*
 * Two sockets: one that receives, and one that only sends.  A frame that has been sent tells its socket's waiters that
 * there is room again (sock_def_write_space(), net/core/sock.c), and whoever waits for frames to come waits on the
 * socket that receives: that would cost a lock and a look at the waiter for each frame sent.
 */
struct packet_io {
    struct feth_io io;
    int fd;      /* receives; io.fd is the waitset's */
    int send_fd; /* sends */
    struct feth_os_waitset *waitset;
    struct feth_linkwatch watch;
    bool watching;
    bool down_told;    /* FETH_EDOWN was returned for this time down */
    unsigned unlooked; /* receive calls since the link was looked at */
    atomic_uint_fast64_t kernel_drops;
    struct feth_msgs_rx rx;
    struct feth_msgs_tx tx;
};

static struct packet_io *packet_of(struct feth_io *io)
{
    return (struct packet_io *)io;
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

static const struct tpacket_auxdata *auxdata(struct msghdr *hdr)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c))
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
            return (const void *)CMSG_DATA(c);
    return NULL;
}

/* The kernel keeps a received VLAN tag beside the frame: put it back where it was on the wire. */
static void restore_tag(struct feth_frame *frame, const struct tpacket_auxdata *aux)
{
    enum { ADDRS = 2 * ETH_ALEN, TAG = 4 };
    uint16_t tag[2] = {
        htons(aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid : ETH_P_8021Q),
        htons(aux->tp_vlan_tci),
    };

    frame->data -= TAG;
    frame->len += TAG;
    frame->wire_len += TAG;
    memmove(frame->data, frame->data + TAG, ADDRS);
    memcpy(frame->data + ADDRS, tag, TAG);
    if (frame->offload.flags & FETH_CSUM_NEEDED)
        frame->offload.csum_start = (uint16_t)(frame->offload.csum_start + TAG);
    if (frame->offload.gso_type != FETH_GSO_NONE)
        frame->offload.hdr_len = (uint16_t)(frame->offload.hdr_len + TAG);
}

static bool take_frame(struct packet_io *p, unsigned i, struct feth_frame *frame)
{
    struct feth_os_msg *msg = &p->rx.msgs[i];
    const struct tpacket_auxdata *aux = auxdata(&msg->hdr);

    *frame = (struct feth_frame){
        .data = p->rx.bufs[i]->data + FETH_BUF_HEADROOM,
        .len = msg->len < sizeof(p->rx.heads[i]) ? 0 : msg->len - (unsigned)sizeof(p->rx.heads[i]),
        .offload = p->rx.heads[i],
        .buf = p->rx.bufs[i],
    };
    frame->wire_len = aux && aux->tp_len > frame->len ? aux->tp_len : frame->len;
    if (frame->len < FETH_FRAME_MIN)
        return false;
    if (aux && (aux->tp_status & TP_STATUS_VLAN_VALID))
        restore_tag(frame, aux);
    /* flags that we do not know would not mean anything to our callers */
    frame->offload.flags &= FETH_CSUM_NEEDED | FETH_CSUM_VALID;
    return frame->wire_len > frame->len || feth_offload_valid(&frame->offload, frame->len);
}

static void read_link(struct packet_io *p, struct feth_link *link)
{
    p->unlooked = 0;
    feth_io_get_link(&p->io, link);
    feth_linkwatch_read(&p->watch, link);
    feth_io_set_link(&p->io, link);
}

/* There is always something to receive: the interface may have changed all the same. */
static void look_in_passing(struct packet_io *p)
{
    enum { LOOK_EVERY = 64 };
    struct feth_link link;

    if (++p->unlooked >= LOOK_EVERY)
        read_link(p, &link);
}

/* Nothing to receive: has the interface changed? */
static int look_at_link(struct packet_io *p, struct feth_error *err)
{
    struct feth_io *io = &p->io;
    struct feth_link link;

    read_link(p, &link);
    if (link.gone)
        return feth_fail(err, FETH_EGONE, ENODEV, "receive", io->name, "the interface was destroyed");
    if (link.up)
        p->down_told = false;
    else if (!p->down_told) {
        p->down_told = true;
        return feth_fail(err, FETH_EDOWN, ENETDOWN, "receive", io->name, "the interface went down");
    }
    return feth_fail(err, FETH_EAGAIN, 0, "receive", io->name, NULL);
}

static int packet_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct packet_io *p = packet_of(io);

    for (;;) {
        uint64_t calls = 0;
        int n = feth_msgs_recv(&p->rx, max, &calls);
        feth_count(&io->counts.rx_calls, calls);
        if (n == FETH_ENOBUFS)
            return feth_fail(err, n, 0, "receive", io->name, NULL);
        if (n < 0) {
            switch (errno) {
            case EAGAIN:
            case ENETDOWN: /* told once by the socket; the link says whether it is down or gone */
            case ENXIO:
            case ENODEV:
                return look_at_link(p, err);
            case EINTR:
                continue;
            case EINVAL: /* a kind of segmentation that the virtio-net header cannot describe: dropped by the kernel */
                feth_count(&io->counts.rx_errors, 1);
                continue;
            default:
                return feth_fail(err, FETH_ESYS, errno, "receive", io->name, NULL);
            }
        }
        int good = 0;
        for (int i = 0; i < n; i++) {
            if (take_frame(p, (unsigned)i, &frames[good])) {
                good++;
            } else {
                feth_buf_put(p->rx.bufs[i]);
                feth_count(&io->counts.rx_errors, 1);
            }
        }
        feth_msgs_rx_taken(&p->rx, (unsigned)n);
        look_in_passing(p);
        if (good)
            return good;
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

static int packet_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct packet_io *p = packet_of(io);

    for (;;) {
        uint64_t calls = 0;
        int sent = feth_msgs_send(&p->tx, frames, n, &calls);
        feth_count(&io->counts.tx_calls, calls);
        if (sent >= 0)
            return sent;
        switch (errno) {
        case EINTR:
            continue;
        case EAGAIN:
            return feth_fail(err, FETH_EAGAIN, 0, "send", io->name, "the send buffer is full");
        case ENOBUFS:
            /* The device took the frame and dropped it (NET_XMIT_DROP), as with the far end down: a cable does
             * not report that either. */
            feth_count(&io->counts.tx_dropped, 1);
            return 1;
        case EMSGSIZE:
            return feth_fail(err, FETH_ELONG, EMSGSIZE, "send", io->name, "the frame exceeds the MTU");
        case ENETDOWN:
            return feth_fail(err, FETH_EDOWN, ENETDOWN, "send", io->name, "bring it up first");
        case ENXIO:
        case ENODEV:
            return feth_fail(err, FETH_EGONE, errno, "send", io->name, "the interface was destroyed");
        case EINVAL:
            return feth_fail(err, FETH_EINVAL, EINVAL, "send", io->name,
                             "the kernel refuses the frame or its offload metadata");
        default:
            return feth_fail(err, FETH_ESYS, errno, "send", io->name, NULL);
        }
    }
}

static int packet_tx_fd(const struct feth_io *io)
{
    return ((const struct packet_io *)io)->send_fd;
}

/* ---- statistics --------------------------------------------------------------------------------------------- */

static void packet_stats(const struct feth_io *io, struct feth_io_stats *stats)
{
    struct packet_io *p =
        (struct packet_io *)io; /* const to the caller; reading resets the kernel's counter */
    struct tpacket_stats since = {0};
    socklen_t len = sizeof(since);

    if (getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &since, &len) == 0)
        feth_count(&p->kernel_drops, since.tp_drops);
    stats->rx_dropped += atomic_load_explicit(&p->kernel_drops, memory_order_relaxed);
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static void packet_close(struct feth_io *io)
{
    struct packet_io *p = packet_of(io);

    feth_os_waitset_close(p->waitset);
    if (p->watching)
        feth_linkwatch_close(&p->watch);
    if (p->rx.pool)
        feth_msgs_rx_close(&p->rx);
    if (p->fd >= 0)
        close(p->fd);
    if (p->send_fd >= 0)
        close(p->send_fd);
}

static const struct feth_io_ops packet_ops = {
    .name = "packet",
    .recv = packet_recv,
    .send = packet_send,
    .tx_fd = packet_tx_fd,
    .stats = packet_stats,
    .close = packet_close,
};

static int set_option(const struct packet_io *p, int fd, int option, int value, const char *what,
                      struct feth_error *err)
{
    if (setsockopt(fd, SOL_PACKET, option, &value, sizeof(value)) == 0)
        return 0;
    return feth_fail(err, errno == ENOPROTOOPT ? FETH_ENOSUP : FETH_ESYS, errno, "open", p->io.name,
                     "the kernel has no %s for packet sockets (Linux 4.20 or newer is needed)", what);
}

/* Which interface, and is it Ethernet? */
static int find_interface(struct packet_io *p, unsigned *ifindex, struct feth_error *err)
{
    struct ifreq req = {0};

    memcpy(req.ifr_name, p->io.name, sizeof(req.ifr_name));
    if (ioctl(p->fd, SIOCGIFINDEX, &req) < 0)
        return feth_fail(err, FETH_ENOIF, errno, "open", p->io.name, NULL);
    *ifindex = (unsigned)req.ifr_ifindex;
    if (ioctl(p->fd, SIOCGIFHWADDR, &req) < 0)
        return feth_fail(err, FETH_ENOIF, errno, "open", p->io.name, NULL);
    if (req.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return feth_fail(err, FETH_ENOSUP, 0, "open", p->io.name, "it is not an Ethernet interface (type %d)",
                         req.ifr_hwaddr.sa_family);
    return 0;
}

/* @param protocol what is received: ETH_P_ALL, or 0 for nothing (packet(7)) */
static int bind_to(const struct packet_io *p, int fd, unsigned ifindex, uint16_t protocol,
                   struct feth_error *err)
{
    struct sockaddr_ll addr = {
        .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)ifindex};

    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
        return 0;
    return feth_fail(err, errno == ENODEV ? FETH_ENOIF : FETH_ESYS, errno, "open", p->io.name,
                     "cannot bind a packet socket to it");
}

/* The stack at our end may have a MAC address of its own; it ends with the socket. */
static int see_all(const struct packet_io *p, unsigned ifindex, struct feth_error *err)
{
    struct packet_mreq promisc = {.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_PROMISC};

    if (setsockopt(p->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)) == 0)
        return 0;
    return feth_fail(err, FETH_ESYS, errno, "open", p->io.name, "cannot make it promiscuous");
}

/* Protocol 0: nothing is received before bind() names the interface, no frame of another one slips in. */
static int open_socket(const struct packet_io *p, int *fd, size_t buffer, struct feth_error *err)
{
    *fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 && (errno == EPERM || errno == EACCES))
        return feth_fail(err, FETH_EPERM, errno, "open", p->io.name,
                         "a packet socket needs CAP_NET_RAW: run with sudo, or in a namespace of your own "
                         "(unshare -rn)");
    if (*fd < 0)
        return feth_fail(err, errno == EAFNOSUPPORT ? FETH_ENOSUP : FETH_ESYS, errno, "open", p->io.name,
                         "no packet socket");
    feth_socket_buffers(*fd, buffer);
    return set_option(p, *fd, PACKET_VNET_HDR, 1, "virtio-net header", err);
}

static int packet_open(struct packet_io *p, const struct feth_io_config *config, struct feth_error *err)
{
    unsigned ifindex = 0;
    struct feth_link link = {0};
    int ret;

    if (config->tx_path != FETH_TX_AUTO)
        return feth_fail(err, FETH_ENOSUP, 0, "open", p->io.name,
                         "there is one way to send here: leave the choice");
    if ((ret = open_socket(p, &p->fd, config->socket_buffer, err)) < 0 ||
        (ret = open_socket(p, &p->send_fd, config->socket_buffer, err)) < 0 ||
        (ret = find_interface(p, &ifindex, err)) < 0 ||
        (ret = set_option(p, p->fd, PACKET_AUXDATA, 1, "auxiliary data", err)) < 0 ||
        (ret = set_option(p, p->fd, PACKET_IGNORE_OUTGOING, !config->see_sent, "way to ignore our own frames",
                          err)) < 0)
        return ret;

    if ((ret = feth_linkwatch_open(&p->watch, ifindex, p->io.name, &link, err)) < 0)
        return ret;
    p->watching = true;
    p->io.link = link;
    p->down_told = !link.up; /* opening an interface that is down is no news */

    if (feth_msgs_rx_open(&p->rx, p->fd, config->rx_buffers, true) < 0)
        return feth_fail(err, FETH_ENOMEM, 0, "open", p->io.name, "no memory for %u receive buffers",
                         config->rx_buffers);
    p->tx.fd = p->send_fd;
    if ((ret = feth_os_waitset_open(&p->waitset, err)) < 0 ||
        (ret = feth_os_waitset_add(p->waitset, p->fd, err)) < 0 ||
        (ret = feth_os_waitset_add(p->waitset, p->watch.fd, err)) < 0)
        return ret;
    p->io.fd = feth_os_waitset_fd(p->waitset);
    if ((ret = see_all(p, ifindex, err)) < 0 || (ret = bind_to(p, p->send_fd, ifindex, 0, err)) < 0)
        return ret;
    return bind_to(p, p->fd, ifindex, ETH_P_ALL, err);
}

/*
 * The virtio-net header tells of large UDP frames from Linux 6.2 on (VIRTIO_NET_HDR_GSO_UDP_L4 in
 * include/linux/virtio_net.h).  Only a frame that is really sent would show it, so the version has to; a distribution's
 * older kernel that has it too is not asked.
 */
static bool takes_large_udp(void)
{
    struct utsname kernel;
    unsigned major, minor;

    return uname(&kernel) == 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
           (major > 6 || (major == 6 && minor >= 2));
}

int feth_os_io_open(struct feth_io **out, const char *ifname, const struct feth_io_config *config,
                    struct feth_error *err)
{
    struct feth_io *io = feth_io_new(sizeof(struct packet_io), &packet_ops, ifname);
    if (!io)
        return feth_fail(err, FETH_ENOMEM, 0, "open", ifname, NULL);

    packet_of(io)->fd = packet_of(io)->send_fd = -1;
    io->rx_buffers = config->rx_buffers;
    io->caps = FETH_CAP_RX_CSUM | FETH_CAP_RX_GSO | FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4 | FETH_CAP_TX_TSO6;
    if (takes_large_udp())
        io->caps |= FETH_CAP_TX_USO;
    int ret = packet_open(packet_of(io), config, err);
    if (ret < 0) {
        feth_io_close(io);
        return ret;
    }
    *out = io;
    return 0;
}
