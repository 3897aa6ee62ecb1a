/* SPDX-License-Identifier: Apache-2.0 */
/* Frames by hand, with checksums of this file's own making. */
#include "fethif_rig.h"

/* ---- bytes -------------------------------------------------------------------------------------------------- */

uint16_t rig_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t rig_be32(const uint8_t *at)
{
    return (uint32_t)rig_be16(at) << 16 | rig_be16(at + 2);
}

void rig_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void rig_put32(uint8_t *at, uint32_t value)
{
    rig_put16(at, value >> 16);
    rig_put16(at + 2, value & 0xffff);
}

uint32_t rig_sum(uint32_t sum, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum = rig_fold(sum + rig_be16(data + i));
    if (len % 2)
        sum = rig_fold(sum + ((uint32_t)data[len - 1] << 8));
    return sum;
}

uint16_t rig_fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

static bool is_ip4(const uint8_t *frame)
{
    return rig_be16(frame + 12) == 0x0800;
}

size_t rig_l4(const uint8_t *frame)
{
    return is_ip4(frame) ? 34 : 54;
}

static size_t l4_len(const uint8_t *frame)
{
    return is_ip4(frame) ? rig_be16(frame + 16) - 20u : rig_be16(frame + 18);
}

uint16_t rig_pseudo_sum(const uint8_t *frame)
{
    uint32_t sum = is_ip4(frame) ? rig_sum(0, frame + 26, 8) : rig_sum(0, frame + 22, 32);

    return rig_fold(sum + (is_ip4(frame) ? frame[23] : frame[20]) + (uint32_t)l4_len(frame));
}

uint16_t rig_transport_sum(const uint8_t *frame)
{
    bool icmp4 = is_ip4(frame) && frame[23] == 1;

    return rig_fold(rig_sum(icmp4 ? 0 : rig_pseudo_sum(frame), frame + rig_l4(frame), l4_len(frame)));
}

static size_t checksum_at(const uint8_t *frame)
{
    uint8_t protocol = is_ip4(frame) ? frame[23] : frame[20];

    return rig_l4(frame) + (protocol == 6 ? 16 : protocol == 17 ? 6 : 2);
}

void rig_checksum(uint8_t *frame)
{
    rig_put16(frame + checksum_at(frame), 0);
    rig_put16(frame + checksum_at(frame), (uint16_t)~rig_transport_sum(frame));
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

static void put_eth(uint8_t *frame, unsigned type)
{
    memcpy(frame, rig_stack_mac, 6);
    memcpy(frame + 6, rig_mac, 6);
    rig_put16(frame + 12, type);
}

size_t rig_make_arp_request(uint8_t *frame, const uint8_t target[4])
{
    static const uint8_t fixed[8] = {0, 1, 8, 0, 6, 4, 0, 1};

    put_eth(frame, 0x0806);
    memset(frame, 0xff, 6);
    memcpy(frame + 14, fixed, 8);
    memcpy(frame + 22, rig_mac, 6);
    memcpy(frame + 28, rig_ip4[0], 4);
    memset(frame + 32, 0, 6);
    memcpy(frame + 38, target, 4);
    return 42;
}

size_t rig_make_ip4_fragment(uint8_t *frame, uint8_t protocol, unsigned id, size_t offset, bool more,
                             const void *payload, size_t len)
{
    uint8_t *ip = frame + 14;

    put_eth(frame, 0x0800);
    memset(ip, 0, 20);
    ip[0] = 0x45;
    rig_put16(ip + 2, (unsigned)len + 20);
    rig_put16(ip + 4, id);
    rig_put16(ip + 6, (unsigned)(offset / 8) | (more ? 0x2000u : 0));
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, rig_ip4[0], 4);
    memcpy(ip + 16, rig_ip4[1], 4);
    rig_put16(ip + 10, (uint16_t)~rig_sum(0, ip, 20));
    memmove(ip + 20, payload, len);
    return 34 + len;
}

size_t rig_make_ip4(uint8_t *frame, uint8_t protocol, const void *payload, size_t len)
{
    return rig_make_ip4_fragment(frame, protocol, 0, 0, false, payload, len);
}

size_t rig_make_ip6(uint8_t *frame, uint8_t next, const void *payload, size_t len)
{
    uint8_t *ip = frame + 14;

    put_eth(frame, 0x86dd);
    memset(ip, 0, 8);
    ip[0] = 0x60;
    rig_put16(ip + 4, (unsigned)len);
    ip[6] = next;
    ip[7] = 255;
    memcpy(ip + 8, rig_ip6[0], 16);
    memcpy(ip + 24, rig_ip6[1], 16);
    memmove(ip + 40, payload, len);
    return 54 + len;
}

size_t rig_make_ip6_fragment(uint8_t *frame, uint8_t next, uint32_t id, size_t offset, bool more,
                             const void *payload, size_t len)
{
    rig_make_ip6(frame, 44, payload, len);
    memmove(frame + 62, payload, len);
    rig_put16(frame + 18, (unsigned)len + 8);
    frame[54] = next;
    frame[55] = 0;
    rig_put16(frame + 56, (unsigned)offset | more);
    rig_put32(frame + 58, id);
    return 62 + len;
}

