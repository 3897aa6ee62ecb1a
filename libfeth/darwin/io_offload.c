/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feth takes frames as it gets them, so both ends of a cable do whatever they were made for: one made with hwcsum
 * leaves all checksums to the wire, which has nobody to make them, one made with tso_support sends whole windows at once
 * (feth_ifnet_set_attrs(), xnu bsd/net/if_fake.c).  No frame comes with a word about it, so its headers have to tell.
 */
#include "darwin/io_offload.h"

#include <string.h>

#include "core/bytes.h"
#include "core/offload.h"
#include "darwin/sockaddrs.h"
#include "darwin/xnu.h"

enum {
    TYPE_AT = 12, /* Ethernet */
    TYPE_IP4 = 0x0800,
    TYPE_IP6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8,
    IP4_SIZE = 20,
    IP4_CHECKSUM_AT = 10,
    IP6_SIZE = 40,
    IP6_HOP_BY_HOP = 0,
    IP6_DESTINATION = 60,
    TCP = 6,
    TCP_SIZE = 20,
    TCP_CHECKSUM_AT = 16,
    TCP_CWR = 0x80,
    UDP = 17,
    UDP_SIZE = 8,
    UDP_CHECKSUM_AT = 6
};

/* ---- what the ends were made for ---------------------------------------------------------------------------- */

static uint32_t hwassist(const struct ifaddrs *all, const char *name)
{
    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
        if (strcmp(i->ifa_name, name) == 0 && feth_family_of_ifaddrs(i) == XNU_AF_LINK && i->ifa_data)
            return ((const struct xnu_if_data *)i->ifa_data)->ifi_hwassist;
    return 0;
}

bool feth_assist_read(struct feth_assist *assist, const char *ifname, const char *peer)
{
    struct ifaddrs *all;

    if (getifaddrs(&all) < 0)
        return false;
    uint32_t own = hwassist(all, ifname), far = peer[0] ? hwassist(all, peer) : 0;
    freeifaddrs(all);
    assist->rx_csum = (far & XNU_IFNET_CSUM_TCP) != 0;
    assist->rx_tso = (far & XNU_IFNET_TSO_IPV4) != 0;
    assist->tx_csum = (own & XNU_IFNET_CSUM_TCP) != 0;
    assist->tx_tso = (own & XNU_IFNET_TSO_IPV4) != 0;
    return true;
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* A TCP segment or a UDP datagram that is no fragment. */
struct l4 {
    size_t network, transport; /* where their headers begin */
    size_t len;                /* from the transport header on */
    unsigned protocol;
    bool ip6;
};

static bool find_ip4(const uint8_t *data, size_t len, struct l4 *l4)
{
    const uint8_t *ip = data + l4->network;
    size_t left = len - l4->network;

    if (left < IP4_SIZE || ip[0] >> 4 != 4)
        return false;
    size_t header = (ip[0] & 15u) * 4, total = feth_get16(ip + 2);
    if (header < IP4_SIZE || total < header || total > left || (feth_get16(ip + 6) & 0x3fff))
        return false;
    l4->protocol = ip[9];
    l4->transport = l4->network + header;
    l4->len = total - header;
    return true;
}

static bool find_ip6(const uint8_t *data, size_t len, struct l4 *l4)
{
    const uint8_t *ip = data + l4->network;
    size_t left = len - l4->network;

    if (left < IP6_SIZE || ip[0] >> 4 != 6)
        return false;
    size_t end = l4->network + IP6_SIZE + feth_get16(ip + 4), at = l4->network + IP6_SIZE;
    if (end > len)
        return false;
    l4->ip6 = true;
    l4->protocol = ip[6];
    while (l4->protocol == IP6_HOP_BY_HOP || l4->protocol == IP6_DESTINATION) {
        if (at + 8 > end)
            return false;
        l4->protocol = data[at];
        at += 8u * (1u + data[at + 1]);
    }
    if (at > end)
        return false;
    l4->transport = at;
    l4->len = end - at;
    return true;
}

/* Behind up to two VLAN tags.  @return the type of what begins at *at */
static uint16_t find_network(const uint8_t *data, size_t len, size_t *at)
{
    size_t type_at = TYPE_AT;
    uint16_t type = feth_get16(data + type_at);

    for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_QINQ) && type_at + 6 <= len; tags++) {
        type_at += 4;
        type = feth_get16(data + type_at);
    }
    *at = type_at + 2;
    return type;
}

static bool find_l4(const uint8_t *data, size_t len, struct l4 *l4)
{
    memset(l4, 0, sizeof(*l4));
    uint16_t type = find_network(data, len, &l4->network);
    if (!(type == TYPE_IP4 ? find_ip4(data, len, l4) : type == TYPE_IP6 ? find_ip6(data, len, l4) : false))
        return false;
    return (l4->protocol == TCP && l4->len >= TCP_SIZE) || (l4->protocol == UDP && l4->len >= UDP_SIZE);
}

