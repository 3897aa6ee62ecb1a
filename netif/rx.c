/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/sys.h"

#include "bytes.h"
#include "fethif_priv.h"

/* ---- pbufs on received frames ------------------------------------------------------------------------------- */

struct fethif_rx_pool *fethif_rx_open(unsigned buffers)
{
    /* Half of the buffers for lwIP to keep, half to receive into. */
    unsigned n = buffers / 2;
    struct fethif_rx_pool *pool = calloc(1, sizeof(*pool) + n * sizeof(pool->pbufs[0]));

    if (!pool)
        return NULL;
    while (n-- > 0) {
        pool->pbufs[n].pool = pool;
        pool->pbufs[n].next = pool->free;
        pool->free = &pool->pbufs[n];
    }
    return pool;
}

void fethif_rx_close(struct fethif_rx_pool *pool)
{
    SYS_ARCH_DECL_PROTECT(level);

    if (!pool)
        return;
    SYS_ARCH_PROTECT(level);
    pool->closed = true;
    bool last = pool->out == 0;
    SYS_ARCH_UNPROTECT(level);
    if (last)
        free(pool);
}

/* lwIP's last reference is gone.  With NO_SYS=0 this can be in any thread: hence the protection. */
static void rx_pbuf_free(struct pbuf *p)
{
    struct fethif_rx_pbuf *rx = (struct fethif_rx_pbuf *)p;
    struct fethif_rx_pool *pool = rx->pool;
    SYS_ARCH_DECL_PROTECT(level);

    feth_frames_release(&rx->frame, 1);
    SYS_ARCH_PROTECT(level);
    rx->next = pool->free;
    pool->free = rx;
    bool last = --pool->out == 0 && pool->closed;
    SYS_ARCH_UNPROTECT(level);
    if (last)
        free(pool);
}

bool fethif_rx_is_received(const struct pbuf *p)
{
    return p->flags & PBUF_FLAG_IS_CUSTOM &&
           ((const struct pbuf_custom *)p)->custom_free_function == rx_pbuf_free;
}

/* A pbuf that references the frame; NULL: lwIP holds all that it may. */
static struct pbuf *borrow(struct fethif_rx_pool *pool, const struct feth_frame *frame)
{
    SYS_ARCH_DECL_PROTECT(level);

    SYS_ARCH_PROTECT(level);
    struct fethif_rx_pbuf *rx = pool->free;
    if (rx) {
        pool->free = rx->next;
        pool->out++;
    }
    SYS_ARCH_UNPROTECT(level);
    if (!rx)
        return NULL;
    rx->frame = *frame;
    rx->custom.custom_free_function = rx_pbuf_free;
    /* PBUF_REF: lwIP copies what it queues for sending, and does not look for room in front of the payload. */
    return pbuf_alloced_custom(PBUF_RAW, (u16_t)frame->len, PBUF_REF, &rx->custom, frame->data,
                               (u16_t)frame->len);
}

struct pbuf *fethif_rx_alloc(size_t len)
{
    unsigned pad = len + 2 <= FETHIF_FRAME_MAX ? 2 : 0;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(len + pad), PBUF_RAM);

    if (p)
        pbuf_remove_header(p, pad); /* cannot fail: the pbuf is longer */
    return p;
}

static struct pbuf *copy(const struct feth_frame *frame)
{
    struct pbuf *p = fethif_rx_alloc(frame->len);

    if (p)
        memcpy(p->payload, frame->data, frame->len);
    return p;
}

/* ---- checksums ---------------------------------------------------------------------------------------------- */

/* Do what the sender left undone: sum from start to end, put it where it belongs (virtio 1.2, 5.1.6.4.1). */
static void complete_checksum(struct feth_frame *frame)
{
    const struct feth_offload *o = &frame->offload;
    size_t at = (size_t)o->csum_start + o->csum_offset;

    if (at + 2 > frame->len)
        return; /* a backend does not let this through */
    uint16_t sum = (uint16_t)~LWIP_CHKSUM(frame->data + o->csum_start, (int)(frame->len - o->csum_start));
    if (sum == 0)
        sum = 0xffff; /* for UDP 0 means none (RFC 768); for others both are zero in one's complement */
    memcpy(frame->data + at, &sum, sizeof(sum));
}

/*
 * Whether the transport checksum needs no look: it was verified, or never made because the frame has not left the
 * machine.  Not so for fragments, whose checksum is over more than this frame.
 */
