/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lwip/inet_chksum.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

#include "bytes.h"
#include "fethif_priv.h"

static void find_ip4(const uint8_t *frame, size_t len, struct fethif_l4 *l4)
{
    const uint8_t *ip = frame + SIZEOF_ETH_HDR;

    if (len < SIZEOF_ETH_HDR + IP_HLEN || ip[0] >> 4 != 4)
        return;
    unsigned hlen = (ip[0] & 15u) * 4;
    unsigned total = be16(ip + 2);
    if (hlen < IP_HLEN || total < hlen)
        return;
    l4->protocol = ip[9];
    l4->fragment = (be16(ip + 6) & (IP_MF | IP_OFFMASK)) != 0;
    l4->start = (uint16_t)(SIZEOF_ETH_HDR + hlen);
    l4->len = (uint16_t)(total - hlen);
}

static void find_ip6(const uint8_t *frame, size_t len, struct fethif_l4 *l4)
{
    const uint8_t *ip = frame + SIZEOF_ETH_HDR;

    if (len < SIZEOF_ETH_HDR + IP6_HLEN || ip[0] >> 4 != 6)
        return;
    uint8_t next = ip[6];
    size_t at = SIZEOF_ETH_HDR + IP6_HLEN, end = at + be16(ip + 4);
    for (;;) {
        size_t header;
        if (next == IP6_NEXTH_HOPBYHOP || next == IP6_NEXTH_DESTOPTS) {
            if (at + 2 > len)
                return;
            header = 8u * (1u + frame[at + 1]);
        } else if (next == IP6_NEXTH_FRAGMENT) {
            if (at + IP6_FRAG_HLEN > len)
                return;
            l4->fragment |= (be16(frame + at + 2) & (IP6_FRAG_OFFSET_MASK | IP6_FRAG_MORE_FLAG)) != 0;
            header = IP6_FRAG_HLEN;
        } else {
            break; /* also a routing header, whose pseudo-header would have another destination */
        }
        next = frame[at];
        at += header;
    }
    if (at > end || at > UINT16_MAX || end - at > UINT16_MAX)
        return;
    l4->protocol = next;
    l4->start = (uint16_t)at;
    l4->len = (uint16_t)(end - at);
}

void fethif_find_l4(const uint8_t *frame, size_t len, struct fethif_l4 *l4)
{
    memset(l4, 0, sizeof(*l4));
    if (len < SIZEOF_ETH_HDR)
        return;
    switch (be16(frame + 12)) {
    case ETHTYPE_IP:
        find_ip4(frame, len, l4);
        break;
    case ETHTYPE_IPV6:
        find_ip6(frame, len, l4);
        break;
    default:
        break;
    }
}

uint16_t fethif_pseudo_sum(const uint8_t *frame, const struct fethif_l4 *l4)
{
    /* Both addresses, which are next to each other in either header, protocol and length. */
    const uint8_t *ip = frame + SIZEOF_ETH_HDR;
    uint32_t sum = ip[0] >> 4 == 4 ? LWIP_CHKSUM(ip + 12, 8) : LWIP_CHKSUM(ip + 8, 32);

    sum += (uint32_t)lwip_htons(l4->protocol) + lwip_htons(l4->len);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)((sum >> 16) + (sum & 0xffff));
}
