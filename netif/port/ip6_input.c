/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv6 packets before lwIP takes them.  lwIP 2.2.1 trusts some that RFC 8200 and RFC 8201 tell it not to; what would
 * make it fail an assertion, or loop for ever, stops here.  Look again when the pin moves.
 */
#include <stdbool.h>

#include "arch/hooks.h"
#include "fragments.h"
#include "lwip/ip6.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/stats.h"

static bool is_extension(u8_t header)
{
    return header == IP6_NEXTH_HOPBYHOP || header == IP6_NEXTH_ROUTING || header == IP6_NEXTH_DESTOPTS;
}

static u32_t be16(const u8_t *at)
{
    return (u32_t)at[0] << 8 | at[1];
}

/*
 * Whether lwIP can put a packet together from this fragment and others.  Its 16-bit lengths count the IPv6 header
 * too, but ip6_reass() checks the payload alone, and an assertion fails where the two together are too large.
 * Headers before the fragment header add to it by a length that is not known until the first fragment is there; and
 * behind it they would bring past this file what it looks for.  On a wire of our own nobody sends such.
 */
static bool can_be_put_together(const u8_t *ip, u32_t at)
{
    const u8_t *fragment = ip + at;
    u32_t offset = be16(fragment + 2) & IP6_FRAG_OFFSET_MASK, plen = be16(ip + 4);

    return at == IP6_HLEN && !is_extension(fragment[0]) && fragment[0] != IP6_NEXTH_FRAGMENT &&
           (plen <= IP6_FRAG_HLEN || IP6_HLEN + offset + plen - IP6_FRAG_HLEN <= 0xffff);
}

/*
 * RFC 8201, 4: an MTU below IPv6's minimum is to be discarded, and one above the present is no reason to raise it.
 * With a small one lwIP makes fragments and segments of no bytes, for ever.
 */
static bool believable_mtu(const u8_t *icmp, const struct netif *netif)
{
    u32_t mtu = be16(icmp + 4) << 16 | be16(icmp + 6);

    return mtu >= IP6_MIN_MTU_LENGTH && mtu <= netif->mtu;
}

int feth_lwip_ip6_input(struct pbuf *p, struct netif *netif)
{
    const u8_t *ip = p->payload;
    u32_t at = IP6_HLEN;

    if (p->len < IP6_HLEN)
        return 0; /* lwIP checks lengths itself */
    u8_t next = ip[6];
    while (is_extension(next) && at + 8 <= p->len) {
        next = ip[at];
        at += 8u * (1u + ip[at + 1]);
    }
    if (at + 8 > p->len)
        return 0;

    bool bad = false;
    if (next == IP6_NEXTH_FRAGMENT && at == IP6_HLEN && ip[at] == IP6_NEXTH_ICMP6) {
        feth_lwip_icmp6_fragment(p, netif);
    } else if (next == IP6_NEXTH_FRAGMENT) {
        bad = !can_be_put_together(ip, at);
        if (!bad)
            return 0;
    } else if (next == IP6_NEXTH_ICMP6 && ip[at] == ICMP6_TYPE_PTB) {
        bad = !believable_mtu(ip + at, netif);
        if (!bad)
            return 0;
    } else {
        return 0;
    }
    if (bad) {
        IP6_STATS_INC(ip6.proterr);
        IP6_STATS_INC(ip6.drop);
    }
    pbuf_free(p);
    return 1;
}