static bool known_good(struct feth_frame *frame, const struct fethif_l4 *l4)
{
    const struct feth_offload *o = &frame->offload;

    if (!(o->flags & (FETH_CSUM_NEEDED | FETH_CSUM_VALID)))
        return false;
    bool transport = (l4->protocol == IP_PROTO_TCP || l4->protocol == IP_PROTO_UDP) && !l4->fragment;
    if (!(o->flags & FETH_CSUM_NEEDED))
        return transport;
    if (transport && o->csum_start == l4->start)
        return true;
    complete_checksum(frame); /* of something else, which lwIP may well verify */
    return false;
}

/* ---- input -------------------------------------------------------------------------------------------------- */

/* Room for the fixed header of what the frame says it carries: lwIP reads some of them before it looks at the length. */
static bool long_enough(const struct feth_frame *frame)
{
    if (frame->len < SIZEOF_ETH_HDR)
        return false;
    switch (be16(frame->data + 12)) {
    case ETHTYPE_ARP:
        return frame->len >= SIZEOF_ETH_HDR + SIZEOF_ETHARP_HDR;
    case ETHTYPE_IP:
        return frame->len >= SIZEOF_ETH_HDR + IP_HLEN;
    case ETHTYPE_IPV6:
        return frame->len >= SIZEOF_ETH_HDR + IP6_HLEN;
    default:
        return true;
    }
}

/* ethernet_input() takes everything, but the wire may be a bridge's. */
static bool for_us(const struct netif *netif, const struct feth_frame *frame)
{
    return frame->data[0] & 1 || memcmp(frame->data, netif->hwaddr, ETH_HWADDR_LEN) == 0;
}

/* @param p taken over */
static void give(struct fethif *f, struct pbuf *p, bool trusted)
{
    const u16_t checks = NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;
    struct netif *netif = f->netif;

    f->stats.rx_csum_trusted += trusted;
    /* Only while lwIP looks at this frame, and only these two: making checksums may change in between. */
    u16_t skipped = trusted ? netif->chksum_flags & checks : 0;
    netif->chksum_flags = (u16_t)(netif->chksum_flags & ~skipped);
    err_t ret = netif->input(p, netif);
    netif->chksum_flags |= skipped;
    if (ret != ERR_OK) {
        pbuf_free(p);
        f->stats.rx_dropped++;
    }
}

static void give_datagrams(struct fethif *f, const struct feth_frame *frame, const struct fethif_l4 *l4)
{
    unsigned n = fethif_uso_datagrams(frame, l4);

    for (unsigned i = 0; i < n && f->netif; i++) { /* whoever receives one may remove the netif */
        struct pbuf *p = fethif_uso_cut(frame, l4, i);
        if (!p) {
            f->stats.rx_dropped += n - i;
            return;
        }
        f->stats.rx_copied++;
        give(f, p, true);
    }
}

static void input(struct fethif *f, struct feth_frame *frame)
{
    struct netif *netif = f->netif;

    if (!netif || !long_enough(frame) || frame->len > FETHIF_FRAME_MAX || frame->wire_len > frame->len) {
        f->stats.rx_dropped++;
        feth_frames_release(frame, 1);
        return;
    }
    if (!for_us(netif, frame)) {
        feth_frames_release(frame, 1);
        return;
    }

    struct fethif_l4 l4;
    fethif_find_l4(frame->data, frame->len, &l4);
    if (frame->offload.gso_type == FETH_GSO_UDP_L4) {
        if (fethif_uso_cuttable(frame, &l4))
            give_datagrams(f, frame, &l4);
        else
            f->stats.rx_dropped++;
        feth_frames_release(frame, 1);
        return;
    }
    bool trusted = known_good(frame, &l4);
    /* Fragments may wait for their datagram for a minute: they are not given our buffers to wait in. */
    struct pbuf *p = l4.fragment ? NULL : borrow(f->rx, frame);
    if (p) {
        f->stats.rx_borrowed++;
    } else {
        p = copy(frame);
        feth_frames_release(frame, 1);
        if (!p) {
            f->stats.rx_dropped++;
            return;
        }
        f->stats.rx_copied++;
    }
    give(f, p, trusted);
}

/* Whether the next frame makes this one needless.  It must not turn out to be damaged. */
static bool superseded(const struct feth_frame *frame)
{
    const struct feth_frame *next = frame + 1;

    return next->offload.flags & (FETH_CSUM_NEEDED | FETH_CSUM_VALID) && next->wire_len == next->len &&
           fethif_ack_superseded(frame->data, frame->len, next->data, next->len);
}

void fethif_rx(struct fethif *f, struct feth_frame *frames, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (i + 1 < n && superseded(&frames[i])) {
            feth_frames_release(&frames[i], 1);
            f->stats.rx_acks_joined++;
        } else {
            input(f, &frames[i]);
        }
    }
}
