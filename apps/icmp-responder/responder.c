/* SPDX-License-Identifier: Apache-2.0 */
#include "responder.h"

#include <string.h>
#include <sys/socket.h>

#include "wire.h"

/* What is known of the frame under way, and the reply that grows with it. */
struct exchange {
    struct responder *r;
    const uint8_t *frame;
    size_t len;
    size_t l3; /* where the network header starts: 14, or 18 behind a VLAN tag */
    uint8_t *reply;
    struct responder_answer *answer;
};

const char *responder_ignored_name(enum responder_ignored reason)
{
    static const char *const names[IGNORED_REASONS] = {
        [IGNORED_MALFORMED] = "malformed",     [IGNORED_TRUNCATED] = "truncated",
        [IGNORED_CHECKSUM] = "wrong checksum", [IGNORED_FRAGMENT] = "fragment",
        [IGNORED_FOREIGN] = "foreign",
    };
    return (unsigned)reason < IGNORED_REASONS ? names[reason] : "unknown";
}

void responder_default_mac(const uint8_t ip4[4], uint8_t mac[6])
{
    mac[0] = 0x02; /* locally administered, unicast */
    mac[1] = 0;
    memcpy(mac + 2, ip4, 4);
}

static size_t ignore(struct exchange *x, enum responder_ignored reason)
{
    x->r->ignored[reason]++;
    return 0;
}

static size_t answered(struct exchange *x, enum responder_kind kind, int family, const uint8_t *from,
                       const uint8_t *to, size_t reply_len)
{
    size_t size = family == AF_INET ? 4 : 16;

    x->r->answered[kind]++;
    x->answer->kind = kind;
    x->answer->family = family;
    memcpy(x->answer->from, from, size);
    memcpy(x->answer->to, to, size);
    memcpy(x->answer->to_mac, x->reply, ETHER_MAC);
    return reply_len;
}

/* Ethernet header of the reply: back to a station, with the request's VLAN tag. */
static void reply_ethernet(struct exchange *x, const uint8_t to[ETHER_MAC])
{
    memcpy(x->reply, to, ETHER_MAC);
    memcpy(x->reply + ETHER_MAC, x->r->config.mac, ETHER_MAC);
    memcpy(x->reply + ETHER_TYPE_AT, x->frame + ETHER_TYPE_AT, x->l3 - ETHER_TYPE_AT);
}

/* ---- ARP (RFC 826) ------------------------------------------------------------------------------------------ */

