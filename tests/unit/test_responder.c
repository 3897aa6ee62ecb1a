/* SPDX-License-Identifier: Apache-2.0 */
/* The responder's engine: frame in, frame out. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "responder.h"
#include "responder_frames.h"
#include "wire.h"

static size_t (*const makers[])(uint8_t *, bool) = {make_arp, make_ping4, make_ping6, make_solicitation};
static const enum responder_kind kinds[] = {RESPONDER_ARP, RESPONDER_ICMP, RESPONDER_ICMP6, RESPONDER_ND};
enum { MAKERS = sizeof(makers) / sizeof(makers[0]) };

static struct responder me(void)
{
    struct responder r = {.config = {.has_ip4 = true, .has_ip6 = true}};

    memcpy(r.config.mac, my_mac, 6);
    memcpy(r.config.ip4, my_ip4, 4);
    memcpy(r.config.ip6, my_ip6, 16);
    return r;
}

/* Answer a frame that lies in memory of exactly its size, so that a sanitizer sees every byte read beyond. */
static size_t answer_exactly(struct responder *r, const uint8_t *frame, size_t len, uint8_t *reply,
                             struct responder_answer *a)
{
    uint8_t *exact = malloc(len ? len : 1), *out = malloc(len + RESPONDER_GROWTH);

    memcpy(exact, frame, len);
    size_t n = responder_answer(r, exact, len, out, a);
    assert_true(n <= len + RESPONDER_GROWTH);
    if (reply)
        memcpy(reply, out, n);
    free(exact);
    free(out);
    return n;
}

static void test_replies(void **state)
{
    (void)state;
    uint8_t f[ROOM], reply[ROOM];
    struct responder_answer a;

    for (int vlan = 0; vlan < 2; vlan++) {
        struct responder r = me();
        size_t l3 = vlan ? 18 : 14;

        size_t n = answer_exactly(&r, f, make_arp(f, vlan), reply, &a);
        assert_int_equal(n, l3 + ARP_SIZE);
        assert_memory_equal(reply, host_mac, 6);
        assert_memory_equal(reply + 6, my_mac, 6);
        assert_memory_equal(reply + 12, f + 12, l3 - 12); /* the tag, and the type */
        assert_int_equal(get16(reply + l3 + ARP_OPERATION_AT), ARP_REPLY);
        assert_memory_equal(reply + l3 + ARP_SENDER_MAC_AT, my_mac, 6);
        assert_memory_equal(reply + l3 + ARP_SENDER_AT, my_ip4, 4);
        assert_memory_equal(reply + l3 + ARP_TARGET_MAC_AT, host_mac, 6);
        assert_memory_equal(reply + l3 + ARP_TARGET_AT, host_ip4, 4);

        size_t len = make_ping4(f, vlan);
        n = answer_exactly(&r, f, len, reply, &a);
        assert_int_equal(n, len);
        uint8_t *ip = reply + l3, *icmp = ip + IP4_SIZE;
        assert_memory_equal(reply + 12, f + 12, l3 - 12);
        assert_int_equal(inet_sum(ip, IP4_SIZE, 0), 0xffff);
        assert_int_equal(inet_sum(icmp, ICMP_SIZE + 57, 0), 0xffff);
        assert_memory_equal(ip + IP4_SOURCE_AT, my_ip4, 4);
        assert_memory_equal(ip + IP4_DESTINATION_AT, host_ip4, 4);
        assert_int_equal(icmp[0], ICMP_ECHO_REPLY);
        assert_memory_equal(icmp + ICMP_ID_AT, f + l3 + IP4_SIZE + ICMP_ID_AT, 4 + 57);
        assert_int_equal(a.kind, RESPONDER_ICMP);
        assert_int_equal(a.family, AF_INET);
        assert_int_equal(a.id, 0xbeef);
        assert_int_equal(a.seq, 42);
        assert_int_equal(a.bytes, 65);
        assert_memory_equal(a.from, my_ip4, 4);
        assert_memory_equal(a.to, host_ip4, 4);
        assert_memory_equal(a.to_mac, host_mac, 6);

        len = make_ping6(f, vlan);
        n = answer_exactly(&r, f, len, reply, &a);
        assert_int_equal(n, len);
        ip = reply + l3;
        icmp = ip + IP6_SIZE;
        assert_int_equal(icmp6_sum(ip, icmp, 64), 0xffff);
        assert_int_equal(icmp[0], ICMP6_ECHO_REPLY);
        assert_memory_equal(ip + IP6_SOURCE_AT, my_ip6, 16);
        assert_memory_equal(ip + IP6_DESTINATION_AT, host_ip6, 16);
        assert_int_equal(a.id, 0xcafe);

        n = answer_exactly(&r, f, make_solicitation(f, vlan), reply, &a);
        assert_int_equal(n, l3 + IP6_SIZE + ND_SIZE + 8);
        assert_memory_equal(reply, host_mac, 6);
        assert_int_equal(icmp6_sum(ip, icmp, ND_SIZE + 8), 0xffff);
        assert_int_equal(ip[IP6_HOPS_AT], 255);
        assert_int_equal(icmp[0], ICMP6_ADVERTISEMENT);
        assert_int_equal(icmp[ND_FLAGS_AT], ND_SOLICITED | ND_OVERRIDE);
        assert_memory_equal(icmp + ND_TARGET_AT, my_ip6, 16);
        assert_int_equal(icmp[ND_SIZE], ND_OPTION_TARGET_MAC);
        assert_memory_equal(icmp + ND_SIZE + 2, my_mac, 6);

        for (int i = 0; i < MAKERS; i++)
            assert_int_equal(r.answered[kinds[i]], 1);
        for (int i = 0; i < IGNORED_REASONS; i++)
            assert_int_equal(r.ignored[i], 0);
    }
}