/* The kernel leaves the field 0: also in fragments, and where there is neither TCP nor UDP. */
static void fill_ip4(uint8_t *data, size_t len)
{
    size_t at;

    if (find_network(data, len, &at) != TYPE_IP4 || len < at + IP4_SIZE)
        return;
    uint8_t *ip = data + at;
    size_t header = (ip[0] & 15u) * 4;
    if (ip[0] >> 4 != 4 || header < IP4_SIZE || at + header > len || feth_get16(ip + IP4_CHECKSUM_AT) != 0)
        return;
    feth_put16(ip + IP4_CHECKSUM_AT, (uint16_t)~feth_inet_sum(ip, header, 0));
}

static uint16_t pseudo_sum(const uint8_t *data, const struct l4 *l4)
{
    const uint8_t *ip = data + l4->network;
    uint32_t rest = (uint32_t)l4->len + l4->protocol;

    /* both addresses, which are next to each other in either header */
    return l4->ip6 ? feth_inet_sum(ip + 8, 32, rest) : feth_inet_sum(ip + 12, 8, rest);
}

/* How a large TCP frame is to be cut.  @return false: it cannot be */
static bool describe_large(struct feth_frame *frame, const struct l4 *l4, unsigned mtu)
{
    const uint8_t *tcp = frame->data + l4->transport;
    size_t header = (size_t)(tcp[12] >> 4) * 4, before = l4->transport - l4->network + header;

    if (header < TCP_SIZE || header > l4->len || before >= mtu)
        return false;
    frame->offload.gso_type = l4->ip6 ? FETH_GSO_TCPV6 : FETH_GSO_TCPV4;
    if (tcp[13] & TCP_CWR)
        frame->offload.gso_type |= FETH_GSO_ECN;
    frame->offload.hdr_len = (uint16_t)(l4->transport + header);
    frame->offload.gso_size = (uint16_t)(mtu - before);
    return true;
}

void feth_rx_describe(struct feth_frame *frame, const struct feth_assist *assist, unsigned mtu)
{
    struct l4 l4;

    if (assist->rx_csum)
        fill_ip4(frame->data, frame->len);
    if (!find_l4(frame->data, frame->len, &l4))
        return;
    unsigned field = l4.protocol == TCP ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT;
    uint8_t *checksum = frame->data + l4.transport + field;
    uint16_t pseudo = pseudo_sum(frame->data, &l4);

    /* Where the whole checksum happens to be the pseudo-header's sum, completing it makes the same again. */
    bool unfinished = assist->rx_csum && feth_get16(checksum) == pseudo;
    if (assist->rx_tso && l4.protocol == TCP && frame->len > mtu + FETH_FRAME_MIN + 4 &&
        describe_large(frame, &l4, mtu)) {
        feth_put16(checksum, pseudo); /* whoever cuts it makes new ones */
        unfinished = true;
    }
    if (!unfinished)
        return;
    frame->offload.flags = FETH_CSUM_NEEDED;
    frame->offload.csum_start = (uint16_t)l4.transport;
    frame->offload.csum_offset = (uint16_t)field;
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

/* The pieces of a frame between two offsets.  @return how many */
static unsigned cut_out(const struct feth_tx *tx, size_t from, size_t to, struct iovec *out)
{
    unsigned n = 0;
    size_t at = 0; /* of the piece, in the frame */

    for (unsigned i = 0; i < tx->iovcnt && at < to; i++) {
        size_t len = tx->iov[i].iov_len, begin = from > at ? from - at : 0,
               end = to - at < len ? to - at : len;
        if (begin < end)
            out[n++] =
                (struct iovec){.iov_base = (uint8_t *)tx->iov[i].iov_base + begin, .iov_len = end - begin};
        at += len;
    }
    return n;
}

/* The sum of pieces: one at an odd offset is summed as if at an even one, and its bytes swapped (RFC 1071, 2). */
static uint16_t sum_pieces(const struct iovec *iov, unsigned n)
{
    uint32_t sum = 0;
    bool odd = false;

    for (unsigned i = 0; i < n; i++) {
        uint16_t part = feth_inet_sum(iov[i].iov_base, iov[i].iov_len, 0);
        sum += odd ? (uint32_t)((part << 8 | part >> 8) & 0xffff) : part;
        odd ^= iov[i].iov_len & 1;
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

unsigned feth_tx_complete(const struct feth_tx *tx, uint8_t sum[2], struct iovec *to)
{
    const struct feth_offload *o = &tx->offload;
    size_t field = (size_t)o->csum_start + o->csum_offset;

    unsigned n = cut_out(tx, o->csum_start, SIZE_MAX, to);
    uint16_t whole = (uint16_t)~sum_pieces(to, n);
    if (whole == 0 && o->csum_offset == UDP_CHECKSUM_AT)
        whole = 0xffff; /* RFC 768: 0 says that there is none */
    feth_put16(sum, whole);

    n = cut_out(tx, 0, field, to);
    to[n++] = (struct iovec){.iov_base = sum, .iov_len = 2};
    return n + cut_out(tx, field + 2, SIZE_MAX, to + n);
}
