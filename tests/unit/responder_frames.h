/* SPDX-License-Identifier: Apache-2.0 */
/* The host's frames, for the tests of the responder: each maker returns the length, and puts a VLAN tag in if asked. */
#ifndef FETH_TESTS_RESPONDER_FRAMES_H
#define FETH_TESTS_RESPONDER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "wire.h"

static const uint8_t my_mac[6] = {0x02, 0, 10, 0, 0, 2}, host_mac[6] = {0x66, 0x65, 0x74, 0x68, 0, 0};
static const uint8_t my_ip4[4] = {10, 0, 0, 2}, host_ip4[4] = {10, 0, 0, 1};
static const uint8_t my_ip6[16] = {0xfd, 0, 0xfe, 0xed, [15] = 2},
                     host_ip6[16] = {0xfd, 0, 0xfe, 0xed, [15] = 1};

enum { ROOM = 2048 };

static inline size_t put_ether(uint8_t *f, const uint8_t *to, uint16_t type, bool vlan)
{
    memcpy(f, to, 6);
    memcpy(f + 6, host_mac, 6);
    if (vlan) {
        put16(f + 12, ETHER_TYPE_VLAN);
        put16(f + 14, 7);
    }
    put16(f + (vlan ? 16 : 12), type);
    return vlan ? 18 : 14;
}

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static inline size_t make_arp(uint8_t *f, bool vlan)
{
    size_t at = put_ether(f, broadcast, ETHER_TYPE_ARP, vlan);
    static const uint8_t head[] = {0, 1, 8, 0, 6, 4, 0, 1};

    memset(f + at, 0, ARP_SIZE);
    memcpy(f + at, head, sizeof(head));
    memcpy(f + at + ARP_SENDER_MAC_AT, host_mac, 6);
    memcpy(f + at + ARP_SENDER_AT, host_ip4, 4);
    memcpy(f + at + ARP_TARGET_AT, my_ip4, 4);
    return at + ARP_SIZE;
}

static inline void sum_ip4(uint8_t *ip)
{
    size_t header = (size_t)(ip[0] & 15) * 4;

    put16(ip + IP4_CHECKSUM_AT, 0);
    put16(ip + IP4_CHECKSUM_AT, (uint16_t)~inet_sum(ip, header, 0));
}

static inline size_t make_ping4_options(uint8_t *f, bool vlan, size_t data, size_t options)
{
    size_t at = put_ether(f, my_mac, ETHER_TYPE_IP4, vlan);
    uint8_t *ip = f + at, *icmp = ip + IP4_SIZE + options;

    memset(ip, 0, IP4_SIZE + options);
    memset(ip + IP4_SIZE, 1, options); /* no-operation */
    ip[0] = (uint8_t)(4 << 4 | (IP4_SIZE + options) / 4);
    put16(ip + IP4_TOTAL_AT, (uint16_t)(IP4_SIZE + options + ICMP_SIZE + data));
    put16(ip + IP4_ID_AT, 0x1234);
    put16(ip + IP4_FRAGMENT_AT, 0x4000); /* do not fragment */
    ip[IP4_TTL_AT] = 64;
    ip[IP4_PROTOCOL_AT] = PROTOCOL_ICMP;
    memcpy(ip + IP4_SOURCE_AT, host_ip4, 4);
    memcpy(ip + IP4_DESTINATION_AT, my_ip4, 4);
    sum_ip4(ip);
    memset(icmp, 0, ICMP_SIZE);
    icmp[0] = ICMP_ECHO_REQUEST;
    put16(icmp + ICMP_ID_AT, 0xbeef);
    put16(icmp + ICMP_SEQ_AT, 42);
    for (size_t i = 0; i < data; i++)
        icmp[ICMP_SIZE + i] = (uint8_t)(i * 3 + 1);
    put16(icmp + ICMP_CHECKSUM_AT, (uint16_t)~inet_sum(icmp, ICMP_SIZE + data, 0));
    return at + IP4_SIZE + options + ICMP_SIZE + data;
}

static inline size_t make_ping4(uint8_t *f, bool vlan)
{
    return make_ping4_options(f, vlan, 57, 0); /* an odd length */
}

static inline void put_ip6(uint8_t *ip, const uint8_t *to, size_t size, uint8_t hops)
{
    memset(ip, 0, IP6_SIZE);
    ip[0] = 6 << 4;
    put16(ip + IP6_PAYLOAD_AT, (uint16_t)size);
    ip[IP6_NEXT_AT] = PROTOCOL_ICMP6;
    ip[IP6_HOPS_AT] = hops;
    memcpy(ip + IP6_SOURCE_AT, host_ip6, 16);
    memcpy(ip + IP6_DESTINATION_AT, to, 16);
}

static inline void sum_icmp6(uint8_t *ip)
{
    uint8_t *icmp = ip + IP6_SIZE;

    put16(icmp + ICMP_CHECKSUM_AT, 0);
    put16(icmp + ICMP_CHECKSUM_AT, (uint16_t)~icmp6_sum(ip, icmp, get16(ip + IP6_PAYLOAD_AT)));
}

static inline size_t make_ping6(uint8_t *f, bool vlan)
{
    enum { SIZE = ICMP_SIZE + 56 };
    size_t at = put_ether(f, my_mac, ETHER_TYPE_IP6, vlan);
    uint8_t *icmp = f + at + IP6_SIZE;

    put_ip6(f + at, my_ip6, SIZE, 64);
    memset(icmp, 0x5a, SIZE);
    icmp[0] = ICMP6_ECHO_REQUEST;
    icmp[1] = 0;
    put16(icmp + ICMP_ID_AT, 0xcafe);
    put16(icmp + ICMP_SEQ_AT, 7);
    sum_icmp6(f + at);
    return at + IP6_SIZE + SIZE;
}

static const uint8_t solicited_mac[6] = {0x33, 0x33, 0xff, 0, 0, 2};
static const uint8_t solicited_ip[16] = {0xff, 2, [11] = 1, 0xff, 0, 0, 2};

static inline size_t make_solicitation(uint8_t *f, bool vlan)
{
    enum { SIZE = ND_SIZE + 8 };
    size_t at = put_ether(f, solicited_mac, ETHER_TYPE_IP6, vlan);
    uint8_t *icmp = f + at + IP6_SIZE;

    put_ip6(f + at, solicited_ip, SIZE, 255);
    memset(icmp, 0, SIZE);
    icmp[0] = ICMP6_SOLICITATION;
    memcpy(icmp + ND_TARGET_AT, my_ip6, 16);
    icmp[ND_SIZE] = ND_OPTION_SOURCE_MAC;
    icmp[ND_SIZE + 1] = 1;
    memcpy(icmp + ND_SIZE + 2, host_mac, 6);
    sum_icmp6(f + at);
    return at + IP6_SIZE + SIZE;
}

#endif
