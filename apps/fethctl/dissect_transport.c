/* SPDX-License-Identifier: Apache-2.0 */
/* What IP carries: TCP and UDP here, ICMP in files of its own, the rest by name. */
#include "dissect_parts.h"
#include "wire.h"

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

static void say_flags(struct dissect_line *line, uint8_t flags)
{
    static const struct {
        uint8_t flag;
        char letter;
    } letters[] = {{TCP_FIN, 'F'}, {TCP_SYN, 'S'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'},
                   {TCP_ACK, '.'}, {TCP_URG, 'U'}, {TCP_ECE, 'E'}, {TCP_CWR, 'W'}};

    dissect_say(line, "Flags [%s", flags ? "" : "none");
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (flags & letters[i].flag)
            dissect_say(line, "%c", letters[i].letter);
    dissect_say(line, "]");
}

/* One option of size bytes, its kind and length included. */
static void say_option(struct dissect_line *line, const uint8_t *option, size_t size)
{
    uint8_t kind = option[0];

    if (kind == TCP_OPTION_MSS && size == 4)
        dissect_say(line, "mss %u", (unsigned)get16(option + 2));
    else if (kind == TCP_OPTION_WSCALE && size == 3)
        dissect_say(line, "wscale %u", option[2]);
    else if (kind == TCP_OPTION_SACK_OK && size == 2)
        dissect_say(line, "sackOK");
    else if (kind == TCP_OPTION_TIMESTAMPS && size == 10)
        dissect_say(line, "TS val %u ecr %u", get32(option + 2), get32(option + 6));
    else if (kind == TCP_OPTION_SACK && size > 2 && size % 8 == 2) {
        dissect_say(line, "sack %zu", size / 8);
        for (size_t at = 2; at < size; at += 8)
            dissect_say(line, " {%u:%u}", get32(option + at), get32(option + at + 4));
    } else
        dissect_say(line, "option-%u", kind);
}

static void say_options(struct dissect_line *line, const uint8_t *options, size_t have, size_t size)
{
    const char *separator = "";

    if (size == 0)
        return;
    dissect_say(line, ", options [");
    for (size_t at = 0; at < size && (at >= have || options[at] != TCP_OPTION_END);) {
        dissect_say(line, "%s", separator);
        separator = ",";
        if (at < have && options[at] == TCP_OPTION_NOP) {
            dissect_say(line, "nop");
            at++;
            continue;
        }
        if (have - at < 2 || have - at < options[at + 1]) {
            dissect_say(line, have < size ? "|tcp" : "bad");
            break;
        }
        if (options[at + 1] < 2) {
            dissect_say(line, "bad");
            break;
        }
        say_option(line, options + at, options[at + 1]);
        at += options[at + 1];
    }
    dissect_say(line, "]");
}

void dissect_tcp(struct dissect_line *line, const struct dissect_part *part)
{
    const uint8_t *tcp = part->data;

    if (!dissect_has(line, part, TCP_SIZE, "tcp"))
        return;
    uint8_t flags = tcp[TCP_FLAGS_AT];
    size_t header = (size_t)(tcp[TCP_HEADER_AT] >> 4) * 4;
    say_flags(line, flags);
    if (header < TCP_SIZE || header > part->size) {
        dissect_say(line, ", bad header length %zu, length %zu", header, part->size);
        return;
    }
    size_t length = part->size - header;
    uint32_t seq = get32(tcp + TCP_SEQ_AT);
    if (length)
        dissect_say(line, ", seq %u:%u", seq, seq + (uint32_t)length);
    else if (flags & (TCP_SYN | TCP_FIN | TCP_RST))
        dissect_say(line, ", seq %u", seq);
    if (flags & TCP_ACK)
        dissect_say(line, ", ack %u", get32(tcp + TCP_ACK_AT));
    dissect_say(line, ", win %u", (unsigned)get16(tcp + TCP_WINDOW_AT));
    if (flags & TCP_URG)
        dissect_say(line, ", urg %u", (unsigned)get16(tcp + TCP_URGENT_AT));
    size_t have = part->have < header ? part->have : header;
    say_options(line, tcp + TCP_SIZE, have - TCP_SIZE, header - TCP_SIZE);
    dissect_say(line, ", length %zu", length);
}

/* ---- UDP ---------------------------------------------------------------------------------------------------- */

void dissect_udp(struct dissect_line *line, const struct dissect_part *part)
{
    dissect_say(line, "UDP, ");
    if (!dissect_has(line, part, UDP_SIZE, "udp"))
        return;
    size_t length = get16(part->data + UDP_LENGTH_AT);
    if (length < UDP_SIZE)
        dissect_say(line, "bad length %zu", length);
    else
        dissect_say(line, "length %zu", length - UDP_SIZE);
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

const char *dissect_protocol(uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_ICMP:
        return "ICMP";
    case PROTOCOL_IGMP:
        return "IGMP";
    case 4:
        return "IP in IP";
    case PROTOCOL_TCP:
        return "TCP";
    case PROTOCOL_UDP:
        return "UDP";
    case 41:
        return "IPv6 in IP";
    case 47:
        return "GRE";
    case 50:
        return "ESP";
    case 51:
        return "AH";
    case PROTOCOL_ICMP6:
        return "ICMP6";
    case PROTOCOL_IP6_NONE:
        return "no next header";
    case 89:
        return "OSPF";
    case 103:
        return "PIM";
    case 112:
        return "VRRP";
    case 132:
        return "SCTP";
    default:
        return NULL;
    }
}

void dissect_transport(struct dissect_line *line, uint8_t protocol, const struct dissect_part *part)
{
    const char *name = dissect_protocol(protocol);

    switch (protocol) {
    case PROTOCOL_TCP:
        dissect_tcp(line, part);
        break;
    case PROTOCOL_UDP:
        dissect_udp(line, part);
        break;
    case PROTOCOL_ICMP:
        dissect_icmp(line, part);
        break;
    case PROTOCOL_ICMP6:
        dissect_icmp6(line, part);
        break;
    default:
        if (name)
            dissect_say(line, "%s, length %zu", name, part->size);
        else
            dissect_say(line, "protocol %u, length %zu", protocol, part->size);
        break;
    }
}
