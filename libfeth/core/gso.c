/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a large TCP or UDP frame into frames that fit the wire. */
#include <string.h>

#include "core/bytes.h"
#include "core/offload.h"

enum {
    TYPE_AT = 12, /* Ethernet */
    TYPE_IP4 = 0x0800,
    TYPE_IP6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8,
    IP4_TOTAL_AT = 2,
    IP4_ID_AT = 4,
    IP4_CHECKSUM_AT = 10,
    IP4_SIZE = 20,
    IP6_PAYLOAD_AT = 4,
    IP6_SIZE = 40,
    TCP_SEQ_AT = 4,
    TCP_OFFSET_AT = 12,
    TCP_FLAGS_AT = 13,
    TCP_CHECKSUM_AT = 16,
    TCP_SIZE = 20,
    TCP_FIN = 0x01,
    TCP_PSH = 0x08,
    TCP_CWR = 0x80,
    UDP_LENGTH_AT = 4,
    UDP_CHECKSUM_AT = 6,
    UDP_SIZE = 8
};

/* Where the network header starts: behind up to two VLAN tags. */
static size_t network_header(const uint8_t *data, size_t len, uint16_t *type)
{
    size_t at = TYPE_AT;

    *type = feth_get16(data + at);
    for (int tags = 0; tags < 2 && (*type == TYPE_VLAN || *type == TYPE_QINQ) && at + 6 <= len; tags++) {
        at += 4;
        *type = feth_get16(data + at);
    }
    return at + 2;
}

bool feth_gso_begin(struct feth_gso *gso, const struct feth_frame *frame)
{
    const struct feth_offload *o = &frame->offload;
    unsigned kind = o->gso_type & ~(unsigned)FETH_GSO_ECN;
    uint16_t type;

    *gso = (struct feth_gso){.data = frame->data, .size = o->gso_size, .udp = kind == FETH_GSO_UDP_L4};
    gso->network = network_header(frame->data, frame->len, &type);
    gso->transport = o->csum_start;
    gso->checksum = (size_t)o->csum_start + o->csum_offset;
    gso->ip6 = type == TYPE_IP6;
    if ((type != TYPE_IP4 && type != TYPE_IP6) || (kind == FETH_GSO_TCPV4 && gso->ip6) ||
        (kind == FETH_GSO_TCPV6 && !gso->ip6))
        return false;
    /* hdr_len is a hint (virtio 1.2, 5.1.6.2.2): Linux gives the length of what lies in the first piece.  The headers
     * themselves tell. */
    if (gso->network + (gso->ip6 ? IP6_SIZE : IP4_SIZE) > gso->transport ||
        gso->transport + (gso->udp ? UDP_SIZE : TCP_SIZE) > frame->len)
        return false;
    if (!gso->ip6 && gso->network + (size_t)(frame->data[gso->network] & 15) * 4 != gso->transport)
        return false;
    size_t header = gso->udp ? UDP_SIZE : (size_t)(frame->data[gso->transport + TCP_OFFSET_AT] >> 4) * 4;
    gso->headers = gso->transport + header;
    if ((!gso->udp && header < TCP_SIZE) || gso->headers > frame->len ||
        o->csum_offset != (gso->udp ? UDP_CHECKSUM_AT : TCP_CHECKSUM_AT))
        return false;
    /* the lengths in the headers have 16 bits, and our callers' buffers FETH_FRAME_MAX bytes */
    if (frame->len > FETH_FRAME_MAX || (!gso->ip6 && frame->len - gso->network > UINT16_MAX))
        return false;
    gso->payload = frame->len - gso->headers;
    return true;
}

/* IP header of a segment with len bytes behind the Ethernet header. */
static void fix_network(const struct feth_gso *gso, uint8_t *out, size_t len)
{
    uint8_t *ip = out + gso->network;

    if (gso->ip6) {
        feth_put16(ip + IP6_PAYLOAD_AT, (uint16_t)(len - IP6_SIZE));
        return;
    }
    feth_put16(ip + IP4_TOTAL_AT, (uint16_t)len);
    feth_put16(ip + IP4_ID_AT, (uint16_t)(feth_get16(ip + IP4_ID_AT) + gso->count));
    feth_put16(ip + IP4_CHECKSUM_AT, 0);
    feth_put16(ip + IP4_CHECKSUM_AT, (uint16_t)~feth_inet_sum(ip, gso->transport - gso->network, 0));
}

static void fix_tcp(const struct feth_gso *gso, uint8_t *tcp, size_t take)
{
    feth_put32(tcp + TCP_SEQ_AT, feth_get32(tcp + TCP_SEQ_AT) + (uint32_t)gso->done);
    if (gso->done + take < gso->payload)
        tcp[TCP_FLAGS_AT] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    if (gso->count > 0) /* RFC 3168, 6.1.2: told once */
        tcp[TCP_FLAGS_AT] &= (uint8_t)~TCP_CWR;
}

size_t feth_gso_next(struct feth_gso *gso, uint8_t *out)
{
    size_t left = gso->payload - gso->done, take = left < gso->size ? left : gso->size;

    if (left == 0 && gso->count > 0)
        return 0;
    size_t len = gso->headers + take;
    memcpy(out, gso->data, gso->headers);
    memcpy(out + gso->headers, gso->data + gso->headers + gso->done, take);
    fix_network(gso, out, len - gso->network);
    uint8_t *transport = out + gso->transport;
    if (gso->udp)
        feth_put16(transport + UDP_LENGTH_AT, (uint16_t)(UDP_SIZE + take));
    else
        fix_tcp(gso, transport, take);

    /* The field holds the pseudo-header's sum with the length of the whole: take that length out, put ours in
     * (RFC 1624).  That way it is right behind a routing header too, whose last hop the sender summed. */
    uint16_t whole = (uint16_t)(gso->headers - gso->transport + gso->payload);
    uint16_t part = (uint16_t)(len - gso->transport);
    uint16_t sum = feth_inet_sum(transport, len - gso->transport, (uint32_t)(uint16_t)~whole + part);
    sum = (uint16_t)~sum;
    feth_put16(out + gso->checksum, gso->udp && sum == 0 ? 0xffff : sum);

    gso->done += take;
    gso->count++;
    return len;
}
