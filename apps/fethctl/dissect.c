/* SPDX-License-Identifier: Apache-2.0 */
/* A frame in one line: the Ethernet header, VLAN tags and ARP; the line that grows. */
#include "dissect.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dissect_parts.h"
#include "wire.h"

/* ---- the line ----------------------------------------------------------------------------------------------- */

void dissect_say(struct dissect_line *line, const char *fmt, ...)
{
    size_t room = line->size - line->len;
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(line->text + line->len, room, fmt, args);
    va_end(args);
    if (n > 0)
        line->len += (size_t)n < room ? (size_t)n : room - 1;
}

void dissect_say_mac(struct dissect_line *line, const uint8_t *mac)
{
    dissect_say(line, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void dissect_say_ip4(struct dissect_line *line, const uint8_t *ip)
{
    dissect_say(line, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
}

void dissect_say_ip6(struct dissect_line *line, const uint8_t *ip)
{
    char text[INET6_ADDRSTRLEN];

    if (inet_ntop(AF_INET6, ip, text, sizeof(text)))
        dissect_say(line, "%s", text);
}

/* ---- parts -------------------------------------------------------------------------------------------------- */

bool dissect_has(struct dissect_line *line, const struct dissect_part *part, size_t n, const char *layer)
{
    if (part->have >= n)
        return true;
    dissect_say(line, "[|%s]", layer);
    return false;
}

struct dissect_part dissect_behind(const struct dissect_part *part, size_t n)
{
    return (struct dissect_part){.data = part->data + n, .have = part->have - n, .size = part->size - n};
}

struct dissect_part dissect_first(const struct dissect_part *part, size_t size)
{
    return (struct dissect_part){
        .data = part->data, .have = part->have < size ? part->have : size, .size = size};
}

/* ---- ARP ---------------------------------------------------------------------------------------------------- */

void dissect_arp(struct dissect_line *line, const struct dissect_part *part)
{
    const uint8_t *arp = part->data;

    dissect_say(line, "ARP, ");
    if (!dissect_has(line, part, ARP_SENDER_MAC_AT, "arp"))
        return;
    unsigned operation = get16(arp + ARP_OPERATION_AT);
    if (get16(arp + ARP_HARDWARE_AT) != ARP_HARDWARE_ETHER ||
        get16(arp + ARP_PROTOCOL_AT) != ETHER_TYPE_IP4 || arp[ARP_HARDWARE_SIZE_AT] != ETHER_MAC ||
        arp[ARP_PROTOCOL_SIZE_AT] != 4) {
        dissect_say(line, "hardware %u, protocol 0x%04x, operation %u, length %zu",
                    (unsigned)get16(arp + ARP_HARDWARE_AT), (unsigned)get16(arp + ARP_PROTOCOL_AT), operation,
                    part->size);
        return;
    }
    if (!dissect_has(line, part, ARP_SIZE, "arp"))
        return;
    const uint8_t *sender = arp + ARP_SENDER_AT, *target = arp + ARP_TARGET_AT;
    switch (operation) {
    case ARP_REQUEST:
        dissect_say(line, "Request who-has ");
        dissect_say_ip4(line, target);
        dissect_say(line, " tell ");
        dissect_say_ip4(line, sender);
        break;
    case ARP_REPLY:
        dissect_say(line, "Reply ");
        dissect_say_ip4(line, sender);
        dissect_say(line, " is-at ");
        dissect_say_mac(line, arp + ARP_SENDER_MAC_AT);
        break;
    default:
        dissect_say(line, "operation %u", operation);
        break;
    }
    dissect_say(line, ", length %zu", part->size);
}

/* ---- Ethernet ----------------------------------------------------------------------------------------------- */

/* What has no line of its own. */
static void say_other(struct dissect_line *line, const uint8_t *macs, uint16_t type,
                      const struct dissect_part *part, size_t wire_len)
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = {{0x8847, "MPLS"}, {0x8863, "PPPoE discovery"}, {0x8864, "PPPoE"}, {0x888e, "EAPOL"},
                 {0x88cc, "LLDP"}, {0x88e5, "MACsec"},          {0x88f7, "PTP"},   {0x8100, "VLAN"}};

    dissect_say_mac(line, macs + ETHER_MAC);
    dissect_say(line, " > ");
    dissect_say_mac(line, macs);
    if (type >= ETHER_TYPE_MIN) {
        dissect_say(line, ", ethertype 0x%04x", type);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (names[i].type == type)
                dissect_say(line, " (%s)", names[i].name);
    } else if (part->have >= 2) {
        /* IEEE 802.2: destination and source service access points; the spanning tree's is 0x42 */
        dissect_say(line, ", LLC dsap 0x%02x ssap 0x%02x%s", part->data[0], part->data[1],
                    part->data[0] == 0x42 ? " (STP)" : "");
    } else {
        dissect_say(line, ", [|llc]");
    }
    dissect_say(line, ", length %zu", wire_len);
}

void dissect(const uint8_t *data, size_t have, size_t wire_len, char *line_text, size_t size)
{
    struct dissect_line line = {.text = line_text, .size = size};
    struct dissect_part part = {.data = data, .have = have, .size = wire_len > have ? wire_len : have};

    if (size == 0)
        return;
    line_text[0] = '\0';
    if (!dissect_has(&line, &part, ETHER_SIZE, "ether"))
        return;
    uint16_t type = get16(data + ETHER_TYPE_AT);
    part = dissect_behind(&part, ETHER_SIZE);
    while (type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ) {
        if (!dissect_has(&line, &part, VLAN_SIZE, "vlan"))
            return;
        unsigned tag = get16(part.data);
        dissect_say(&line, "vlan %u", tag & VLAN_ID_MASK);
        if (tag >> VLAN_PRIORITY_SHIFT)
            dissect_say(&line, " p %u", tag >> VLAN_PRIORITY_SHIFT);
        dissect_say(&line, ", ");
        type = get16(part.data + 2);
        part = dissect_behind(&part, VLAN_SIZE);
    }
    switch (type) {
    case ETHER_TYPE_ARP:
        dissect_arp(&line, &part);
        break;
    case ETHER_TYPE_IP4:
        dissect_ip4(&line, &part);
        break;
    case ETHER_TYPE_IP6:
        dissect_ip6(&line, &part);
        break;
    default:
        say_other(&line, data, type, &part, wire_len > have ? wire_len : have);
        break;
    }
}