static size_t answer_arp(struct exchange *x)
{
    static const uint8_t ethernet_ipv4[] = {0, 1, 0x08, 0, ETHER_MAC, 4};
    const uint8_t *in = x->frame + x->l3;
    const struct responder_config *me = &x->r->config;

    if (x->len - x->l3 < ARP_SIZE)
        return ignore(x, IGNORED_TRUNCATED);
    if (memcmp(in, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
        return ignore(x, IGNORED_MALFORMED);
    const uint8_t *sender_mac = in + ARP_SENDER_MAC_AT, *sender = in + ARP_SENDER_AT,
                  *target = in + ARP_TARGET_AT;
    if (get16(in + ARP_OPERATION_AT) != ARP_REQUEST || !me->has_ip4 || memcmp(target, me->ip4, 4) != 0 ||
        memcmp(sender, me->ip4, 4) == 0 || memcmp(sender_mac, me->mac, ETHER_MAC) == 0)
        return ignore(x, IGNORED_FOREIGN);
    if (is_group(sender_mac))
        return ignore(x, IGNORED_MALFORMED);

    reply_ethernet(x, sender_mac);
    uint8_t *out = x->reply + x->l3;
    memcpy(out, ethernet_ipv4, sizeof(ethernet_ipv4));
    put16(out + ARP_OPERATION_AT, ARP_REPLY);
    memcpy(out + ARP_SENDER_MAC_AT, me->mac, ETHER_MAC);
    memcpy(out + ARP_SENDER_AT, me->ip4, 4);
    memcpy(out + ARP_TARGET_MAC_AT, sender_mac, ETHER_MAC);
    memcpy(out + ARP_TARGET_AT, sender, 4);
    return answered(x, RESPONDER_ARP, AF_INET, me->ip4, sender, x->l3 + ARP_SIZE);
}

/* ---- ICMP echo (RFC 792; RFC 1122, 3.2.2.6) ----------------------------------------------------------------- */

static void answer_echo(struct exchange *x, const uint8_t *icmp, size_t size)
{
    x->answer->id = get16(icmp + ICMP_ID_AT);
    x->answer->seq = get16(icmp + ICMP_SEQ_AT);
    x->answer->bytes = (uint32_t)size;
}

static bool is_ip4_station(const uint8_t ip[4])
{
    /* neither this network (0/8), loopback, multicast nor broadcast: RFC 1122, 3.2.1.3 */
    return ip[0] != 0 && ip[0] != 127 && ip[0] < 224;
}

static size_t answer_ip4(struct exchange *x)
{
    const uint8_t *ip = x->frame + x->l3;
    const struct responder_config *me = &x->r->config;
    size_t there = x->len - x->l3;

    if (there < IP4_SIZE)
        return ignore(x, IGNORED_TRUNCATED);
    size_t header = (size_t)(ip[0] & 15) * 4, total = get16(ip + IP4_TOTAL_AT);
    if (ip[0] >> 4 != 4 || header < IP4_SIZE || total < header)
        return ignore(x, IGNORED_MALFORMED);
    if (there < total)
        return ignore(x, IGNORED_TRUNCATED);
    if (inet_sum(ip, header, 0) != 0xffff)
        return ignore(x, IGNORED_CHECKSUM);
    const uint8_t *from = ip + IP4_SOURCE_AT;
    if (!me->has_ip4 || memcmp(ip + IP4_DESTINATION_AT, me->ip4, 4) != 0 || memcmp(from, me->ip4, 4) == 0)
        return ignore(x, IGNORED_FOREIGN);
    if (!is_ip4_station(from))
        return ignore(x, IGNORED_MALFORMED);
    if (get16(ip + IP4_FRAGMENT_AT) & IP4_FRAGMENT_MASK)
        return ignore(x, IGNORED_FRAGMENT);
    if (ip[IP4_PROTOCOL_AT] != PROTOCOL_ICMP)
        return ignore(x, IGNORED_FOREIGN);

    const uint8_t *icmp = ip + header;
    size_t size = total - header;
    if (size < ICMP_SIZE)
        return ignore(x, IGNORED_MALFORMED);
    if (inet_sum(icmp, size, 0) != 0xffff)
        return ignore(x, IGNORED_CHECKSUM);
    if (icmp[0] != ICMP_ECHO_REQUEST || icmp[1] != 0)
        return ignore(x, IGNORED_FOREIGN);

    /* A fresh header without the request's options: there is no route to record on a cable. */
    reply_ethernet(x, x->frame + ETHER_MAC);
    uint8_t *out = x->reply + x->l3;
    memset(out, 0, IP4_SIZE);
    out[0] = 4 << 4 | IP4_SIZE / 4;
    out[1] = ip[1]; /* type of service, as RFC 1122 asks for */
    put16(out + IP4_TOTAL_AT, (uint16_t)(IP4_SIZE + size));
    memcpy(out + IP4_ID_AT, ip + IP4_ID_AT, 2);
    out[IP4_TTL_AT] = 64;
    out[IP4_PROTOCOL_AT] = PROTOCOL_ICMP;
    memcpy(out + IP4_SOURCE_AT, me->ip4, 4);
    memcpy(out + IP4_DESTINATION_AT, from, 4);
    put16(out + IP4_CHECKSUM_AT, (uint16_t)~inet_sum(out, IP4_SIZE, 0));
    uint8_t *echo = out + IP4_SIZE;
    memcpy(echo, icmp, size);
    echo[0] = ICMP_ECHO_REPLY;
    put16(echo + ICMP_CHECKSUM_AT, 0);
    put16(echo + ICMP_CHECKSUM_AT, (uint16_t)~inet_sum(echo, size, 0));
    answer_echo(x, icmp, size);
    return answered(x, RESPONDER_ICMP, AF_INET, me->ip4, from, x->l3 + IP4_SIZE + size);
}

/* ---- ICMPv6: echo (RFC 4443) and neighbour discovery (RFC 4861) ---------------------------------------------- */

static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t unspecified[16];

/* ff02::1:ff and the last three bytes of an address: RFC 4291, 2.7.1 */
static bool is_solicited_node(const uint8_t ip[16], const uint8_t of[16])
{
    static const uint8_t prefix[13] = {0xff, 0x02, [11] = 1, [12] = 0xff};

    return memcmp(ip, prefix, sizeof(prefix)) == 0 && memcmp(ip + 13, of + 13, 3) == 0;
}

/* IPv6 header and checksum around an ICMPv6 message of size bytes that stands in the reply. */
static size_t finish_icmp6(struct exchange *x, const uint8_t to[16], size_t size, uint8_t hop_limit)
{
    uint8_t *ip = x->reply + x->l3, *icmp = ip + IP6_SIZE;

    memset(ip, 0, IP6_SIZE);
    ip[0] = 6 << 4;
    put16(ip + IP6_PAYLOAD_AT, (uint16_t)size);
    ip[IP6_NEXT_AT] = PROTOCOL_ICMP6;
    ip[IP6_HOPS_AT] = hop_limit;
    memcpy(ip + IP6_SOURCE_AT, x->r->config.ip6, 16);
    memcpy(ip + IP6_DESTINATION_AT, to, 16);
    put16(icmp + ICMP_CHECKSUM_AT, 0);
    put16(icmp + ICMP_CHECKSUM_AT, (uint16_t)~icmp6_sum(ip, icmp, size));
    return x->l3 + IP6_SIZE + size;
}

/* Find the source link-layer address option.  @return false: the options are malformed */
static bool source_mac_option(const uint8_t *option, size_t left, const uint8_t **mac)
{
    *mac = NULL;
    while (left > 0) {
        if (left < 8 || option[1] == 0 || (size_t)option[1] * 8 > left)
            return false;
        if (option[0] == ND_OPTION_SOURCE_MAC && option[1] == 1)
            *mac = option + 2;
        left -= (size_t)option[1] * 8;
        option += (size_t)option[1] * 8;
    }
    return true;
}

static size_t answer_solicitation(struct exchange *x, const uint8_t *icmp, size_t size)
{
    const uint8_t *ip = x->frame + x->l3, *from = ip + IP6_SOURCE_AT, *to = ip + IP6_DESTINATION_AT;
    const struct responder_config *me = &x->r->config;
    const uint8_t *target = icmp + ND_TARGET_AT, *mac;
    bool probe = memcmp(from, unspecified, 16) == 0; /* duplicate address detection, RFC 4862 */

    /* the validity checks of RFC 4861, 7.1.1 */
    if (ip[IP6_HOPS_AT] != 255 || icmp[1] != 0 || size < ND_SIZE || target[0] == 0xff)
        return ignore(x, IGNORED_MALFORMED);
    if (!source_mac_option(icmp + ND_SIZE, size - ND_SIZE, &mac))
        return ignore(x, IGNORED_MALFORMED);
    if (probe && (mac || to[0] != 0xff))
        return ignore(x, IGNORED_MALFORMED);
    if (memcmp(target, me->ip6, 16) != 0)
        return ignore(x, IGNORED_FOREIGN);
    if (!mac)
        mac = x->frame + ETHER_MAC;
    if (is_group(mac))
        return ignore(x, IGNORED_MALFORMED);

    static const uint8_t all_nodes_mac[ETHER_MAC] = {0x33, 0x33, 0, 0, 0, 1};
    reply_ethernet(x, probe ? all_nodes_mac : mac);
    uint8_t *out = x->reply + x->l3 + IP6_SIZE;
    memset(out, 0, ND_SIZE + 8);
    out[0] = ICMP6_ADVERTISEMENT;
    out[ND_FLAGS_AT] = probe ? ND_OVERRIDE : ND_OVERRIDE | ND_SOLICITED;
    memcpy(out + ND_TARGET_AT, me->ip6, 16);
    out[ND_SIZE] = ND_OPTION_TARGET_MAC;
    out[ND_SIZE + 1] = 1;
    memcpy(out + ND_SIZE + 2, me->mac, ETHER_MAC);
    const uint8_t *back = probe ? all_nodes : from;
    return answered(x, RESPONDER_ND, AF_INET6, me->ip6, back, finish_icmp6(x, back, ND_SIZE + 8, 255));
}

static size_t answer_ip6(struct exchange *x)
{
    const uint8_t *ip = x->frame + x->l3;
    const struct responder_config *me = &x->r->config;
    size_t there = x->len - x->l3;

    if (there < IP6_SIZE)
        return ignore(x, IGNORED_TRUNCATED);
    if (ip[0] >> 4 != 6)
        return ignore(x, IGNORED_MALFORMED);
    size_t size = get16(ip + IP6_PAYLOAD_AT);
    if (there - IP6_SIZE < size)
        return ignore(x, IGNORED_TRUNCATED);
    const uint8_t *from = ip + IP6_SOURCE_AT, *to = ip + IP6_DESTINATION_AT;
    bool to_me = me->has_ip6 && memcmp(to, me->ip6, 16) == 0;
    if (!to_me && !(me->has_ip6 && is_solicited_node(to, me->ip6)))
        return ignore(x, IGNORED_FOREIGN);
    if (from[0] == 0xff)
        return ignore(x, IGNORED_MALFORMED);
    if (memcmp(from, me->ip6, 16) == 0)
        return ignore(x, IGNORED_FOREIGN);
    if (ip[IP6_NEXT_AT] == PROTOCOL_IP6_FRAGMENT)
        return ignore(x, IGNORED_FRAGMENT);
    if (ip[IP6_NEXT_AT] != PROTOCOL_ICMP6)
        return ignore(x, IGNORED_FOREIGN);

    const uint8_t *icmp = ip + IP6_SIZE;
    if (size < ICMP_SIZE)
        return ignore(x, IGNORED_MALFORMED);
    if (icmp6_sum(ip, icmp, size) != 0xffff)
        return ignore(x, IGNORED_CHECKSUM);
    if (icmp[0] == ICMP6_SOLICITATION)
        return answer_solicitation(x, icmp, size);
    if (icmp[0] != ICMP6_ECHO_REQUEST || icmp[1] != 0 || !to_me)
        return ignore(x, IGNORED_FOREIGN);
    if (memcmp(from, unspecified, 16) == 0)
        return ignore(x, IGNORED_MALFORMED);

    reply_ethernet(x, x->frame + ETHER_MAC);
    uint8_t *out = x->reply + x->l3 + IP6_SIZE;
    memcpy(out, icmp, size);
    out[0] = ICMP6_ECHO_REPLY;
    answer_echo(x, icmp, size);
    return answered(x, RESPONDER_ICMP6, AF_INET6, me->ip6, from, finish_icmp6(x, from, size, 64));
}

/* ---- Ethernet ----------------------------------------------------------------------------------------------- */

size_t responder_answer(struct responder *r, const uint8_t *frame, size_t len, uint8_t *reply,
                        struct responder_answer *answer)
{
    struct responder_answer unused;
    struct exchange x = {.r = r,
                         .frame = frame,
                         .len = len,
                         .l3 = ETHER_SIZE,
                         .reply = reply,
                         .answer = answer ? answer : &unused};

    memset(x.answer, 0, sizeof(*x.answer));
    if (len < ETHER_SIZE)
        return ignore(&x, IGNORED_TRUNCATED);
    if (is_group(frame + ETHER_MAC)) /* no station sends from a group address */
        return ignore(&x, IGNORED_MALFORMED);
    if (!is_group(frame) && memcmp(frame, r->config.mac, ETHER_MAC) != 0)
        return ignore(&x, IGNORED_FOREIGN);

    uint16_t type = get16(frame + ETHER_TYPE_AT);
    if (type == ETHER_TYPE_VLAN) {
        if (len < ETHER_SIZE + VLAN_SIZE)
            return ignore(&x, IGNORED_TRUNCATED);
        x.l3 += VLAN_SIZE;
        type = get16(frame + x.l3 - 2);
    }
    switch (type) {
    case ETHER_TYPE_ARP:
        return answer_arp(&x);
    case ETHER_TYPE_IP4:
        return answer_ip4(&x);
    case ETHER_TYPE_IP6:
        return answer_ip6(&x);
    default:
        return ignore(&x, IGNORED_FOREIGN);
    }
}
