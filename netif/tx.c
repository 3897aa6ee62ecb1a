/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending.  A frame is queued as the pieces that its pbuf chain has, and the chain is kept until the frame has been
 * sent; TCP knows by the reference count that a segment is still on its way, and does not touch it
 * (tcp_output_segment_busy).  The queue is in order and without gaps, so that a flush sees neighbouring segments.
 */
#include <string.h>

#include "lwip/prot/ip.h"
#include "lwip/prot/tcp.h"

#include "fethif_priv.h"

/* ---- the queue ---------------------------------------------------------------------------------------------- */

/* The first n frames are done with. */
static void pop(struct fethif_tx_queue *q, unsigned n)
{
    struct pbuf *done[FETHIF_TX_PBUFS];
    unsigned pieces = 0, pbufs = 0;

    for (unsigned i = 0; i < n; i++) {
        pieces += q->frames[i].iovcnt;
        pbufs += q->segments[i];
    }
    memcpy(done, q->pbufs, pbufs * sizeof(done[0]));
    q->n -= n;
    q->n_pbufs -= pbufs;
    q->pieces -= pieces;
    q->first_header = (q->first_header + n) % FETHIF_TX_FRAMES;
    memmove(q->pbufs, q->pbufs + pbufs, q->n_pbufs * sizeof(q->pbufs[0]));
    memmove(q->segments, q->segments + n, q->n * sizeof(q->segments[0]));
    memmove(q->frames, q->frames + n, q->n * sizeof(q->frames[0]));
    memmove(q->iov, q->iov + pieces, q->pieces * sizeof(q->iov[0]));
    for (unsigned i = 0; i < q->n; i++)
        q->frames[i].iov -= pieces;
    /* Last, with the queue in order: a custom pbuf's free function is the application's, and may send. */
    for (unsigned i = 0; i < pbufs; i++)
        pbuf_free(done[i]);
}

void fethif_tx_discard(struct fethif *f)
{
    f->stats.tx_dropped += f->tx.n_pbufs;
    fethif_run_end(f);
    pop(&f->tx, f->tx.n);
    f->tx.blocked = false;
}

void fethif_flush(struct fethif *f)
{
    struct fethif_tx_queue *q = &f->tx;

    q->blocked = false;
    fethif_run_end(f);
    while (q->n > 0) {
        int sent = feth_io_send_batch(f->io, q->frames, q->n, NULL);
        switch (sent) {
        case FETH_EAGAIN: /* the rest stays in order, for the next turn */
            q->blocked = true;
            return;
        case FETH_EDOWN:
        case FETH_EGONE:
            fethif_tx_discard(f);
            return;
        default:
            if (sent < 0) { /* this one cannot be sent, for example since the MTU shrank */
                f->stats.tx_dropped += q->segments[0];
                sent = 1;
            }
            pop(q, (unsigned)sent);
        }
    }
}

static bool has_room(const struct fethif_tx_queue *q, unsigned pieces)
{
    return q->n < FETHIF_TX_FRAMES && q->n_pbufs < FETHIF_TX_PBUFS && q->pieces + pieces <= FETHIF_TX_PIECES;
}

/* Takes over p. */
static void push(struct fethif_tx_queue *q, struct pbuf *p, const struct feth_offload *offload)
{
    struct iovec *first = q->iov + q->pieces, *iov = first;

    for (struct pbuf *part = p; part; part = part->next)
        if (part->len > 0)
            *iov++ = (struct iovec){.iov_base = part->payload, .iov_len = part->len};
    q->frames[q->n] = (struct feth_tx){.iov = first, .iovcnt = (unsigned)(iov - first), .offload = *offload};
    q->segments[q->n] = 1;
    q->pbufs[q->n_pbufs++] = p;
    q->pieces += (unsigned)(iov - first);
    q->n++;
}

/* ---- checksums ---------------------------------------------------------------------------------------------- */

/*
 * Leave a TCP checksum to the handle: lwIP has put 0, the pseudo-header's sum shall be there, and the metadata says
 * where.
 * Only TCP, of which lwIP makes whole packets: UDP and ICMP it may fragment after it has put the checksum in.
 * @return ERR_OK; ERR_IF: a fragment, which nobody can complete; ERR_BUF: the header is not in the first pbuf
 */
static err_t leave_checksum(const struct pbuf *p, struct feth_offload *offload, struct fethif_l4 *l4)
{
    fethif_find_l4(p->payload, p->len, l4);
    if (l4->protocol != IP_PROTO_TCP)
        return ERR_OK;
    if (l4->fragment)
        return ERR_IF;
    if ((size_t)l4->start + TCP_HLEN > p->tot_len)
        return ERR_OK; /* a raw pcb's own idea of TCP */
    if ((size_t)l4->start + TCP_HLEN > p->len)
        return ERR_BUF;
    offload->flags = FETH_CSUM_NEEDED;
    offload->csum_start = l4->start;
    offload->csum_offset = offsetof(struct tcp_hdr, chksum);
    return ERR_OK;
}

