/* SPDX-License-Identifier: Apache-2.0 */
/* The driver with ARP, neighbour discovery, ping and UDP, both IP versions, whole and in fragments. */
#include "fethif_rig.h"

static struct rig rig;
static struct rig_frame in;
static uint8_t out[65600], data[65536];

static void test_arp(void **state)
{
    (void)state;
    uint8_t other[4] = {10, 0, 0, 3};

    rig_open(&rig, NULL);
    rig_send(&rig, out, rig_make_arp_request(out, rig_ip4[1]));
    rig_turn(&rig);
    assert_true(rig_recv(&rig, &in));
    assert_int_equal(in.len, 42);
    assert_memory_equal(in.data, rig_mac, 6);
    assert_memory_equal(in.data + 6, rig_stack_mac, 6);
    assert_int_equal(rig_be16(in.data + 12), 0x0806);
    assert_int_equal(rig_be16(in.data + 20), 2); /* reply */
    assert_memory_equal(in.data + 22, rig_stack_mac, 6);
    assert_memory_equal(in.data + 28, rig_ip4[1], 4);
    assert_memory_equal(in.data + 38, rig_ip4[0], 4);

    rig_send(&rig, out, rig_make_arp_request(out, other));
    rig_turn(&rig);
    assert_false(rig_recv(&rig, &in));
    rig_close(&rig);
}

static void test_neighbour_discovery(void **state)
{
    (void)state;
    rig_open(&rig, NULL);
    rig_send(&rig, out, rig_make_neighbour_solicitation(out));
    rig_turn(&rig);
    assert_true(rig_recv(&rig, &in));
    assert_int_equal(in.data[20], 58);
    assert_int_equal(in.data[54], 136); /* neighbour advertisement */
    assert_memory_equal(in.data + 62, rig_ip6[1], 16);
    assert_memory_equal(in.data + 80, rig_stack_mac, 6);
    assert_int_equal(rig_transport_sum(in.data), 0xffff);
    rig_close(&rig);
}

/* The reply to frame `out`, whole. */
static void assert_echo_reply(int version, size_t len)
{
    assert_true(rig_recv_ip(&rig, &in));
    size_t l4 = rig_l4(in.data);
    assert_int_equal(in.len, l4 + 8 + len);
    assert_int_equal(in.data[l4], version == 4 ? 0 : 129);
    assert_int_equal(rig_transport_sum(in.data), 0xffff);
    assert_memory_equal(in.data + l4 + 4, out + l4 + 4, 4 + len);
    assert_int_equal(in.offload.flags, 0);
    if (version == 4)
        assert_int_equal(rig_fold(rig_sum(0, in.data + 14, 20)), 0xffff);
}

static void test_ping(void **state)
{
    (void)state;
    static const size_t lens[] = {0, 1, 56, 1000, 1452, 1472, 7, 8900};
    struct rig_config config = {.mtu = 9000};
    struct fethif_stats stats;

    for (int offload = 0; offload < 2; offload++) {
        config.offload = offload;
        rig_open(&rig, &config);
        for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
            for (int version = 4; version <= 6; version += 2) {
                rig_send(&rig, out, rig_make_echo(out, version, i, lens[i]));
                rig_turn(&rig);
                assert_echo_reply(version, lens[i]);
            }
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_copied, 0);
        assert_int_equal(stats.rx_dropped, 0);
        rig_close(&rig);
    }
}

static unsigned id = 1; /* of the fragmented datagram */

/* Send the IP payload of `out` in fragments, in the given order. */
static void send_fragments(int version, size_t piece, bool backwards, unsigned skip)
{
    static uint8_t frame[65600];
    size_t l4 = rig_l4(out), total = version == 4 ? rig_be16(out + 16) - 20u : rig_be16(out + 18);
    size_t n = (total + piece - 1) / piece;

    for (size_t i = 0; i < n; i++) {
        size_t at = (backwards ? n - 1 - i : i) * piece;
        size_t len = total - at < piece ? total - at : piece;
        bool more = at + len < total;
        if (i == skip)
            continue;
        size_t size = version == 4 ? rig_make_ip4_fragment(frame, out[23], id, at, more, out + l4 + at, len)
                                   : rig_make_ip6_fragment(frame, out[20], id, at, more, out + l4 + at, len);
        rig_send(&rig, frame, size);
        if (i % 32 == 31)
            rig_turn(&rig);
    }
    rig_turn(&rig);
}

#define SKIP_NONE 0xffffffffu

/* Put lwIP's fragments together.  @return bytes of IP payload in data */
static size_t collect(int version)
{
    size_t total = 0, have = 0;

    while (have == 0 || have < total || total == 0) {
        if (!rig_recv_ip(&rig, &in))
            return 0;
        size_t l4 = version == 4 ? 34 : 62, len, offset;
        bool more;
        if (version == 4) {
            offset = (rig_be16(in.data + 20) & 0x1fffu) * 8;
            more = in.data[20] & 0x20;
            len = rig_be16(in.data + 16) - 20u;
            assert_int_equal(rig_fold(rig_sum(0, in.data + 14, 20)), 0xffff);
        } else {
            assert_int_equal(in.data[20], 44);
            offset = rig_be16(in.data + 56) & 0xfff8u;
            more = in.data[57] & 1;
            len = rig_be16(in.data + 18) - 8u;
        }
        assert_int_equal(in.len, l4 + len);
        assert_true(in.len <= 14u + rig.netif.mtu);
        assert_true(offset + len <= sizeof(data));
        memcpy(data + offset, in.data + l4, len);
        have += len;
        if (!more)
            total = offset + len;
    }
    return total;
}

