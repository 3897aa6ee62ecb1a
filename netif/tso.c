/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segmentation left to others: TCP segments of one connection that follow each other in the queue become one frame of
 * up to 64 KiB with the size of its segments as metadata, as a network card with TSO takes it, and so do datagrams of
 * UDP from one port to another (USO).  The header is built once, in memory of the queue, since a retransmitted segment
 * needs its own as it was; the payload stays in the pbufs.
 *
 * Only what a segmenting kernel makes again of the large frame is joined: each segment full but the last, and headers
 * that differ in nothing but lengths, checksums, the IPv4 identification, the sequence number, PSH, and FIN on the last
 * (Linux net/ipv4/tcp_offload.c, tcp_gso_segment: PSH and FIN go to the last segment, the identification counts up;
 * net/ipv4/udp_offload.c, __udp_gso_segment: the length and the checksum are made anew).
 */
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "lwip/prot/udp.h"

#include "bytes.h"
#include "fethif_priv.h"

#define IP_PACKET_MAX 65535

/* What is known of a frame that may start or continue a run. */
struct segment {
    const uint8_t *frame; /* all of its headers */
    const uint8_t *l4;    /* TCP's or UDP's */
    uint8_t protocol;
    uint16_t ip_len;  /* header, options included */
    uint16_t hdr_len; /* Ethernet to TCP or UDP, options included */
    uint32_t payload;
    uint32_t seq;  /* TCP's; 0 */
    uint8_t flags; /* TCP's; 0 */
};

static bool is_ip4(const uint8_t *frame)
{
    return be16(frame + 12) == ETHTYPE_IP;
}

static bool look_at_tcp(struct segment *s)
{
    enum { DATA_OFFSET = 12, FLAGS = 13 };
    unsigned len = (unsigned)(s->l4[DATA_OFFSET] >> 4) * 4;

    s->hdr_len = (uint16_t)(SIZEOF_ETH_HDR + s->ip_len + len);
    s->seq = be32(s->l4 + 4);
    s->flags = s->l4[FLAGS]; /* with ECE and CWR, which TCP_FLAGS leaves out */
    return len >= TCP_HLEN && (s->flags & ~(TCP_PSH | TCP_FIN)) == TCP_ACK;
}

/* One with a checksum, since each of them gets one when they are cut again. */
static bool look_at_udp(struct segment *s, const struct fethif_l4 *l4)
{
    enum { LENGTH = 4, CHECKSUM = 6 };

    s->hdr_len = (uint16_t)(l4->start + UDP_HLEN);
    return be16(s->l4 + LENGTH) == l4->len && be16(s->l4 + CHECKSUM) != 0;
}

/* Look at a frame whose checksum was left to the handle, or may be.  false: it cannot be part of a run. */
static bool look(const struct pbuf *p, const struct fethif_l4 *l4, struct segment *s)
{
    unsigned least = l4->protocol == IP_PROTO_TCP ? TCP_HLEN : UDP_HLEN;

    *s = (struct segment){
        .frame = p->payload,
        .l4 = (const uint8_t *)p->payload + l4->start,
        .protocol = l4->protocol,
        .ip_len = (uint16_t)(l4->start - SIZEOF_ETH_HDR),
    };
    if (l4->fragment || l4->start + least > p->len || l4->start + l4->len != p->tot_len ||
        !(l4->protocol == IP_PROTO_TCP ? look_at_tcp(s) : look_at_udp(s, l4)))
        return false;
    s->payload = (uint32_t)p->tot_len - s->hdr_len;
    return s->hdr_len <= p->len && s->hdr_len < p->tot_len && s->hdr_len <= FETHIF_HEADER_MAX;
}

/* What the handle has to be able to cut again. */
static unsigned needed(const struct segment *s)
{
    if (s->protocol == IP_PROTO_UDP)
        return FETH_CAP_TX_USO;
    return is_ip4(s->frame) ? FETH_CAP_TX_TSO4 : FETH_CAP_TX_TSO6;
}