/*
 * The interface's or the path's MTU has shrunk below a connection's segments, and lwIP fragments them.  From now on it
 * makes the checksums itself, for good: it retransmits what was lost, and that will be right.
 */
static void stop_leaving_checksums(struct fethif *f)
{
    f->tx_csum = false;
    f->netif->chksum_flags |= NETIF_CHECKSUM_GEN_TCP;
}

/* What leave_checksum() promised, in a frame that goes out by itself. */
static void begin_checksum(const struct pbuf *p, const struct feth_offload *offload,
                           const struct fethif_l4 *l4)
{
    uint16_t sum;

    if (!(offload->flags & FETH_CSUM_NEEDED))
        return;
    sum = fethif_pseudo_sum(p->payload, l4);
    memcpy((uint8_t *)p->payload + offload->csum_start + offload->csum_offset, &sum, sizeof(sum));
}

/* ---- output ------------------------------------------------------------------------------------------------- */

/*
 * Whether a chain must not be queued as it is: it has too many pieces, or memory that lwIP says may change once the
 * call returns (PBUF_TYPE_FLAG_DATA_VOLATILE).  Received frames that an application sends back have that mark too,
 * but a reference keeps them.
 */
static bool must_copy(const struct pbuf *p, unsigned *pieces)
{
    bool volatile_data = false;

    *pieces = 0;
    for (; p; p = p->next) {
        *pieces += p->len > 0;
        volatile_data |= (p->type_internal & PBUF_TYPE_FLAG_DATA_VOLATILE) && !fethif_rx_is_received(p);
    }
    return volatile_data || *pieces > FETH_IOV_MAX;
}

/* The frame at the queue's end is not sent if the one that follows makes it needless. */
static void drop_superseded(struct fethif *f, const struct pbuf *p)
{
    struct fethif_tx_queue *q = &f->tx;

    if (q->n == 0 || q->frames[q->n - 1].iovcnt != 1)
        return;
    const struct iovec *last = q->frames[q->n - 1].iov;
    if (p->next || !fethif_ack_superseded(last->iov_base, last->iov_len, p->payload, p->len))
        return;
    q->n--;
    q->n_pbufs--;
    q->pieces--;
    f->stats.tx_acks_joined++;
    pbuf_free(q->pbufs[q->n_pbufs]);
}

/* A reference of our own: to the chain, or to a copy of it in one piece.  NULL: out of memory */
static struct pbuf *take(struct pbuf *p, bool copy)
{
    if (copy)
        return pbuf_clone(PBUF_RAW, PBUF_RAM, p);
    pbuf_ref(p);
    return p;
}

err_t fethif_linkoutput(struct netif *netif, struct pbuf *p)
{
    struct fethif *f = netif->state;
    struct fethif_tx_queue *q = &f->tx;
    struct feth_offload offload = {0};
    struct fethif_l4 l4 = {0};
    unsigned pieces;
    bool copy = must_copy(p, &pieces);

    if (copy)
        pieces = 1;
    /* Within a turn a handle that was full is not asked for each frame again. */
    if (!has_room(q, pieces) && !(q->blocked && f->in_turn))
        fethif_flush(f);
    if (!has_room(q, pieces)) {
        f->stats.tx_dropped++;
        return ERR_MEM; /* TCP keeps the segment and tries again */
    }

    struct pbuf *own = take(p, copy);
    err_t err = own && f->tx_csum ? leave_checksum(own, &offload, &l4) : ERR_OK;
    if (err == ERR_BUF) {
        pbuf_free(own);
        copy = true;
        own = take(p, copy);
        if (own)
            leave_checksum(own, &offload, &l4);
    }
    if (!own || err == ERR_IF) {
        f->stats.tx_dropped++;
        if (!own)
            return ERR_MEM;
        pbuf_free(own);
        stop_leaving_checksums(f);
        return ERR_OK; /* lost on the way, as far as lwIP is concerned */
    }
    if (!fethif_run_join(f, own, pieces, &l4)) {
        fethif_run_end(f);
        drop_superseded(f, own);
        begin_checksum(own, &offload, &l4);
        push(q, own, &offload);
        fethif_run_begin(f, own, &l4);
    }
    f->stats.tx_queued++;
    f->stats.tx_copied += copy;
    f->stats.tx_csum_left += offload.flags != 0;
    if (!f->in_turn)
        fethif_flush(f);
    return ERR_OK;
}
