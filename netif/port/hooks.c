/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where lwIP 2.2.1 takes from the network what it cannot cope with, or gives up what it could keep, its hooks set it
 * right.  Each is checked against that release; look again when the pin moves.
 */
#include <stdbool.h>

#include "arch/hooks.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip6.h"
#include "lwip/stats.h"

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

static u8_t *option_at(struct tcp_hdr *hdr, u16_t opt1len, u8_t *opt2, u16_t i)
{
    return opt2 && i >= opt1len ? opt2 + (i - opt1len) : (u8_t *)(hdr + 1) + i;
}

/*
 * Make no-ops of MSS options.  lwIP takes one from any segment, and from a repeated SYN without minding our own MTU;
 * RFC 9293, 3.7.1 allows it in SYNs only.  A peer could so shrink the segment size under data that waits in larger
 * segments, which trips an assertion in tcp_write().
 */
static void drop_mss(struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, u8_t *opt2)
{
    u16_t i = 0;

    while (i < optlen) {
        u8_t kind = *option_at(hdr, opt1len, opt2, i);
        if (kind == LWIP_TCP_OPT_EOL)
            return;
        if (kind == LWIP_TCP_OPT_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= optlen)
            return;
        u8_t len = *option_at(hdr, opt1len, opt2, (u16_t)(i + 1));
        if (len < 2 || i + len > optlen)
            return;
        if (kind == LWIP_TCP_OPT_MSS)
            for (u16_t k = 0; k < len; k++)
                *option_at(hdr, opt1len, opt2, (u16_t)(i + k)) = LWIP_TCP_OPT_NOP;
        i = (u16_t)(i + len);
    }
}

/*
 * Whether there may be one connection more.  lwIP has no limit of its own where it allocates from the heap.  At the
 * limit the oldest connection in TIME-WAIT makes room, which is what lwIP does where it allocates from a pool.
 */
static bool room_for_connection(void)
{
    struct tcp_pcb *oldest = NULL;

    if (lwip_stats.memp[MEMP_TCP_PCB]->used < FETH_TCP_PCB_MAX)
        return true;
    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = pcb->next)
        if (!oldest || (u32_t)(tcp_ticks - pcb->tmr) >= (u32_t)(tcp_ticks - oldest->tmr))
            oldest = pcb;
    if (!oldest)
        return false;
    tcp_abort(oldest); /* in TIME-WAIT this sends nothing and calls nobody */
    return true;
}

/*
 * RFC 9293, 3.10.7.4 (RFC 1122, 4.2.2.13): a SYN beyond what the old connection used may open it anew from TIME-WAIT,
 * and clients that reuse a port count on it.  lwIP answers with a reset.  The old connection is removed; the SYN
 * itself is dropped, since lwIP has by now looked for its connection, and its repetition finds the listener.
 */
static bool reopens(const struct tcp_pcb *pcb, const struct tcp_hdr *hdr)
{
    return (TCPH_FLAGS(hdr) & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN &&
           TCP_SEQ_GT(hdr->seqno, pcb->rcv_nxt);
}

err_t feth_lwip_tcp_input(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, u8_t *opt2)
{
    switch (pcb->state) {
    case LISTEN:
        if ((TCPH_FLAGS(hdr) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && !room_for_connection()) {
            TCP_STATS_INC(tcp.memerr);
            return ERR_MEM;
        }
        return ERR_OK;
    case TIME_WAIT:
        /* lwIP asks hooks not to touch its lists; tcp_input() does no more with this one than to return */
        if (reopens(pcb, hdr)) {
            tcp_abort(pcb);
            return ERR_ABRT;
        }
        return ERR_OK;
    case SYN_SENT:
        return ERR_OK;
    default:
        if (optlen > 0)
            drop_mss(hdr, optlen, opt1len, opt2);
        return ERR_OK;
    }
}

/* ---- IPv6 --------------------------------------------------------------------------------------------------- */

/*
 * Whether putting a fragmented packet together would overrun lwIP's 16-bit lengths, which count the IPv6 header too:
 * ip6_reass() checks the payload alone, and an assertion fails.  Packets with other headers before the fragment
 * header come from nobody on a wire of our own; their size is not known until the first fragment is there.
 */
static bool too_large_together(const struct pbuf *p)
{
    const u8_t *ip = p->payload;

    if (p->len < IP6_HLEN + IP6_FRAG_HLEN)
        return false; /* lwIP checks */
    if (ip[6] == IP6_NEXTH_HOPBYHOP || ip[6] == IP6_NEXTH_ROUTING || ip[6] == IP6_NEXTH_DESTOPTS) {
        u8_t next = ip[6];
        u32_t at = IP6_HLEN;
        while ((next == IP6_NEXTH_HOPBYHOP || next == IP6_NEXTH_ROUTING || next == IP6_NEXTH_DESTOPTS) &&
               at + 8 <= p->len) {
            next = ip[at];
            at += 8u * (1u + ip[at + 1]);
        }
        return next == IP6_NEXTH_FRAGMENT;
    }
    if (ip[6] != IP6_NEXTH_FRAGMENT)
        return false;
    u32_t plen = (u32_t)ip[4] << 8 | ip[5];
    u32_t offset = ((u32_t)ip[IP6_HLEN + 2] << 8 | ip[IP6_HLEN + 3]) & IP6_FRAG_OFFSET_MASK;
    return plen > IP6_FRAG_HLEN && IP6_HLEN + offset + plen - IP6_FRAG_HLEN > 0xffff;
}

int feth_lwip_ip6_input(struct pbuf *p, struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    if (!too_large_together(p))
        return 0;
    IP6_FRAG_STATS_INC(ip6_frag.lenerr);
    IP6_FRAG_STATS_INC(ip6_frag.drop);
    pbuf_free(p);
    return 1;
}