static void ping_in_fragments(int version, size_t len, size_t piece, bool backwards)
{
    static uint8_t reply[65600];

    id++;
    rig_make_echo(out, version, 9, len);
    send_fragments(version, piece, backwards, SKIP_NONE);
    assert_int_equal(collect(version), 8 + len);
    size_t size = version == 4 ? rig_make_ip4(reply, 1, data, 8 + len) : 0;
    if (version == 6) {
        size = rig_make_ip6(reply, 58, data, 8 + len);
        memcpy(reply + 22, rig_ip6[1], 16);
        memcpy(reply + 38, rig_ip6[0], 16);
    }
    assert_int_equal(size, rig_l4(reply) + 8 + len);
    assert_int_equal(rig_transport_sum(reply), 0xffff);
    assert_int_equal(data[0], version == 4 ? 0 : 129);
    assert_memory_equal(data + 4, out + rig_l4(out) + 4, 4 + len);
}

static void test_large_ping(void **state)
{
    (void)state;
    /* 65507 is what ping(8) can send; for IPv6 more than 65487 is more than lwIP can hold in one piece. */
    static const size_t lens[] = {1473, 8000, 65487, 65488, 65507};

    for (int offload = 0; offload < 2; offload++) {
        rig_open(&rig, &(struct rig_config){.offload = offload});
        for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
            for (int backwards = 0; backwards < 2; backwards++) {
                ping_in_fragments(4, lens[i], 1480, backwards);
                ping_in_fragments(6, lens[i], 1448, backwards);
            }
        rig_close(&rig);
    }
    rig_open(&rig, &(struct rig_config){.mtu = 576});
    ping_in_fragments(4, 65507, 552, false);
    rig_close(&rig);
    /* MTUs that leave room behind the last multiple of 8 bytes, and datagrams that end in it */
    for (unsigned mtu = 1496; mtu <= 1504; mtu++) {
        rig_open(&rig, &(struct rig_config){.mtu = mtu});
        for (size_t len = 2 * 1464 - 8; len < 2 * 1488; len++)
            ping_in_fragments(4, len, 1472, false);
        rig_close(&rig);
    }
}

/* Fragments wait in memory of their own, so lost ones do not take receive buffers away. */
static void test_lost_fragments(void **state)
{
    (void)state;
    struct fethif_stats stats;

    rig_open(&rig, &(struct rig_config){.rx_buffers = 16});
    for (unsigned i = 0; i < 5; i++) {
        id++;
        rig_make_echo(out, 4, i, 20000);
        send_fragments(4, 1480, false, 3);
        rig_make_echo(out, 6, i, 20000);
        send_fragments(6, 1448, false, 13);
    }
    assert_false(rig_recv_ip(&rig, &in));
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 56));
    rig_turn(&rig);
    assert_echo_reply(4, 56);
    fethif_get_stats(rig.f, &stats);
    assert_true(stats.rx_copied >= 130);
    rig.leaves_fragments = true;
    rig_close(&rig);
}

/* RFC 5722: a datagram with overlapping fragments is discarded as a whole. */
static void test_overlapping_fragments(void **state)
{
    (void)state;
    uint8_t bytes[24] = {0};

    rig_open(&rig, NULL);
    rig_make_echo(out, 6, 1, 3000);
    send_fragments(6, 1448, false, 2);
    rig_send(&rig, out, rig_make_ip6_fragment(out, 58, id, 2888, true, bytes, 24));
    rig_make_echo(out, 6, 1, 3000);
    rig_turn(&rig);
    /* what was missing comes now, and is alone */
    uint8_t frame[2000];
    rig_send(&rig, frame, rig_make_ip6_fragment(frame, 58, id, 2896, false, out + 54 + 2896, 3008 - 2896));
    rig_turn(&rig);
    assert_false(rig_recv_ip(&rig, &in));
    send_fragments(6, 1448, false, 2); /* the rest again */
    assert_int_equal(collect(6), 3008);
    rig_close(&rig);
}