static void test_every_truncation(void **state)
{
    (void)state;
    uint8_t f[ROOM];

    for (int vlan = 0; vlan < 2; vlan++)
        for (int i = 0; i < MAKERS; i++) {
            struct responder r = me();
            size_t len = makers[i](f, vlan);
            for (size_t cut = 0; cut < len; cut++)
                assert_int_equal(answer_exactly(&r, f, cut, NULL, NULL), 0);
            assert_int_equal(r.ignored[IGNORED_TRUNCATED], len);
        }
}

static void test_padding_is_no_part_of_the_packet(void **state)
{
    (void)state;
    uint8_t f[ROOM], reply[ROOM];
    struct responder r = me();

    for (int i = 0; i < MAKERS; i++) {
        size_t len = makers[i](f, false);
        size_t bare = answer_exactly(&r, f, len, reply, NULL);
        memset(f + len, 0xee, 30);
        assert_int_equal(answer_exactly(&r, f, len + 30, reply, NULL), bare);
    }
}

/* Any one bit flipped: no reply, or one that is right all the same (bits that no checksum covers and nobody minds). */
static void test_every_bit_flipped(void **state)
{
    (void)state;
    uint8_t f[ROOM];

    for (int i = 1; i < 3; i++) { /* the echoes, whose checksums cover all behind the network header */
        struct responder r = me();
        size_t len = makers[i](f, false);
        size_t from = i == 1 ? 14 : 14 + 8; /* IPv6 sums neither traffic class, flow label nor hop limit */
        for (size_t bit = from * 8; bit < len * 8; bit++) {
            f[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(answer_exactly(&r, f, len, NULL, NULL), 0);
            f[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(r.ignored[IGNORED_CHECKSUM] > 0);
    }
}

static void expect_ignored(const uint8_t *f, size_t len, enum responder_ignored why)
{
    struct responder r = me();

    assert_int_equal(answer_exactly(&r, f, len, NULL, NULL), 0);
    for (int i = 0; i < IGNORED_REASONS; i++)
        assert_int_equal(r.ignored[i], i == (int)why);
}

static void test_fragments(void **state)
{
    (void)state;
    uint8_t f[ROOM];

    size_t len = make_ping4(f, false);
    put16(f + 14 + IP4_FRAGMENT_AT, 0x2000); /* more follow */
    sum_ip4(f + 14);
    expect_ignored(f, len, IGNORED_FRAGMENT);
    put16(f + 14 + IP4_FRAGMENT_AT, 185); /* a later one */
    sum_ip4(f + 14);
    expect_ignored(f, len, IGNORED_FRAGMENT);
    len = make_ping6(f, false);
    f[14 + IP6_NEXT_AT] = PROTOCOL_IP6_FRAGMENT;
    expect_ignored(f, len, IGNORED_FRAGMENT);
}

static void test_foreign(void **state)
{
    (void)state;
    uint8_t f[ROOM];
    size_t len;

    len = make_arp(f, false);
    f[14 + ARP_TARGET_AT + 3] = 9; /* another station is asked for */
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_arp(f, false);
    put16(f + 14 + ARP_OPERATION_AT, ARP_REPLY);
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_arp(f, false);
    memcpy(f + 14 + ARP_SENDER_AT, my_ip4, 4); /* somebody announces our address: not a question */
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping4(f, false);
    f[5] ^= 1; /* another station's MAC address */
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping4(f, false);
    f[14 + IP4_DESTINATION_AT + 3] = 255; /* broadcast ping */
    sum_ip4(f + 14);
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping4(f, false);
    f[14 + IP4_PROTOCOL_AT] = PROTOCOL_UDP;
    sum_ip4(f + 14);
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping4(f, false);
    put16(f + 12, 0x88b5);
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping6(f, false);
    f[14 + IP6_NEXT_AT] = PROTOCOL_TCP;
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_ping6(f, false);
    memcpy(f + 14 + IP6_DESTINATION_AT, solicited_ip, 16); /* an echo to the group */
    sum_icmp6(f + 14);
    expect_ignored(f, len, IGNORED_FOREIGN);
    len = make_solicitation(f, false);
    f[14 + IP6_SIZE + ND_TARGET_AT + 7] = 1; /* an address of the same group */
    sum_icmp6(f + 14);
    expect_ignored(f, len, IGNORED_FOREIGN);

    /* without an address of the family nothing is ours */
    struct responder r = me();
    r.config.has_ip4 = r.config.has_ip6 = false;
    for (int i = 0; i < MAKERS; i++)
        assert_int_equal(answer_exactly(&r, f, makers[i](f, false), NULL, NULL), 0);
    assert_int_equal(r.ignored[IGNORED_FOREIGN], MAKERS);
}

static void test_malformed(void **state)
{
    (void)state;
    uint8_t f[ROOM];
    uint8_t *ip = f + 14, *icmp6 = ip + IP6_SIZE;
    size_t len;

    len = make_ping4(f, false);
    f[6] |= 1; /* from a group address */
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_arp(f, false);
    f[14 + 4] = 8;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_arp(f, false);
    f[14 + ARP_SENDER_MAC_AT] |= 1;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping4(f, false);
    ip[0] = 4 << 4 | 4; /* a header of 16 bytes */
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping4(f, false);
    ip[0] = 5 << 4 | 5;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping4(f, false);
    put16(ip + IP4_TOTAL_AT, 19);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping4(f, false);
    put16(ip + IP4_TOTAL_AT, 27); /* an ICMP message of 7 bytes */
    sum_ip4(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping4(f, false);
    ip[IP4_SOURCE_AT] = 224;
    sum_ip4(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);

    len = make_ping6(f, false);
    ip[0] = 4 << 4;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping6(f, false);
    put16(ip + IP6_PAYLOAD_AT, 7);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping6(f, false);
    ip[IP6_SOURCE_AT] = 0xff;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_ping6(f, false);
    memset(ip + IP6_SOURCE_AT, 0, 16);
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);

    /* the validity checks of RFC 4861, 7.1.1, one by one */
    len = make_solicitation(f, false);
    ip[IP6_HOPS_AT] = 254;
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_solicitation(f, false);
    icmp6[1] = 1;
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_solicitation(f, false);
    icmp6[ND_TARGET_AT] = 0xff;
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_solicitation(f, false);
    icmp6[ND_SIZE + 1] = 0; /* an option without length: no endless loop */
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_solicitation(f, false);
    icmp6[ND_SIZE + 1] = 2; /* one that is longer than the message */
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
    len = make_solicitation(f, false);
    memset(ip + IP6_SOURCE_AT, 0, 16); /* duplicate address detection gives no link-layer address */
    sum_icmp6(ip);
    expect_ignored(f, len, IGNORED_MALFORMED);
}

static void test_duplicate_address_detection(void **state)
{
    (void)state;
    static const uint8_t all_nodes_mac[6] = {0x33, 0x33, 0, 0, 0, 1};
    static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
    uint8_t f[ROOM], reply[ROOM];
    struct responder r = me();

    (void)make_solicitation(f, false);
    put16(f + 14 + IP6_PAYLOAD_AT, ND_SIZE);
    memset(f + 14 + IP6_SOURCE_AT, 0, 16);
    sum_icmp6(f + 14);
    size_t n = answer_exactly(&r, f, 14 + IP6_SIZE + ND_SIZE, reply, NULL);
    assert_int_equal(n, 14 + IP6_SIZE + ND_SIZE + 8);
    assert_memory_equal(reply, all_nodes_mac, 6);
    assert_memory_equal(reply + 14 + IP6_DESTINATION_AT, all_nodes, 16);
    assert_int_equal(reply[14 + IP6_SIZE + ND_FLAGS_AT], ND_OVERRIDE);
}

static void test_options_are_not_returned(void **state)
{
    (void)state;
    uint8_t f[ROOM], reply[ROOM];
    struct responder r = me();

    size_t len = make_ping4_options(f, false, 20, 40);
    assert_int_equal(answer_exactly(&r, f, len, reply, NULL), len - 40);
    assert_int_equal(reply[14], 4 << 4 | 5);
    assert_int_equal(inet_sum(reply + 14, IP4_SIZE, 0), 0xffff);
}

static void test_storm(void **state)
{
    (void)state;
    uint8_t f[ROOM];
    struct responder r = me();
    uint32_t random = 1;

    for (int round = 0; round < 200000; round++) {
        size_t len = makers[round % MAKERS](f, round / MAKERS % 2);
        for (int hits = 0; hits < 4; hits++) {
            random = random * 1664525 + 1013904223; /* Numerical Recipes' */
            f[(random >> 8) % len] = (uint8_t)(random >> 24);
        }
        random = random * 1664525 + 1013904223;
        (void)answer_exactly(&r, f, (random >> 8) % (len + 1), NULL, NULL);
    }
    uint64_t all = 0;
    for (int i = 0; i < RESPONDER_KINDS; i++)
        all += r.answered[i];
    for (int i = 0; i < IGNORED_REASONS; i++)
        all += r.ignored[i];
    assert_int_equal(all, 200000); /* each is counted once */
}

static void test_names(void **state)
{
    (void)state;
    uint8_t mac[6];

    responder_default_mac(my_ip4, mac);
    assert_memory_equal(mac, my_mac, 6);
    assert_string_equal(responder_ignored_name(IGNORED_FRAGMENT), "fragment");
    assert_string_equal(responder_ignored_name(IGNORED_REASONS), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_padding_is_no_part_of_the_packet),
        cmocka_unit_test(test_every_bit_flipped),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_duplicate_address_detection),
        cmocka_unit_test(test_options_are_not_returned),
        cmocka_unit_test(test_storm),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