/* ---- the run at the end of the queue ------------------------------------------------------------------------ */

static bool same_ip_header(const uint8_t *a, const uint8_t *b, uint16_t ip_len)
{
    const uint8_t *x = a + SIZEOF_ETH_HDR, *y = b + SIZEOF_ETH_HDR;

    if (memcmp(a, b, SIZEOF_ETH_HDR) != 0)
        return false;
    if (is_ip4(a)) /* all but total length, identification and checksum */
        return memcmp(x, y, 2) == 0 && memcmp(x + 6, y + 6, 4) == 0 &&
               memcmp(x + 12, y + 12, ip_len - 12u) == 0;
    return memcmp(x, y, 4) == 0 && memcmp(x + 6, y + 6, ip_len - 6u) == 0;
}

static bool same_tcp_header(const uint8_t *a, const uint8_t *b, uint32_t len)
{
    /* ports; acknowledgement and data offset; window; urgent pointer and options */
    return memcmp(a, b, 4) == 0 && memcmp(a + 8, b + 8, 5) == 0 && memcmp(a + 14, b + 14, 2) == 0 &&
           memcmp(a + 18, b + 18, len - 18) == 0;
}

static bool same_l4_header(const struct fethif_run *run, const struct segment *s)
{
    const uint8_t *l4 = run->header + SIZEOF_ETH_HDR + s->ip_len;

    if (run->protocol != s->protocol)
        return false;
    if (s->protocol == IP_PROTO_UDP)
        return memcmp(l4, s->l4, 4) == 0; /* ports */
    return same_tcp_header(l4, s->l4, (uint32_t)s->hdr_len - SIZEOF_ETH_HDR - s->ip_len) &&
           s->seq == run->next_seq;
}

static bool continues(const struct fethif_run *run, const struct segment *s)
{
    return run->open && s->hdr_len == run->hdr_len && s->ip_len == run->ip_len && s->payload <= run->size &&
           run->payload + s->payload + s->hdr_len <= IP_PACKET_MAX &&
           same_ip_header(run->header, s->frame, s->ip_len) && same_l4_header(run, s);
}

static void note(struct fethif_run *run, const struct segment *s)
{
    run->next_seq = s->seq + s->payload;
    run->payload += s->payload;
    run->flags |= s->flags;
    run->segments++;
    /* a short one, and the last of a connection, can only be the last */
    run->open = s->payload == run->size && !(s->flags & TCP_FIN);
}

void fethif_run_begin(struct fethif *f, const struct pbuf *p, const struct fethif_l4 *l4)
{
    struct fethif_run *run = &f->tx.run;
    struct segment s;

    run->open = false;
    run->segments = 0;
    if ((l4->protocol != IP_PROTO_TCP && l4->protocol != IP_PROTO_UDP) || !look(p, l4, &s) ||
        !(f->tx_tso & needed(&s)))
        return;
    *run = (struct fethif_run){
        .protocol = s.protocol,
        .header = s.frame,
        .hdr_len = s.hdr_len,
        .ip_len = s.ip_len,
        .size = s.payload,
    };
    note(run, &s);
}

/* The queue's own header in the place of the first segment's, of whose piece the payload stays. */
static void own_header(struct fethif_tx_queue *q)
{
    struct feth_tx *frame = &q->frames[q->n - 1];
    struct iovec *iov = q->iov + (q->pieces - frame->iovcnt);
    struct fethif_run *run = &q->run;
    uint8_t *header = q->headers[(q->first_header + q->n - 1) % FETHIF_TX_FRAMES];

    memcpy(header, run->header, run->hdr_len);
    run->header = header;
    if (iov->iov_len > run->hdr_len) {
        memmove(iov + 1, iov, frame->iovcnt * sizeof(*iov));
        iov[1].iov_base = (uint8_t *)iov[1].iov_base + run->hdr_len;
        iov[1].iov_len -= run->hdr_len;
        frame->iovcnt++;
        q->pieces++;
    }
    *iov = (struct iovec){.iov_base = header, .iov_len = run->hdr_len};
}

