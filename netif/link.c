/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/icmp6.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/nd6.h"
#include "lwip/prot/nd6.h"

#include "fethif_priv.h"

static bool link_is_up(const struct feth_link *link)
{
    return link->up && link->carrier && !link->gone;
}

/* The config's MTU, but no more than the interface takes; without one the interface's. */
static u16_t stack_mtu(const struct fethif *f)
{
    unsigned mtu = f->mtu && f->mtu < f->link.mtu ? f->mtu : f->link.mtu;

    return (u16_t)(mtu < FETHIF_MTU_MAX ? mtu : FETHIF_MTU_MAX);
}

/*
 * The stack is another machine than the host that has the interface, so it has another MAC address: by one bit of the
 * interface's, so that it is the same in the next run, and a locally administered one (IEEE 802, 8.2.2).  With the
 * interface's own address the host would take every frame as its own too, look up a route for it and drop it only
 * then, and both would have the same IPv6 link-local address.
 */
static void stack_mac(const struct fethif *f, uint8_t mac[ETH_HWADDR_LEN])
{
    enum { LOCAL = 0x02, OURS = 0x08 };

    memcpy(mac, f->own_mac ? f->mac : f->link.mac, ETH_HWADDR_LEN);
    if (!f->own_mac)
        mac[0] = (uint8_t)((mac[0] ^ OURS) | LOCAL);
}

static void apply(struct fethif *f)
{
    struct netif *netif = f->netif;

    netif->mtu = stack_mtu(f);
#if LWIP_IPV6 && LWIP_ND6_ALLOW_RA_UPDATES
    netif->mtu6 = netif->mtu;
#endif
    netif->hwaddr_len = ETH_HWADDR_LEN;
    stack_mac(f, netif->hwaddr);
}

void fethif_link_init(struct fethif *f)
{
    feth_io_get_link(f->io, &f->link);
    apply(f);
    if (link_is_up(&f->link))
        f->netif->flags |= NETIF_FLAG_LINK_UP;
}

#if LWIP_IPV6
/*
 * An unsolicited neighbour advertisement to all nodes (RFC 4861, 7.2.6); the hop limit of 255 is required there.
 * lwIP has no public function for it.
 */
static void advertise(struct netif *netif, const ip6_addr_t *addr)
{
    const u16_t option = sizeof(struct lladdr_option), len = sizeof(struct na_header) + option;
    struct pbuf *p = pbuf_alloc(PBUF_IP, len, PBUF_RAM);
    ip6_addr_t all_nodes;

    if (!p)
        return;
    memset(p->payload, 0, len);
    struct na_header *na = p->payload;
    na->type = ICMP6_TYPE_NA;
    na->flags = ND6_FLAG_OVERRIDE;
    ip6_addr_copy_to_packed(na->target_address, *addr);
    struct lladdr_option *lladdr = (struct lladdr_option *)((u8_t *)p->payload + sizeof(*na));
    lladdr->type = ND6_OPTION_TYPE_TARGET_LLADDR;
    lladdr->length = (u8_t)(option / 8);
    memcpy(lladdr->addr, netif->hwaddr, netif->hwaddr_len);

    ip6_addr_set_allnodes_linklocal(&all_nodes);
    ip6_addr_assign_zone(&all_nodes, IP6_MULTICAST, netif);
    na->chksum = ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, len, addr, &all_nodes);
    ip6_output_if(p, addr, &all_nodes, 255, 0, IP6_NEXTH_ICMP6, netif);
    pbuf_free(p);
}
#endif

/*
 * Tell the neighbours of our addresses: they may have forgotten us while the link was down, or know another MAC
 * address.
 */
static void announce(struct netif *netif)
{
    if (!netif_is_up(netif) || !netif_is_link_up(netif))
        return;
#if LWIP_IPV4
    if (!ip4_addr_isany_val(*netif_ip4_addr(netif)))
        etharp_gratuitous(netif);
#endif
#if LWIP_IPV6
    for (u8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)))
            advertise(netif, netif_ip6_addr(netif, i));
#endif
}

/* Forget what we know of the neighbours: another machine may be at the end of the cable next. */
static void forget_neighbours(struct netif *netif)
{
#if LWIP_IPV4
    etharp_cleanup_netif(netif);
#endif
#if LWIP_IPV6
    nd6_cleanup_netif(netif);
#endif
}

/* lwIP keeps the MTU of each destination's path, which begins here, and would go on with the one it has. */
static void forget_paths(void)
{
#if LWIP_IPV6
    nd6_clear_destination_cache();
#endif
}

void fethif_link_update(struct fethif *f)
{
    struct netif *netif = f->netif;
    u16_t mtu = netif ? netif->mtu : 0;
    struct feth_link link;

    feth_io_get_link(f->io, &link);
    if (!netif || link.changes == f->link.changes)
        return;
    bool up = link_is_up(&link), was_up = netif_is_link_up(netif);
    /* More than one change since the last turn: it may have been down in between. */
    bool lost = was_up && (!up || link.changes - f->link.changes > 1);

    f->link = link;
    apply(f);
    if (netif->mtu != mtu)
        forget_paths();
    if (lost)
        forget_neighbours(netif);
    if (up && !was_up)
        netif_set_link_up(netif);
    if (up)
        announce(netif);
    if (!up && was_up) {
        fethif_tx_discard(f);
        netif_set_link_down(netif);
    }
    if (f->link_changed)
        f->link_changed(netif, &link, f->arg);
}
