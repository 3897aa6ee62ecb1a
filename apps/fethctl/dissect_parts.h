/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dissect_parts.h
 * What the layers of dissect.h share: the line that grows, and the part of a frame that a layer may look at.
 */
#ifndef FETHCTL_DISSECT_PARTS_H
#define FETHCTL_DISSECT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The line, as far as it is written. */
struct dissect_line {
    char *text;
    size_t size, len;
};

/** What a layer gets: its header and all behind it. */
struct dissect_part {
    const uint8_t *data;
    size_t have; /**< bytes at data: captured, and within size */
    size_t size; /**< bytes that there were, as the layers in front say */
};

/** Append; what does not fit is cut. */
void dissect_say(struct dissect_line *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Append an address: 6 bytes of MAC, 4 of IPv4, 16 of IPv6. */
void dissect_say_mac(struct dissect_line *line, const uint8_t *mac);
void dissect_say_ip4(struct dissect_line *line, const uint8_t *ip);
void dissect_say_ip6(struct dissect_line *line, const uint8_t *ip);

/** Whether the first n bytes can be read; where not, say that the layer's header is cut: "[|tcp]". */
bool dissect_has(struct dissect_line *line, const struct dissect_part *part, size_t n, const char *layer);

/** What lies behind the first n bytes, which there are. */
struct dissect_part dissect_behind(const struct dissect_part *part, size_t n);

/** The same part where it ends earlier: after size bytes. */
struct dissect_part dissect_first(const struct dissect_part *part, size_t size);

/* The layers */
void dissect_arp(struct dissect_line *line, const struct dissect_part *part);
void dissect_ip4(struct dissect_line *line, const struct dissect_part *part);
void dissect_ip6(struct dissect_line *line, const struct dissect_part *part);
void dissect_tcp(struct dissect_line *line, const struct dissect_part *part);
void dissect_udp(struct dissect_line *line, const struct dissect_part *part);
void dissect_icmp(struct dissect_line *line, const struct dissect_part *part);
void dissect_icmp6(struct dissect_line *line, const struct dissect_part *part);

/** A transport's name, or NULL. */
const char *dissect_protocol(uint8_t protocol);

/** What an IP packet carries, from its header on. */
void dissect_transport(struct dissect_line *line, uint8_t protocol, const struct dissect_part *part);

#endif
