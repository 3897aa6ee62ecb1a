/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offload on the host side, by a TAP device that Linux has the same of: it hands over large TCP frames and unfinished
 * checksums, and says so in a header before each frame.  They become what xnu would send: it has no such header.
 */
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

#include "kernel.h"
#include "model.h"
#include "real.h"

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <sys/ioctl.h>

enum { HEADER = 14, IP4 = 0x0800, IP6 = 0x86dd, TCP = 6, UDP = 17 };

int m_vnet_open(int fd, const struct m_if *ifp)
{
    int size = sizeof(struct virtio_net_hdr);
    unsigned offload = TUN_F_CSUM; /* segmentation takes it */

    if (__real_ioctl(fd, TUNSETVNETHDRSZ, &size) < 0)
        return -1;
    if (!ifp->hwcsum && !ifp->tso)
        return 0;
    if (ifp->tso)
        offload |= TUN_F_TSO4 | TUN_F_TSO6;
    return __real_ioctl(fd, TUNSETOFFLOAD, (void *)(uintptr_t)offload);
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

/* ---- from the host ------------------------------------------------------------------------------------------ */

static uint16_t checksum(const uint8_t *data, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += get16(data + i);
    if (len % 2)
        sum += (uint32_t)data[len - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/*
 * With hwcsum the field of IPv4's own checksum is 0, and that of TCP and UDP has the sum of the pseudo-header, which is
 * what Linux leaves there, too (RUN11; READ: ip_output(), tcp_output()).  Without, all is finished, also what is
 * larger than the MTU (RUN15).
 */
static void as_xnu(const struct m_if *ifp, const struct virtio_net_hdr *h, uint8_t *frame, size_t len)
{
    size_t field = (size_t)h->csum_start + h->csum_offset;

    if (ifp->hwcsum) {
        if (len >= HEADER + 20 && get16(frame + 12) == IP4)
            memset(frame + HEADER + 10, 0, 2);
    } else if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && field + 2 <= len) {
        uint16_t sum = checksum(frame + h->csum_start, len - h->csum_start);
        if (sum == 0 && h->csum_offset == 6) /* UDP */
            sum = 0xffff;
        frame[field] = (uint8_t)(sum >> 8);
        frame[field + 1] = (uint8_t)sum;
    }
}

ssize_t m_vnet_read(int fd, const struct m_if *ifp, uint8_t *frame, size_t size)
{
    struct virtio_net_hdr h;
    struct iovec iov[2] = {{&h, sizeof(h)}, {frame, size}};

    ssize_t n = readv(fd, iov, 2);
    if (n < (ssize_t)sizeof(h))
        return n < 0 ? -1 : 0;
    n -= (ssize_t)sizeof(h);
    as_xnu(ifp, &h, frame, (size_t)n);
    return n;
}

/* ---- to the host -------------------------------------------------------------------------------------------- */

/* Where TCP or UDP begins in what is no fragment; 0: there is none. */
static size_t transport(const uint8_t *frame, size_t len, unsigned *protocol)
{
    const uint8_t *ip = frame + HEADER;

    if (len >= HEADER + 20 && get16(frame + 12) == IP4 && !(get16(ip + 6) & 0x3fff)) {
        *protocol = ip[9];
        return HEADER + (ip[0] & 15u) * 4;
    }
    if (len >= HEADER + 40 && get16(frame + 12) == IP6) {
        *protocol = ip[6];
        return HEADER + 40;
    }
    return 0;
}

/* feth_output_common(): of frames from an interface with hwcsum no checksum is looked at.  Linux has words for that. */
static void trust(struct virtio_net_hdr *h, const uint8_t *frame, size_t len)
{
    unsigned protocol = 0;
    size_t at = transport(frame, len, &protocol);
    unsigned offset = protocol == TCP ? 16 : 6;

    if (at == 0 || (protocol != TCP && protocol != UDP) || at + offset + 2 > len)
        return;
    h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    h->csum_start = (uint16_t)at;
    h->csum_offset = (uint16_t)offset;
}

ssize_t m_vnet_write(int fd, const struct m_if *ifp, const uint8_t *frame, size_t len)
{
    const struct m_if *sender = m_if_peer(ifp);
    struct virtio_net_hdr h = {0};
    struct iovec iov[2] = {{&h, sizeof(h)}, {(void *)(uintptr_t)frame, len}};

    if (sender && sender->hwcsum)
        trust(&h, frame, len);
    return __real_writev(fd, iov, 2);
}