static size_t make_ip(uint8_t *frame, int version, uint8_t protocol, const void *payload, size_t len)
{
    size_t total = version == 4 ? rig_make_ip4(frame, protocol, payload, len)
                                : rig_make_ip6(frame, protocol, payload, len);

    rig_checksum(frame);
    return total;
}

size_t rig_make_echo(uint8_t *frame, int version, unsigned seq, size_t len)
{
    static uint8_t icmp[65536];

    memset(icmp, 0, 8);
    icmp[0] = version == 4 ? 8 : 128;
    rig_put16(icmp + 4, 0x7777);
    rig_put16(icmp + 6, seq);
    for (size_t i = 0; i < len; i++)
        icmp[8 + i] = (uint8_t)(i * 7 + seq);
    return make_ip(frame, version, version == 4 ? 1 : 58, icmp, 8 + len);
}

size_t rig_make_udp(uint8_t *frame, int version, uint16_t from, uint16_t to, const void *data, size_t len)
{
    static uint8_t udp[65536];

    rig_put16(udp, from);
    rig_put16(udp + 2, to);
    rig_put16(udp + 4, (unsigned)len + 8);
    rig_put16(udp + 6, 0);
    memcpy(udp + 8, data, len);
    return make_ip(frame, version, 17, udp, 8 + len);
}

size_t rig_make_neighbour_solicitation(uint8_t *frame)
{
    uint8_t icmp[32] = {135};

    memcpy(icmp + 8, rig_ip6[1], 16);
    icmp[24] = 1; /* source link-layer address, 8 bytes */
    icmp[25] = 1;
    memcpy(icmp + 26, rig_mac, 6);
    return make_ip(frame, 6, 58, icmp, sizeof(icmp));
}

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

size_t rig_make_tcp(uint8_t *frame, const struct rig_tcp *tcp, unsigned flags, const void *options,
                    size_t options_len, const void *data, size_t len)
{
    static uint8_t segment[65536];

    rig_put16(segment, tcp->port);
    rig_put16(segment + 2, tcp->peer_port);
    rig_put32(segment + 4, tcp->seq);
    rig_put32(segment + 8, flags & RIG_ACK ? tcp->ack : 0);
    segment[12] = (uint8_t)((20 + options_len) / 4 << 4);
    segment[13] = (uint8_t)flags;
    rig_put16(segment + 14, 65535);
    rig_put32(segment + 16, 0);
    if (options_len)
        memcpy(segment + 20, options, options_len);
    if (len)
        memcpy(segment + 20 + options_len, data, len);
    return make_ip(frame, tcp->version, 6, segment, 20 + options_len + len);
}

unsigned rig_tcp_flags(const struct rig_frame *frame)
{
    return frame->data[rig_l4(frame->data) + 13];
}

size_t rig_tcp_data(const struct rig_frame *frame, const uint8_t **data)
{
    const uint8_t *tcp = frame->data + rig_l4(frame->data);
    size_t header = (size_t)(tcp[12] >> 4) * 4;

    *data = tcp + header;
    return l4_len(frame->data) - header;
}

static uint16_t find_mss(const struct rig_frame *frame)
{
    const uint8_t *tcp = frame->data + rig_l4(frame->data);

    for (size_t i = 20; i + 4 <= (size_t)(tcp[12] >> 4) * 4; i += tcp[i] == 1 ? 1 : tcp[i + 1])
        if (tcp[i] == 2)
            return rig_be16(tcp + i + 2);
    return 0;
}

/* Answers to what was sent before may still be under way. */
static bool is_for(const struct rig_tcp *tcp, const struct rig_frame *frame)
{
    return (is_ip4(frame->data) ? frame->data[23] : frame->data[20]) == 6 &&
           rig_be16(frame->data + rig_l4(frame->data) + 2) == tcp->port;
}

void rig_tcp_connect(struct rig *rig, struct rig_tcp *tcp, int version, uint16_t port)
{
    static struct rig_frame answer;
    static uint8_t frame[128];
    static uint16_t next_port = 40000;
    const uint8_t options[12] = {2, 4, (uint8_t)(tcp->mss >> 8), (uint8_t)tcp->mss, 1, 3, 3, tcp->scale, 1, 1,
                                 4, 2};

    tcp->version = version;
    if (!tcp->port)
        tcp->port = next_port++;
    tcp->peer_port = port;
    if (!tcp->seq)
        tcp->seq = 1000;
    rig_send(rig, frame,
             rig_make_tcp(frame, tcp, RIG_SYN, options,
                          !tcp->mss   ? 0
                          : tcp->sack ? 12
                                      : 8,
                          NULL, 0));
    rig_turn(rig);
    do
        assert_true(rig_recv_ip(rig, &answer));
    while (!is_for(tcp, &answer));
    assert_int_equal(rig_tcp_flags(&answer), RIG_SYN | RIG_ACK);
    const uint8_t *header = answer.data + rig_l4(answer.data);
    assert_int_equal(rig_be32(header + 8), tcp->seq + 1);
    tcp->peer_mss = find_mss(&answer);
    tcp->seq++;
    tcp->ack = rig_be32(header + 4) + 1;
    rig_send(rig, frame, rig_make_tcp(frame, tcp, RIG_ACK, NULL, 0, NULL, 0));
    rig_turn(rig);
}
