/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 and IPv6 headers: who to whom, fragments, extension headers. */
#include "dissect_parts.h"
#include "wire.h"

/* Where a packet is a piece of a larger one. */
struct fragment {
    bool is;
    bool more;
    size_t offset; /* bytes */
    uint32_t id;
};

static bool has_ports(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

/* "10.0.0.1.4711 > 10.0.0.2.80: "; the ports stand at the same place in TCP and UDP. */
static void say_ends(struct dissect_line *line, void (*say_ip)(struct dissect_line *, const uint8_t *),
                     const uint8_t *from, const uint8_t *to, uint8_t protocol, const struct fragment *f,
                     const struct dissect_part *payload)
{
    bool ports = has_ports(protocol) && !(f->is && f->offset) && payload->have >= UDP_LENGTH_AT;

    say_ip(line, from);
    if (ports)
        dissect_say(line, ".%u", (unsigned)get16(payload->data + UDP_SOURCE_AT));
    dissect_say(line, " > ");
    say_ip(line, to);
    if (ports)
        dissect_say(line, ".%u", (unsigned)get16(payload->data + UDP_DESTINATION_AT));
    dissect_say(line, ": ");
}

static void say_payload(struct dissect_line *line, uint8_t protocol, const struct fragment *f,
                        const struct dissect_part *payload)
{
    if (f->is && f->offset) {
        const char *name = dissect_protocol(protocol);
        if (name)
            dissect_say(line, "%s", name);
        else
            dissect_say(line, "protocol %u", protocol);
        dissect_say(line, ", length %zu", payload->size);
    } else {
        dissect_transport(line, protocol, payload);
    }
    /* the id, the bytes that this piece has, and a + where more follow */
    if (f->is)
        dissect_say(line, " (frag %u:%zu@%zu%s)", f->id, payload->size, f->offset, f->more ? "+" : "");
}

/* The packet without the padding of a short frame.  @return false where its length cannot be, which is said */
static bool trim(struct dissect_line *line, struct dissect_part *ip, size_t header, size_t total)
{
    if (total < header) {
        dissect_say(line, "bad length %zu", total);
        return false;
    }
    if (total > ip->size)
        dissect_say(line, "[%zu bytes missing] ", total - ip->size);
    *ip = dissect_first(ip, total);
    return true;
}

void dissect_ip4(struct dissect_line *line, const struct dissect_part *part)
{
    struct dissect_part ip = *part;
    const uint8_t *at = ip.data;

    dissect_say(line, "IP ");
    if (!dissect_has(line, &ip, IP4_SIZE, "ip"))
        return;
    size_t header = (size_t)(at[0] & 0x0f) * 4;
    if (at[0] >> 4 != 4 || header < IP4_SIZE) {
        dissect_say(line, "version %u, header length %zu: not IPv4, length %zu", at[0] >> 4, header, ip.size);
        return;
    }
    if (!trim(line, &ip, header, get16(at + IP4_TOTAL_AT)))
        return;
    unsigned where = get16(at + IP4_FRAGMENT_AT);
    struct fragment f = {.is = (where & IP4_FRAGMENT_MASK) != 0,
                         .more = (where & IP4_MORE_FRAGMENTS) != 0,
                         .offset = (size_t)(where & IP4_OFFSET_MASK) * 8,
                         .id = get16(at + IP4_ID_AT)};
    uint8_t protocol = at[IP4_PROTOCOL_AT];
    struct dissect_part payload = {.data = at, .have = 0, .size = ip.size - header};
    if (ip.have >= header)
        payload = dissect_behind(&ip, header);
    say_ends(line, dissect_say_ip4, at + IP4_SOURCE_AT, at + IP4_DESTINATION_AT, protocol, &f, &payload);
    if (dissect_has(line, &ip, header, "ip"))
        say_payload(line, protocol, &f, &payload);
}

/* ---- IPv6 --------------------------------------------------------------------------------------------------- */

/*
 * Step over the extension headers (RFC 8200, 4) to what the packet carries.  Their names go into words, as tcpdump
 * calls them.
 * @return false where one is cut or the packet ends: *protocol is that header's
 */
static bool skip_extensions(struct dissect_line *words, struct dissect_part *part, uint8_t *protocol,
                            struct fragment *f)
{
    for (;;) {
        size_t size;
        switch (*protocol) {
        case PROTOCOL_IP6_HOP_BY_HOP:
        case PROTOCOL_IP6_ROUTING:
        case PROTOCOL_IP6_DESTINATION:
            dissect_say(words, "%s ",
                        *protocol == PROTOCOL_IP6_HOP_BY_HOP ? "HBH"
                        : *protocol == PROTOCOL_IP6_ROUTING  ? "RT"
                                                             : "DSTOPT");
            if (!dissect_has(words, part, IP6_EXTENSION_MIN, "ip6 extension"))
                return false;
            size = ((size_t)part->data[1] + 1) * 8;
            break;
        case PROTOCOL_IP6_FRAGMENT: {
            if (!dissect_has(words, part, IP6_FRAGMENT_SIZE, "frag"))
                return false;
            unsigned where = get16(part->data + IP6_FRAGMENT_OFFSET_AT);
            *f = (struct fragment){.is = true,
                                   .more = (where & IP6_FRAGMENT_MORE) != 0,
                                   .offset = where & IP6_FRAGMENT_OFFSET_MASK,
                                   .id = get32(part->data + IP6_FRAGMENT_ID_AT)};
            size = IP6_FRAGMENT_SIZE;
            break;
        }
        default:
            return true;
        }
        if (!dissect_has(words, part, size, "ip6 extension"))
            return false;
        *protocol = part->data[0];
        *part = dissect_behind(part, size);
        if (f->is && f->offset) /* what follows is the middle of something */
            return true;
    }
}

void dissect_ip6(struct dissect_line *line, const struct dissect_part *part)
{
    struct dissect_part ip = *part;
    const uint8_t *at = ip.data;
    char text[128] = "";
    struct dissect_line words = {.text = text, .size = sizeof(text)};
    struct fragment f = {0};

    dissect_say(line, "IP6 ");
    if (!dissect_has(line, &ip, IP6_SIZE, "ip6"))
        return;
    if (at[0] >> 4 != 6) {
        dissect_say(line, "version %u: not IPv6, length %zu", at[0] >> 4, ip.size);
        return;
    }
    if (!trim(line, &ip, IP6_SIZE, IP6_SIZE + (size_t)get16(at + IP6_PAYLOAD_AT)))
        return;
    uint8_t protocol = at[IP6_NEXT_AT];
    struct dissect_part payload = dissect_behind(&ip, IP6_SIZE);
    bool whole = skip_extensions(&words, &payload, &protocol, &f);
    if (!whole)
        payload.have = 0; /* no ports there */
    say_ends(line, dissect_say_ip6, at + IP6_SOURCE_AT, at + IP6_DESTINATION_AT, protocol, &f, &payload);
    dissect_say(line, "%s", text);
    if (whole)
        say_payload(line, protocol, &f, &payload);
}
