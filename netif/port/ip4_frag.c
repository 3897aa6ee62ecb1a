/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's IPv4 fragmentation, which CMake builds as feth_lwip_ip4_frag(), with an MTU that it gets right.  It takes a
 * fragment for the last one where the rest fits the MTU (lwIP 2.2.1, ip4_frag), but sends only a multiple of 8 bytes;
 * where the MTU leaves room for 1 to 7 bytes more, as 9000 does, and the rest is just as long, two fragments say that
 * they are the last, and nobody can put the datagram together.  Look again when the pin moves.
 */
#include "lwip/ip4_frag.h"
#include "lwip/netif.h"
#include "lwip/prot/ip4.h"

err_t feth_lwip_ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest);

err_t ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    u16_t mtu = netif->mtu;

    netif->mtu = (u16_t)(IP_HLEN + (mtu - IP_HLEN) / 8 * 8);
    err_t err = feth_lwip_ip4_frag(p, netif, dest);
    netif->mtu = mtu;
    return err;
}