/* On these lwIP would loop for ever, or fail an assertion. */
static void test_ip6_packets_that_lwip_must_not_see(void **state)
{
    (void)state;
    uint8_t icmp[8 + 48] = {2}, hop[48 + 1400] = {44};
    static const uint32_t mtus[] = {0, 1, 40, 48, 55, 60, 1279, 0xffffffff};

    rig_open(&rig, NULL);
    rig_send(&rig, out, rig_make_echo(out, 6, 1, 56));
    rig_turn(&rig);
    assert_echo_reply(6, 56);
    for (unsigned i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
        rig_put32(icmp + 4, mtus[i]);
        icmp[8] = 0x60;
        memcpy(icmp + 16, rig_ip6[1], 16);
        memcpy(icmp + 32, rig_ip6[0], 16);
        size_t len = rig_make_ip6(out, 58, icmp, sizeof(icmp));
        rig_checksum(out);
        rig_send(&rig, out, len);
        rig_turn(&rig);
        ping_in_fragments(6, 3000, 1448, false);
        ping_in_fragments(6, 65507, 1448, false);
    }
    /* a datagram that is too long only together with the headers before its fragment header */
    for (size_t at = 0; at < 65528; at += 1400) {
        size_t len = at + 1400 < 65528 ? 1400 : 65528 - at;
        memset(hop, 0, 16);
        hop[0] = 44;
        hop[8] = 17;
        rig_put16(hop + 10, (unsigned)at | (at + len < 65528));
        rig_send(&rig, out, rig_make_ip6(out, 0, hop, 16 + len));
        rig_turn(&rig);
        rig_send(&rig, out, rig_make_ip6_fragment(out, 17, id + 1, at, at + len < 65528, data, len));
        rig_turn(&rig);
    }
    /* a fragment header behind a fragment header */
    rig_send(&rig, out, rig_make_ip6_fragment(out, 44, id + 2, 0, false, hop + 8, 64));
    rig_turn(&rig);
    rig_send(&rig, out, rig_make_echo(out, 6, 1, 56));
    rig_turn(&rig);
    assert_echo_reply(6, 56);
    rig.leaves_fragments = true;
    rig_close(&rig);
}

static void assert_udp_reply(int version, size_t len)
{
    assert_true(rig_recv_ip(&rig, &in));
    size_t l4 = rig_l4(in.data);
    assert_int_equal(in.len, l4 + 8 + len);
    assert_int_equal(rig_be16(in.data + l4), 7);
    assert_int_equal(rig_be16(in.data + l4 + 2), 5000);
    assert_int_equal(rig_transport_sum(in.data), 0xffff);
    assert_int_equal(in.offload.flags, 0); /* UDP checksums are lwIP's own */
    assert_memory_equal(in.data + l4 + 8, out + rig_l4(out) + 8, len);
    (void)version;
}

static void test_udp(void **state)
{
    (void)state;
    uint8_t bytes[1472];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 11);
    for (int offload = 0; offload < 2; offload++) {
        rig_open(&rig, &(struct rig_config){.offload = offload});
        struct udp_pcb *pcb = rig_udp_echo(7);
        for (int version = 4; version <= 6; version += 2)
            for (size_t len = 0; len <= 1452; len++) {
                rig_send(&rig, out, rig_make_udp(out, version, 5000, 7, bytes, len));
                rig_turn(&rig);
                assert_udp_reply(version, len);
            }
        udp_remove(pcb);
        rig_close(&rig);
    }
}

static void test_udp_fragments(void **state)
{
    (void)state;
    static const size_t lens[] = {1473, 2000, 9000, 65000};
    static uint8_t bytes[65536], reply[65600];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 13 + (i >> 8));
    for (int offload = 0; offload < 2; offload++) {
        rig_open(&rig, &(struct rig_config){.offload = offload});
        struct udp_pcb *pcb = rig_udp_echo(7);
        for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
            for (int version = 4; version <= 6; version += 2)
                for (int backwards = 0; backwards < 2; backwards++) {
                    id++;
                    rig_make_udp(out, version, 5000, 7, bytes, lens[i]);
                    send_fragments(version, version == 4 ? 1480 : 1448, backwards, SKIP_NONE);
                    assert_int_equal(collect(version), 8 + lens[i]);
                    assert_memory_equal(data + 8, bytes, lens[i]);
                    if (version == 4) /* the sum does not mind which address is first */
                        rig_make_ip4(reply, 17, data, 8 + lens[i]);
                    else
                        rig_make_ip6(reply, 17, data, 8 + lens[i]);
                    assert_int_equal(rig_transport_sum(reply), 0xffff);
                }
        udp_remove(pcb);
        rig_close(&rig);
    }
}

/* A bridge's wire carries frames for others. */
static void test_frame_for_another(void **state)
{
    (void)state;
    rig_open(&rig, NULL);
    size_t len = rig_make_echo(out, 4, 1, 56);
    out[5] ^= 0x40;
    rig_send(&rig, out, len);
    rig_turn(&rig);
    assert_false(rig_recv_ip(&rig, &in));
    memset(out, 0xff, 6);
    rig_send(&rig, out, len);
    rig_turn(&rig);
    assert_echo_reply(4, 56);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arp),
        cmocka_unit_test(test_neighbour_discovery),
        cmocka_unit_test(test_ping),
        cmocka_unit_test(test_large_ping),
        cmocka_unit_test(test_overlapping_fragments),
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_udp_fragments),
        cmocka_unit_test(test_frame_for_another),
        /* these leave fragments behind, so memory is compared no more */
        cmocka_unit_test(test_lost_fragments),
        cmocka_unit_test(test_ip6_packets_that_lwip_must_not_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
