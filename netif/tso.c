/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segmentation left to others: TCP segments of one connection that follow each other in the queue become one frame of
 * up to 64 KiB with the size of its segments as metadata, as a network card with TSO takes it.  The header is built
 * once, in memory of the queue, since a retransmitted segment needs its own as it was; the payload stays in the pbufs.
 *
 * Only what a segmenting kernel makes again of the large frame is joined: each segment full but the last, and headers
 * that differ in nothing but lengths, checksums, the IPv4 identification, the sequence number, PSH, and FIN on the last
 * (Linux net/ipv4/tcp_offload.c, tcp_gso_segment: PSH and FIN go to the last segment, the identification counts up).
 */
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

#include "fethif_priv.h"

#define IP_PACKET_MAX 65535

/* What is known of a frame that may start or continue a run. */
struct segment {
    const uint8_t *frame; /* all of its headers */
    const uint8_t *tcp;
    uint16_t ip_len;  /* header, options included */
    uint16_t hdr_len; /* Ethernet to TCP, options included */
    uint32_t payload;
    uint32_t seq;
    uint8_t flags;
};

static uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static bool is_ip4(const uint8_t *frame)
{
    return be16(frame + 12) == ETHTYPE_IP;
}

/* Look at a frame whose TCP checksum was left to the handle.  false: it cannot be part of a run. */
static bool look(const struct pbuf *p, const struct feth_offload *offload, struct segment *s)
{
    enum { DATA_OFFSET = 12, FLAGS = 13 };

    s->frame = p->payload;
    s->tcp = s->frame + offload->csum_start;
    s->ip_len = (uint16_t)(offload->csum_start - SIZEOF_ETH_HDR);
    s->hdr_len = (uint16_t)(offload->csum_start + (s->tcp[DATA_OFFSET] >> 4) * 4);
    if (s->hdr_len < offload->csum_start + TCP_HLEN || s->hdr_len > p->len || s->hdr_len >= p->tot_len ||
        s->hdr_len > FETHIF_HEADER_MAX)
        return false;
    s->payload = (uint32_t)p->tot_len - s->hdr_len;
    s->seq = be32(s->tcp + 4);
    s->flags = s->tcp[FLAGS]; /* with ECE and CWR, which TCP_FLAGS leaves out */
    return (s->flags & ~(TCP_PSH | TCP_FIN)) == TCP_ACK;
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

static bool continues(const struct fethif_run *run, const struct segment *s)
{
    return run->open && s->hdr_len == run->hdr_len && s->ip_len == run->ip_len && s->seq == run->next_seq &&
           s->payload <= run->size && run->payload + s->payload + s->hdr_len <= IP_PACKET_MAX &&
           same_ip_header(run->header, s->frame, s->ip_len) &&
           same_tcp_header(run->header + SIZEOF_ETH_HDR + s->ip_len, s->tcp,
                           (uint32_t)s->hdr_len - SIZEOF_ETH_HDR - s->ip_len);
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

void fethif_run_begin(struct fethif *f, const struct pbuf *p, const struct feth_offload *offload)
{
    struct fethif_run *run = &f->tx.run;
    struct segment s;

    run->open = false;
    run->segments = 0;
    if (!(offload->flags & FETH_CSUM_NEEDED) || !look(p, offload, &s) ||
        !(f->tx_tso & (is_ip4(s.frame) ? FETH_CAP_TX_TSO4 : FETH_CAP_TX_TSO6)))
        return;
    *run = (struct fethif_run){
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

bool fethif_run_join(struct fethif *f, struct pbuf *p, unsigned pieces, const struct feth_offload *offload)
{
    struct fethif_tx_queue *q = &f->tx;
    struct fethif_run *run = &q->run;
    struct segment s;

    /* one piece more than they have: where a header is taken from a piece's front */
    if (!run->open || !(offload->flags & FETH_CSUM_NEEDED) || q->n_pbufs == FETHIF_TX_PBUFS ||
        q->frames[q->n - 1].iovcnt + pieces + 1 > FETH_IOV_MAX || q->pieces + pieces + 1 > FETHIF_TX_PIECES ||
        !look(p, offload, &s) || !continues(run, &s))
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
    enum { FLAGS = 13, CHECKSUM = 16 };
    struct fethif_tx_queue *q = &f->tx;
    struct fethif_run *run = &q->run;

    if (run->segments > 1) {
        uint8_t *header = q->headers[(q->first_header + q->n - 1) % FETHIF_TX_FRAMES];
        uint8_t *ip = header + SIZEOF_ETH_HDR, *tcp = ip + run->ip_len;
        uint32_t ip_packet = run->hdr_len - SIZEOF_ETH_HDR + run->payload;
        struct feth_offload *offload = &q->frames[q->n - 1].offload;
        struct fethif_l4 l4 = {
            .protocol = IP_PROTO_TCP,
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
        tcp[FLAGS] |= run->flags;
        uint16_t sum = fethif_pseudo_sum(header, &l4);
        memcpy(tcp + CHECKSUM, &sum, sizeof(sum));
        offload->gso_type = is_ip4(header) ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
        offload->gso_size = (uint16_t)run->size;
        offload->hdr_len = run->hdr_len;
        f->stats.tx_large++;
    }
    run->segments = 0;
    run->open = false;
}
