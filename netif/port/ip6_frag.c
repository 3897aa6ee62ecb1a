/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's IPv6 fragmentation, which CMake builds as feth_lwip_ip6_frag(), with the packet left as it was.  It moves the
 * payload of the pbufs that it takes from (lwIP 2.2.1, ip6_frag; ip4_frag does not), and TCP, which keeps them to send
 * them again, puts only the first one back: what it sends then is shorter than its headers say, and making fragments
 * of that runs behind the end of the chain.  Look again when the pin moves.
 */
#include "lwip/ip6_frag.h"
#include "lwip/netif.h"

err_t feth_lwip_ip6_frag(struct pbuf *p, struct netif *netif, const ip6_addr_t *dest);

err_t ip6_frag(struct pbuf *p, struct netif *netif, const ip6_addr_t *dest)
{
    u16_t total = p->tot_len;
    err_t err = feth_lwip_ip6_frag(p, netif, dest);

    /* By how much each was moved tells its tot_len, as that of the chain from there on is known. */
    for (; p; p = p->next) {
        u16_t moved = (u16_t)(total - p->tot_len);
        p->payload = (u8_t *)p->payload - moved;
        p->len = (u16_t)(p->len + moved);
        p->tot_len = (u16_t)(p->tot_len + moved);
        total = (u16_t)(p->tot_len - p->len);
    }
    return err;
}
