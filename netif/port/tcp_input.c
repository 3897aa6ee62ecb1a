/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP segments before lwIP takes them: where lwIP 2.2.1 believes what it should not, or gives up what it could keep.
 * Each is checked against that release; look again when the pin moves.
 */
#include <stdbool.h>

#include "arch/hooks.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

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

/*
 * RFC 9293, 3.8.6.3: an acknowledgement for at least every second full segment.  lwIP counts a frame of many segments
 * as one, and would let the sender wait for the delayed acknowledgement with up to 64 KiB on its way; as if one had
 * been delayed already, it acknowledges this one at once.
 */
static void acknowledge_large(struct tcp_pcb *pcb, const struct pbuf *p)
{
    if (p->tot_len >= 2u * pcb->mss)
        tcp_set_flags(pcb, TF_ACK_DELAY);
}

err_t feth_lwip_tcp_input(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, u8_t *opt2,
                          const struct pbuf *p)
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
        acknowledge_large(pcb, p);
        return ERR_OK;
    }
}
