/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A received frame that holds several datagrams of UDP, as a host makes it whose program sends with UDP_SEGMENT
 * (udp(7)) and whose interface leaves the cutting to others.  A large TCP segment is as good to lwIP as many small
 * ones, but datagrams have bounds: each gets a frame of its own, and is copied into it.
 */
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/udp.h"

#include "bytes.h"
#include "fethif_priv.h"

/* The headers as they are of the datagram with that number and payload. */
static void fix_headers(uint8_t *frame, const struct fethif_l4 *whole, unsigned number, uint16_t payload)
{
    enum { IP4_TOTAL = 2, IP4_ID = 4, IP4_CHECKSUM = 10, IP6_PAYLOAD = 4, UDP_LENGTH = 4, UDP_CHECKSUM = 6 };
    uint8_t *ip = frame + SIZEOF_ETH_HDR, *udp = frame + whole->start;
    struct fethif_l4 l4 = *whole;

    l4.len = (uint16_t)(UDP_HLEN + payload);
    if (ip[0] >> 4 == 4) {
        put16(ip + IP4_TOTAL, (uint32_t)whole->start - SIZEOF_ETH_HDR + l4.len);
        put16(ip + IP4_ID, be16(ip + IP4_ID) + number);
        memset(ip + IP4_CHECKSUM, 0, 2);
        uint16_t sum = inet_chksum(ip, (u16_t)(whole->start - SIZEOF_ETH_HDR));
        memcpy(ip + IP4_CHECKSUM, &sum, sizeof(sum));
    } else {
        put16(ip + IP6_PAYLOAD, (uint32_t)whole->start - SIZEOF_ETH_HDR - IP6_HLEN + l4.len);
    }
    put16(udp + UDP_LENGTH, l4.len);
    /* unfinished, as in the large frame: what comes from this machine is not verified */
    uint16_t sum = fethif_pseudo_sum(frame, &l4);
    memcpy(udp + UDP_CHECKSUM, &sum, sizeof(sum));
}

bool fethif_uso_cuttable(const struct feth_frame *frame, const struct fethif_l4 *l4)
{
    return l4->protocol == IP_PROTO_UDP && !l4->fragment && l4->len > UDP_HLEN &&
           (size_t)l4->start + l4->len <= frame->len && frame->offload.csum_start == l4->start &&
           frame->offload.gso_size > 0;
}

struct pbuf *fethif_uso_cut(const struct feth_frame *frame, const struct fethif_l4 *l4, unsigned number)
{
    const size_t headers = (size_t)l4->start + UDP_HLEN, size = frame->offload.gso_size,
                 from = headers + number * size, end = (size_t)l4->start + l4->len;

    uint16_t payload = (uint16_t)(end - from < size ? end - from : size);
    struct pbuf *p = fethif_rx_alloc(headers + payload);
    if (!p)
        return NULL;
    memcpy(p->payload, frame->data, headers);
    memcpy((uint8_t *)p->payload + headers, frame->data + from, payload);
    fix_headers(p->payload, l4, number, payload);
    return p;
}

unsigned fethif_uso_datagrams(const struct feth_frame *frame, const struct fethif_l4 *l4)
{
    unsigned payload = l4->len - UDP_HLEN, size = frame->offload.gso_size;

    return (payload + size - 1) / size;
}
