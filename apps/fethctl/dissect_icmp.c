/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP for IPv4. */
#include "dissect_parts.h"
#include "wire.h"

/* The packet that an error quotes: what there is of it. */
struct quote {
    const uint8_t *to;
    uint8_t protocol;
    bool has_port;
    uint16_t port; /* where it went to */
};

/* @return false where the quoted header is cut, which is said */
static bool read_quote(struct dissect_line *line, const struct dissect_part *icmp, struct quote *q)
{
    if (!dissect_has(line, icmp, ICMP_QUOTE_AT + IP4_SIZE, "icmp"))
        return false;
    struct dissect_part ip = dissect_behind(icmp, ICMP_QUOTE_AT);
    size_t header = (size_t)(ip.data[0] & 0x0f) * 4;
    *q = (struct quote){.to = ip.data + IP4_DESTINATION_AT, .protocol = ip.data[IP4_PROTOCOL_AT]};
    if ((q->protocol == PROTOCOL_TCP || q->protocol == PROTOCOL_UDP) && header >= IP4_SIZE &&
        ip.have >= header + UDP_LENGTH_AT) {
        q->has_port = true;
        q->port = get16(ip.data + header + UDP_DESTINATION_AT);
    }
    return true;
}

/* RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1 */
static void say_unreachable(struct dissect_line *line, const struct dissect_part *icmp)
{
    static const char *const what[16] = {
        [0] = "net",   [1] = "host", [5] = "host",  [6] = "net",   [7] = "host",  [8] = "host",  [9] = "net",
        [10] = "host", [11] = "net", [12] = "host", [13] = "host", [14] = "host", [15] = "host",
    };
    static const char *const why[16] = {
        [5] = "source route failed",
        [6] = "unknown",
        [7] = "unknown",
        [8] = "isolated",
        [9] = "admin prohibited",
        [10] = "admin prohibited",
        [11] = "type of service",
        [12] = "type of service",
        [13] = "admin prohibited",
        [14] = "precedence violation",
        [15] = "precedence cutoff",
    };
    unsigned code = icmp->data[ICMP_CODE_AT];
    struct quote q;

    if (!read_quote(line, icmp, &q))
        return;
    if (code < 16 && what[code])
        dissect_say(line, "%s ", what[code]);
    dissect_say_ip4(line, q.to);
    if (code == 2)
        dissect_say(line, " protocol %u", q.protocol);
    if (code == 3 && q.has_port)
        dissect_say(line, " %s port %u", q.protocol == PROTOCOL_TCP ? "tcp" : "udp", (unsigned)q.port);
    else if (code == 3)
        dissect_say(line, "%s port", icmp->have < icmp->size ? " [|icmp]" : "");
    dissect_say(line, " unreachable");
    if (code == 4)
        dissect_say(line, " - need to frag (mtu %u)", (unsigned)get16(icmp->data + ICMP_MTU_AT));
    else if (code < 16 && why[code])
        dissect_say(line, " - %s", why[code]);
    else if (code >= 16)
        dissect_say(line, " - code %u", code);
}

static void say_redirect(struct dissect_line *line, const struct dissect_part *icmp)
{
    struct quote q;

    dissect_say(line, "redirect ");
    if (!read_quote(line, icmp, &q))
        return;
    dissect_say_ip4(line, q.to);
    dissect_say(line,
                icmp->data[ICMP_CODE_AT] == 1 || icmp->data[ICMP_CODE_AT] == 3 ? " to host " : " to net ");
    dissect_say_ip4(line, icmp->data + ICMP_GATEWAY_AT);
}

void dissect_icmp(struct dissect_line *line, const struct dissect_part *part)
{
    static const char *const names[] = {
        [4] = "source quench",      [9] = "router advertisement",  [10] = "router solicitation",
        [13] = "timestamp query",   [14] = "timestamp reply",      [15] = "information request",
        [16] = "information reply", [17] = "address mask request", [18] = "address mask reply",
    };
    const uint8_t *icmp = part->data;

    dissect_say(line, "ICMP ");
    if (!dissect_has(line, part, ICMP_SIZE, "icmp"))
        return;
    uint8_t type = icmp[0], code = icmp[ICMP_CODE_AT];
    switch (type) {
    case ICMP_ECHO_REQUEST:
    case ICMP_ECHO_REPLY:
        dissect_say(line, "echo %s, id %u, seq %u", type == ICMP_ECHO_REPLY ? "reply" : "request",
                    (unsigned)get16(icmp + ICMP_ID_AT), (unsigned)get16(icmp + ICMP_SEQ_AT));
        break;
    case ICMP_UNREACHABLE:
        say_unreachable(line, part);
        break;
    case ICMP_REDIRECT:
        say_redirect(line, part);
        break;
    case ICMP_TIME_EXCEEDED:
        dissect_say(line, "%s", code == 1 ? "ip reassembly time exceeded" : "time exceeded in-transit");
        break;
    case ICMP_PARAMETER_PROBLEM:
        dissect_say(line, "parameter problem - octet %u", icmp[ICMP_POINTER_AT]);
        break;
    default:
        if (type < sizeof(names) / sizeof(names[0]) && names[type])
            dissect_say(line, "%s", names[type]);
        else
            dissect_say(line, "type %u, code %u", type, code);
        break;
    }
    dissect_say(line, ", length %zu", part->size);
}
