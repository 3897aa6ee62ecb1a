/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file responder.h
 * Answers ARP, ICMP echo, IPv6 neighbour solicitations and ICMPv6 echo.  It takes a frame and gives a frame: no
 * descriptor, no clock, no memory of its own, so that it can be tested and fuzzed without a network.
 */
#ifndef FETH_RESPONDER_H
#define FETH_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whom to answer as. */
struct responder_config {
    uint8_t mac[6];
    bool has_ip4, has_ip6;
    uint8_t ip4[4];
    uint8_t ip6[16];
};

/** What was answered. */
enum responder_kind {
    RESPONDER_NONE = 0,
    RESPONDER_ARP,
    RESPONDER_ICMP,
    RESPONDER_ND,
    RESPONDER_ICMP6,
    RESPONDER_KINDS
};

/** Why a frame was not answered. */
enum responder_ignored {
    IGNORED_MALFORMED, /**< lengths or fields that no sender may set */
    IGNORED_TRUNCATED, /**< the frame ends before what its headers promise */
    IGNORED_CHECKSUM,  /**< a wrong IPv4, ICMP or ICMPv6 checksum */
    IGNORED_FRAGMENT,  /**< part of a fragmented packet */
    IGNORED_FOREIGN,   /**< for another station, or nothing that the responder speaks */
    IGNORED_REASONS
};

/** One responder: its configuration and what it has counted. */
struct responder {
    struct responder_config config;
    uint64_t answered[RESPONDER_KINDS];
    uint64_t ignored[IGNORED_REASONS];
};

/** The facts about an answer, for a line of output. */
struct responder_answer {
    enum responder_kind kind;
    int family;        /**< AF_INET or AF_INET6 */
    uint8_t from[16];  /**< our address */
    uint8_t to[16];    /**< whom it was answered */
    uint8_t to_mac[6]; /**< and at which station */
    uint16_t id, seq;  /**< of an echo */
    uint32_t bytes;    /**< ICMP message, header included */
};

/** The name of a reason: "malformed", …  @return a static string */
const char *responder_ignored_name(enum responder_ignored reason);

/** 02:00: and the IPv4 address: the MAC address of a responder that was not given one. */
void responder_default_mac(const uint8_t ip4[4], uint8_t mac[6]);

/**
 * Answer one frame.
 * @param frame the whole frame as received, without FCS, checksums complete
 * @param[out] reply room for len + RESPONDER_GROWTH bytes; may not overlap frame
 * @param[out] answer filled in where there is one; may be NULL
 * @return the reply's length in bytes; 0: no reply, and the reason is counted.  Not thread-safe on one responder.
 */
size_t responder_answer(struct responder *r, const uint8_t *frame, size_t len, uint8_t *reply,
                        struct responder_answer *answer);

/** How much longer than its request a reply can be: a target link-layer address option, RFC 4861, 4.6.1. */
#define RESPONDER_GROWTH 8

#endif
