/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fragmented ICMPv6.  lwIP counts the IPv6 header in a packet's 16-bit length, so it can put together no more than
 * 65,495 bytes of payload, and its assertion fails beyond (lwIP 2.2.1, ip6_reass).  ping -s 65507 sends 65,515.
 * So fragments of ICMPv6 are put together here.  What lwIP can take is handed to it as one packet; a larger echo
 * request, which is the only large ICMPv6 message there is, is answered from here.
 */
#include <stdbool.h>
#include <string.h>

#include "arch/hooks.h"
#include "fragments.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/mem.h"
#include "lwip/nd6.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/stats.h"
#include "lwip/timeouts.h"

#define PAYLOAD_MAX   65535                    /* RFC 8200, 4.5: the payload length has 16 bits */
#define LWIP_MAX_PLEN (PAYLOAD_MAX - IP6_HLEN) /* what fits a pbuf with the header */
#define BLOCKS        ((PAYLOAD_MAX + 7) / 8)  /* offsets count in units of 8 bytes */
#define DATAGRAMS_MAX 4                        /* in the making at once; the oldest gives way */

struct datagram {
    struct datagram *next; /* newer ones first */
    struct netif *netif;
    u8_t header[IP6_HLEN];
    u32_t id;
    u32_t total; /* 0 until the last fragment is here */
    u32_t have;
    u8_t seen[(BLOCKS + 7) / 8];
    u8_t data[PAYLOAD_MAX];
};

static struct datagram *datagrams; /* global, as all of lwIP */

static void timed_out(void *arg);

static void discard(struct datagram *d)
{
    struct datagram **at = &datagrams;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    sys_untimeout(timed_out, d);
    mem_free(d);
}

static void timed_out(void *arg)
{
    IP6_FRAG_STATS_INC(ip6_frag.drop);
    discard(arg);
}

/* The datagram that a fragment is of: addresses and identification (RFC 8200, 4.5). */
static struct datagram *find_or_make(const u8_t *ip, u32_t id, struct netif *netif)
{
    struct datagram *oldest = NULL;
    unsigned n = 0;

    for (struct datagram *d = datagrams; d; d = d->next) {
        if (d->id == id && d->netif == netif && memcmp(d->header + 8, ip + 8, 32) == 0)
            return d;
        oldest = d;
        n++;
    }
    if (n == DATAGRAMS_MAX)
        timed_out(oldest);
    struct datagram *d = mem_malloc(sizeof(*d));
    if (!d)
        return NULL;
    memset(d, 0, offsetof(struct datagram, data));
    d->netif = netif;
    d->id = id;
    memcpy(d->header, ip, IP6_HLEN);
    d->next = datagrams;
    datagrams = d;
    sys_timeout(IPV6_REASS_MAXAGE * 1000u, timed_out, d);
    return d;
}

/*
 * Note that blocks have come.
 * @return how many were there already
 */
static u32_t mark(struct datagram *d, u32_t first, u32_t n)
{
    u32_t old = 0;

    for (u32_t i = first; i < first + n; i++) {
        u8_t bit = (u8_t)(1u << (i & 7));
        old += (d->seen[i / 8] & bit) != 0;
        d->seen[i / 8] |= bit;
    }
    return old;
}

/* ---- complete datagrams ------------------------------------------------------------------------------------- */

static void hand_to_lwip(struct datagram *d)
{
    struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)(IP6_HLEN + d->total), PBUF_RAM);

    if (!p) {
        IP6_FRAG_STATS_INC(ip6_frag.memerr);
        return;
    }
    u8_t *ip = p->payload;
    memcpy(ip, d->header, IP6_HLEN);
    ip[4] = (u8_t)(d->total >> 8);
    ip[5] = (u8_t)d->total;
    ip[6] = IP6_NEXTH_ICMP6;
    memcpy(ip + IP6_HLEN, d->data, d->total);
    ip6_input(p, d->netif);
}

/* The sum of pseudo-header and message, which is 0xffff where the checksum in it is right. */
static u16_t checksum(const struct datagram *d)
{
    u32_t sum = (u32_t)LWIP_CHKSUM(d->header + 8, 32) + lwip_htons(IP6_NEXTH_ICMP6) +
                lwip_htons((u16_t)d->total) + LWIP_CHKSUM(d->data, (int)d->total);

    sum = (sum >> 16) + (sum & 0xffff);
    return (u16_t)((sum >> 16) + (sum & 0xffff));
}

