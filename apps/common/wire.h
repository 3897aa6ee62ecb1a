/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire.h
 * Where the fields of the common headers are, in bytes from each header's start, and how to read them: frames are
 * bytes in network order at any alignment, so no struct is laid over them.
 */
#ifndef FETH_WIRE_H
#define FETH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ethernet (IEEE 802.3) and the VLAN tag (IEEE 802.1Q) */
enum {
    ETHER_MAC = 6,
    ETHER_TYPE_AT = 12,
    ETHER_SIZE = 14,
    VLAN_SIZE = 4,
    ETHER_TYPE_IP4 = 0x0800,
    ETHER_TYPE_ARP = 0x0806,
    ETHER_TYPE_VLAN = 0x8100,
    ETHER_TYPE_IP6 = 0x86dd
};

/* ARP for IPv4 over Ethernet (RFC 826) */
enum {
    ARP_OPERATION_AT = 6,
    ARP_SENDER_MAC_AT = 8,
    ARP_SENDER_AT = 14,
    ARP_TARGET_MAC_AT = 18,
    ARP_TARGET_AT = 24,
    ARP_SIZE = 28,
    ARP_REQUEST = 1,
    ARP_REPLY = 2
};

/* IPv4 (RFC 791) */
enum {
    IP4_TOTAL_AT = 2,
    IP4_ID_AT = 4,
    IP4_FRAGMENT_AT = 6,
    IP4_FRAGMENT_MASK = 0x3fff, /* more fragments, and the offset */
    IP4_TTL_AT = 8,
    IP4_PROTOCOL_AT = 9,
    IP4_CHECKSUM_AT = 10,
    IP4_SOURCE_AT = 12,
    IP4_DESTINATION_AT = 16,
    IP4_SIZE = 20
};

/* IPv6 (RFC 8200) */
enum {
    IP6_PAYLOAD_AT = 4,
    IP6_NEXT_AT = 6,
    IP6_HOPS_AT = 7,
    IP6_SOURCE_AT = 8,
    IP6_DESTINATION_AT = 24,
    IP6_SIZE = 40
};

/* Protocol numbers (IANA) */
enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IP6_FRAGMENT = 44,
    PROTOCOL_ICMP6 = 58
};

/* ICMP echo (RFC 792) and ICMPv6 (RFC 4443): the same layout */
enum {
    ICMP_CHECKSUM_AT = 2,
    ICMP_ID_AT = 4,
    ICMP_SEQ_AT = 6,
    ICMP_SIZE = 8,
    ICMP_ECHO_REPLY = 0,
    ICMP_ECHO_REQUEST = 8,
    ICMP6_ECHO_REQUEST = 128,
    ICMP6_ECHO_REPLY = 129,
    ICMP6_SOLICITATION = 135,
    ICMP6_ADVERTISEMENT = 136
};

/* Neighbour discovery (RFC 4861, 4.3, 4.4, 4.6) */
enum {
    ND_FLAGS_AT = 4,
    ND_TARGET_AT = 8,
    ND_SIZE = 24,
    ND_SOLICITED = 0x40,
    ND_OVERRIDE = 0x20,
    ND_OPTION_SOURCE_MAC = 1,
    ND_OPTION_TARGET_MAC = 2
};

static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** Whether a MAC address is broadcast or multicast. */
static inline bool is_group(const uint8_t mac[ETHER_MAC])
{
    return mac[0] & 1;
}

/**
 * The Internet checksum's sum (RFC 1071), not inverted, over len bytes and what was summed before.
 * @return 0xffff where the bytes hold their own, right checksum
 */
uint16_t inet_sum(const uint8_t *data, size_t len, uint32_t before);

/** The same over an ICMPv6 message of size bytes with the pseudo-header of its IPv6 header (RFC 8200, 8.1). */
uint16_t icmp6_sum(const uint8_t *ip, const uint8_t *icmp, size_t size);

#endif
