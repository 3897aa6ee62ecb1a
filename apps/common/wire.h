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
    ETHER_TYPE_IP6 = 0x86dd,
    ETHER_TYPE_QINQ = 0x88a8,
    ETHER_TYPE_MIN = 0x0600, /* what is smaller is a length: an LLC header follows */
    VLAN_ID_MASK = 0x0fff,
    VLAN_PRIORITY_SHIFT = 13
};

/* ARP for IPv4 over Ethernet (RFC 826) */
enum {
    ARP_HARDWARE_AT = 0,
    ARP_PROTOCOL_AT = 2,
    ARP_HARDWARE_SIZE_AT = 4,
    ARP_PROTOCOL_SIZE_AT = 5,
    ARP_OPERATION_AT = 6,
    ARP_SENDER_MAC_AT = 8,
    ARP_SENDER_AT = 14,
    ARP_TARGET_MAC_AT = 18,
    ARP_TARGET_AT = 24,
    ARP_SIZE = 28,
    ARP_HARDWARE_ETHER = 1,
    ARP_REQUEST = 1,
    ARP_REPLY = 2
};

/* IPv4 (RFC 791) */
enum {
    IP4_TOTAL_AT = 2,
    IP4_ID_AT = 4,
    IP4_FRAGMENT_AT = 6,
    IP4_FRAGMENT_MASK = 0x3fff, /* more fragments, and the offset */
    IP4_MORE_FRAGMENTS = 0x2000,
    IP4_OFFSET_MASK = 0x1fff, /* in units of 8 bytes */
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
    IP6_SIZE = 40,
    /* extension headers: the next header and the length come first */
    IP6_EXTENSION_MIN = 8,
    IP6_FRAGMENT_OFFSET_AT = 2,
    IP6_FRAGMENT_ID_AT = 4,
    IP6_FRAGMENT_SIZE = 8,
    IP6_FRAGMENT_OFFSET_MASK = 0xfff8, /* in bytes as it stands */
    IP6_FRAGMENT_MORE = 1
};

/* Protocol numbers (IANA) */
enum {
    PROTOCOL_IP6_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IGMP = 2,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IP6_ROUTING = 43,
    PROTOCOL_IP6_FRAGMENT = 44,
    PROTOCOL_ICMP6 = 58,
    PROTOCOL_IP6_NONE = 59,
    PROTOCOL_IP6_DESTINATION = 60
};

/* TCP (RFC 9293) */
enum {
    TCP_SOURCE_AT = 0,
    TCP_DESTINATION_AT = 2,
    TCP_SEQ_AT = 4,
    TCP_ACK_AT = 8,
    TCP_HEADER_AT = 12, /* the header's length in its upper half, in units of 4 bytes */
    TCP_FLAGS_AT = 13,
    TCP_WINDOW_AT = 14,
    TCP_URGENT_AT = 18,
    TCP_SIZE = 20,
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_MSS = 2,
    TCP_OPTION_WSCALE = 3,    /* RFC 7323 */
    TCP_OPTION_SACK_OK = 4,   /* RFC 2018 */
    TCP_OPTION_SACK = 5,      /* RFC 2018 */
    TCP_OPTION_TIMESTAMPS = 8 /* RFC 7323 */
};

/* UDP (RFC 768) */
enum { UDP_SOURCE_AT = 0, UDP_DESTINATION_AT = 2, UDP_LENGTH_AT = 4, UDP_SIZE = 8 };

/* ICMP (RFC 792) and ICMPv6 (RFC 4443): the same layout */
enum {
    ICMP_CODE_AT = 1,
    ICMP_CHECKSUM_AT = 2,
    ICMP_ID_AT = 4,
    ICMP_SEQ_AT = 6,
    ICMP_SIZE = 8,
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_REDIRECT = 5,
    ICMP_ECHO_REQUEST = 8,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12,
    ICMP_MTU_AT = 6,     /* RFC 1191 */
    ICMP_GATEWAY_AT = 4, /* of a redirect */
    ICMP_POINTER_AT = 4, /* of a parameter problem */
    ICMP_QUOTE_AT = 8,   /* the packet that an error is about */
    ICMP6_UNREACHABLE = 1,
    ICMP6_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAMETER_PROBLEM = 4,
    ICMP6_MTU_AT = 4,
    ICMP6_ECHO_REQUEST = 128,
    ICMP6_ECHO_REPLY = 129,
    ICMP6_MLD_QUERY = 130, /* RFC 2710 and 3810 */
    ICMP6_MLD_REPORT = 131,
    ICMP6_MLD_DONE = 132,
    ICMP6_ROUTER_SOLICITATION = 133,
    ICMP6_ROUTER_ADVERTISEMENT = 134,
    ICMP6_SOLICITATION = 135,
    ICMP6_ADVERTISEMENT = 136,
    ICMP6_REDIRECT = 137,
    ICMP6_MLD2_REPORT = 143,
    MLD_GROUP_AT = 8,
    MLD_SIZE = 24,
    MLD2_RECORDS_AT = 6
};

/* Neighbour discovery (RFC 4861, 4.3, 4.4, 4.6) */
enum {
    ND_FLAGS_AT = 4,
    ND_TARGET_AT = 8,
    ND_SIZE = 24,
    ND_REDIRECT_TO_AT = 24, /* of a redirect: the destination, behind the target */
    RA_LIFETIME_AT = 6,     /* of a router advertisement, 4.2 */
    ND_ROUTER = 0x80,
    ND_SOLICITED = 0x40,
    ND_OVERRIDE = 0x20,
    ND_OPTION_SOURCE_MAC = 1,
    ND_OPTION_TARGET_MAC = 2
};

static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
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