bool fethif_run_join(struct fethif *f, struct pbuf *p, unsigned pieces, const struct fethif_l4 *l4)
{
    struct fethif_tx_queue *q = &f->tx;
    struct fethif_run *run = &q->run;
    struct segment s;

    /* one piece more than they have: where a header is taken from a piece's front */
    if (!run->open || run->protocol != l4->protocol || q->n_pbufs == FETHIF_TX_PBUFS ||
        q->frames[q->n - 1].iovcnt + pieces + 1 > FETH_IOV_MAX || q->pieces + pieces + 1 > FETHIF_TX_PIECES ||
        !look(p, l4, &s) || !continues(run, &s))
        return false;
    if (run->segments == 1)
        own_header(q);

    struct iovec *iov = q->iov + q->pieces, *first = iov;
    uint16_t skip = s.hdr_len;
    for (struct pbuf *part = p; part; part = part->next) {
        if (part->len > skip)
            *iov++ = (struct iovec){.iov_base = (uint8_t *)part->payload + skip,
                                    .iov_len = (size_t)(part->len - skip)};
        skip = 0; /* all headers are in the first one */
    }
    q->pieces += (unsigned)(iov - first);
    q->frames[q->n - 1].iovcnt += (unsigned)(iov - first);
    q->pbufs[q->n_pbufs++] = p;
    q->segments[q->n - 1]++;
    note(run, &s);
    return true;
}

void fethif_run_end(struct fethif *f)
{
    enum { TCP_FLAGS_AT = 13, TCP_CHECKSUM_AT = 16, UDP_LENGTH_AT = 4, UDP_CHECKSUM_AT = 6 };
    struct fethif_tx_queue *q = &f->tx;
    struct fethif_run *run = &q->run;

    if (run->segments > 1) {
        uint8_t *header = q->headers[(q->first_header + q->n - 1) % FETHIF_TX_FRAMES];
        uint8_t *ip = header + SIZEOF_ETH_HDR, *at = ip + run->ip_len;
        uint32_t ip_packet = run->hdr_len - SIZEOF_ETH_HDR + run->payload;
        struct feth_offload *offload = &q->frames[q->n - 1].offload;
        struct fethif_l4 l4 = {
            .protocol = run->protocol,
            .start = (uint16_t)(SIZEOF_ETH_HDR + run->ip_len),
            .len = (uint16_t)(ip_packet - run->ip_len),
        };

        if (is_ip4(header)) {
            put16(ip + 2, ip_packet);
            memset(ip + 10, 0, 2);
            uint16_t sum = inet_chksum(ip, run->ip_len);
            memcpy(ip + 10, &sum, sizeof(sum));
        } else {
            put16(ip + 4, ip_packet - IP6_HLEN);
        }
        uint16_t sum = fethif_pseudo_sum(header, &l4);
        offload->flags = FETH_CSUM_NEEDED;
        offload->csum_start = l4.start;
        if (run->protocol == IP_PROTO_UDP) {
            put16(at + UDP_LENGTH_AT, l4.len);
            offload->csum_offset = UDP_CHECKSUM_AT;
            offload->gso_type = FETH_GSO_UDP_L4;
        } else {
            at[TCP_FLAGS_AT] |= run->flags;
            offload->csum_offset = TCP_CHECKSUM_AT;
            offload->gso_type = is_ip4(header) ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
        }
        memcpy(at + offload->csum_offset, &sum, sizeof(sum));
        offload->gso_size = (uint16_t)run->size;
        offload->hdr_len = run->hdr_len;
        f->stats.tx_large++;
    }
    run->segments = 0;
    run->open = false;
}