static void send_reply(struct datagram *d, const ip6_addr_t *to)
{
    const u32_t mtu = nd6_get_destination_mtu(to, d->netif);
    const u32_t id = feth_lwip_rand();

    if (mtu < IP6_HLEN + IP6_FRAG_HLEN + 8)
        return;
    const u32_t room = (mtu - IP6_HLEN - IP6_FRAG_HLEN) & IP6_FRAG_OFFSET_MASK;
    for (u32_t at = 0; at < d->total; at += room) {
        u32_t len = d->total - at < room ? d->total - at : room;
        struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)(IP6_HLEN + IP6_FRAG_HLEN + len), PBUF_RAM);
        if (!p) {
            IP6_FRAG_STATS_INC(ip6_frag.memerr);
            return;
        }
        struct ip6_hdr *ip = p->payload;
        struct ip6_frag_hdr *frag = (struct ip6_frag_hdr *)((u8_t *)p->payload + IP6_HLEN);
        IP6H_VTCFL_SET(ip, 6, 0, 0);
        IP6H_PLEN_SET(ip, (u16_t)(IP6_FRAG_HLEN + len));
        IP6H_NEXTH_SET(ip, IP6_NEXTH_FRAGMENT);
        IP6H_HOPLIM_SET(ip, LWIP_ICMP6_HL);
        memcpy(&ip->src, d->header + 24, 16);
        memcpy(&ip->dest, d->header + 8, 16);
        frag->_nexth = IP6_NEXTH_ICMP6;
        frag->reserved = 0;
        frag->_fragment_offset = lwip_htons((u16_t)(at | (at + len < d->total ? IP6_FRAG_MORE_FLAG : 0)));
        frag->_identification = id;
        memcpy((u8_t *)p->payload + IP6_HLEN + IP6_FRAG_HLEN, d->data + at, len);
        IP6_FRAG_STATS_INC(ip6_frag.xmit);
        d->netif->output_ip6(d->netif, p, to);
        pbuf_free(p);
    }
}

static void answer(struct datagram *d)
{
    ip6_addr_t from, to;
    ip6_addr_p_t packed;

    memcpy(&packed, d->header + 8, sizeof(packed));
    ip6_addr_copy_from_packed(from, packed);
    ip6_addr_assign_zone(&from, IP6_UNICAST, d->netif);
    memcpy(&packed, d->header + 24, sizeof(packed));
    ip6_addr_copy_from_packed(to, packed);
    ip6_addr_assign_zone(&to, IP6_UNKNOWN, d->netif);

    /* What ip6_input() and icmp6_input() check: only our own address, only a right checksum. */
    s8_t i = netif_get_ip6_addr_match(d->netif, &to);
    if (i < 0 || !ip6_addr_isvalid(netif_ip6_addr_state(d->netif, i)) || ip6_addr_isany(&from) ||
        ip6_addr_ismulticast(&from) || d->data[0] != ICMP6_TYPE_EREQ) {
        IP6_FRAG_STATS_INC(ip6_frag.drop);
        return;
    }
    ICMP6_STATS_INC(icmp6.recv);
    if (checksum(d) != 0xffff) {
        ICMP6_STATS_INC(icmp6.chkerr);
        ICMP6_STATS_INC(icmp6.drop);
        return;
    }
    d->data[0] = ICMP6_TYPE_EREP;
    d->data[2] = d->data[3] = 0;
    u16_t sum = (u16_t)~checksum(d); /* exchanging the addresses does not change it */
    memcpy(d->data + 2, &sum, sizeof(sum));
    ICMP6_STATS_INC(icmp6.xmit);
    send_reply(d, &from);
}

/* ---- fragments ---------------------------------------------------------------------------------------------- */

void feth_lwip_icmp6_fragment(struct pbuf *p, struct netif *netif)
{
    const u8_t *ip = p->payload, *frag = ip + IP6_HLEN;
    const u32_t plen = (u32_t)ip[4] << 8 | ip[5];
    const u32_t field = (u32_t)frag[2] << 8 | frag[3];
    const u32_t offset = field & IP6_FRAG_OFFSET_MASK;
    const bool last = !(field & IP6_FRAG_MORE_FLAG);
    u32_t id;

    IP6_FRAG_STATS_INC(ip6_frag.recv);
    memcpy(&id, frag + 4, sizeof(id));
    const u32_t len = plen - IP6_FRAG_HLEN, end = offset + len;
    if (plen <= IP6_FRAG_HLEN || IP6_HLEN + plen > p->tot_len || (!last && len % 8) || end > PAYLOAD_MAX) {
        IP6_FRAG_STATS_INC(ip6_frag.lenerr);
        IP6_FRAG_STATS_INC(ip6_frag.drop);
        return;
    }
    struct datagram *d = find_or_make(ip, id, netif);
    if (!d) {
        IP6_FRAG_STATS_INC(ip6_frag.memerr);
        IP6_FRAG_STATS_INC(ip6_frag.drop);
        return;
    }
    const u32_t blocks = (len + 7) / 8, old = mark(d, offset / 8, blocks);
    if (old == blocks)
        return; /* the same again */
    /* Overlap, or a second end: RFC 5722 and RFC 8200 want the whole datagram discarded. */
    if (old > 0 || (last && d->total) || (d->total && end > d->total)) {
        IP6_FRAG_STATS_INC(ip6_frag.proterr);
        timed_out(d);
        return;
    }
    pbuf_copy_partial(p, d->data + offset, (u16_t)len, IP6_HLEN + IP6_FRAG_HLEN);
    d->have += len;
    if (last)
        d->total = end;
    if (d->total == 0 || d->have < d->total)
        return;
    /* With an end before some fragment there are too many bytes. */
    if (d->have > d->total || d->total < sizeof(struct icmp6_echo_hdr))
        IP6_FRAG_STATS_INC(ip6_frag.proterr);
    else if (d->total <= LWIP_MAX_PLEN)
        hand_to_lwip(d);
    else
        answer(d);
    discard(d);
}
