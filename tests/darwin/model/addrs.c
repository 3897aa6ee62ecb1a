/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of interfaces, of both families (bsd/netinet/in.c, bsd/netinet6/in6.c). */
#include <errno.h>
#include <string.h>

#include "kernel.h"

static unsigned addr_size(int family)
{
    return family == XNU_AF_INET6 ? 16 : 4;
}

unsigned m_mask_prefix(const uint8_t *mask, unsigned size)
{
    unsigned prefix = 0;

    while (prefix < size * 8 && mask[prefix / 8] & 0x80 >> prefix % 8)
        prefix++;
    return prefix;
}

void m_prefix_mask(unsigned prefix, uint8_t *mask, unsigned size)
{
    memset(mask, 0, size);
    for (unsigned i = 0; i < prefix && i < size * 8; i++)
        mask[i / 8] = (uint8_t)(mask[i / 8] | 0x80 >> i % 8);
}

struct m_addr *m_addr_find(struct m_if *ifp, int family, const uint8_t *bytes)
{
    for (unsigned i = 0; i < ifp->n_addrs; i++)
        if (ifp->addrs[i].family == family &&
            (!bytes || memcmp(ifp->addrs[i].bytes, bytes, addr_size(family)) == 0))
            return &ifp->addrs[i];
    return NULL;
}

/* The interface comes up by its first address: ether_inet_prmod_ioctl(), ether_inet6_prmod_ioctl(). */
static void come_up(struct m_if *ifp)
{
    if ((ifp->flags & (XNU_IFF_UP | XNU_IFF_RUNNING)) == (XNU_IFF_UP | XNU_IFF_RUNNING))
        return;
    ifp->flags |= XNU_IFF_UP | XNU_IFF_RUNNING;
    m_tap_apply(ifp);
}

static int insert(struct m_if *ifp, const struct m_addr *addr)
{
    if (ifp->n_addrs == M_ADDRS)
        return ENOBUFS;
    ifp->addrs[ifp->n_addrs++] = *addr;
    m_tap_addr(ifp, addr, true);
    return 0;
}

/* RFC 4291, appendix A: what the kernel gives itself once IPv6 starts on an interface. */
int m_in6_link_local(struct m_if *ifp)
{
    struct m_addr addr = {.family = XNU_AF_INET6, .prefix = 64, .bytes = {0xfe, 0x80}};

    m_in6_embed(ifp, addr.bytes);
    m_prefix_mask(64, addr.mask, 16);
    memcpy(addr.bytes + 8, ifp->mac, 3);
    addr.bytes[8] ^= 2;
    addr.bytes[11] = 0xff;
    addr.bytes[12] = 0xfe;
    memcpy(addr.bytes + 13, ifp->mac + 3, 3);
    if (m_addr_find(ifp, XNU_AF_INET6, addr.bytes))
        return 0;
    come_up(ifp);
    return insert(ifp, &addr);
}

/* The kernel keeps the interface's index within a link-local address, and shows it. */
void m_in6_embed(const struct m_if *ifp, uint8_t *bytes)
{
    if (bytes[0] != 0xfe || (bytes[1] & 0xc0) != 0x80)
        return;
    bytes[2] = (uint8_t)(ifp->index >> 8);
    bytes[3] = (uint8_t)ifp->index;
}

/* in6_domifattach() */
int m_in6_attach(struct m_if *ifp)
{
    if (ifp->in6)
        return EEXIST;
    ifp->in6 = true;
    if (!ifp->nd_initialized)
        ifp->nd_flags = XNU_ND6_IFF_PERFORMNUD | XNU_ND6_IFF_DAD;
    ifp->nd_initialized = true;
    return 0;
}

/* in6_purgeif() and proto_unplumb() */
int m_in6_detach(struct m_if *ifp)
{
    struct m_addr *addr;

    if (!ifp->in6)
        return ENXIO;
    while ((addr = m_addr_find(ifp, XNU_AF_INET6, NULL)))
        m_addr_del(ifp, XNU_AF_INET6, addr->bytes);
    ifp->in6 = false;
    return 0;
}

/* RUN11: a new IPv4 address, or a new mask, is announced by ARP, with itself as sender and target. */
static void announce(struct m_if *ifp, const struct m_addr *addr)
{
    static const uint8_t head[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1}; /* ARP; Ethernet, IPv4, a request */
    uint8_t frame[42];

    if (addr->family != XNU_AF_INET)
        return;
    memset(frame, 0xff, 6);
    memcpy(frame + 6, ifp->mac, 6);
    memcpy(frame + 12, head, sizeof(head));
    memcpy(frame + 22, ifp->mac, 6);
    memcpy(frame + 28, addr->bytes, 4);
    memset(frame + 32, 0, 6);
    memcpy(frame + 38, addr->bytes, 4);
    m_transmit(ifp, frame, sizeof(frame));
}

int m_addr_add(struct m_if *ifp, const struct m_addr *addr)
{
    struct m_addr *old = m_addr_find(ifp, addr->family, addr->bytes);
    bool v6 = addr->family == XNU_AF_INET6;
    int ret;

    if (v6 && m_in6_attach(ifp) == 0 && (ret = m_in6_link_local(ifp)))
        return ret;
    come_up(ifp);
    if (old) {
        if (memcmp(old->mask, addr->mask, sizeof(old->mask)) != 0) {
            m_tap_addr(ifp, old, false);
            *old = *addr;
            m_tap_addr(ifp, old, true);
            announce(ifp, addr);
        }
        return 0;
    }
    ret = insert(ifp, addr);
    if (ret == 0)
        announce(ifp, addr);
    if (ret == 0)
        m_event_post(v6 ? XNU_KEV_INET6_SUBCLASS : XNU_KEV_INET_SUBCLASS, 1, ifp);
    return ret;
}

int m_addr_del(struct m_if *ifp, int family, const uint8_t *bytes)
{
    static const uint8_t zero[16];
    bool first = family == XNU_AF_INET && memcmp(bytes, zero, 4) == 0;
    struct m_addr *addr = m_addr_find(ifp, family, first ? NULL : bytes); /* RUN11 */

    if (!addr)
        return EADDRNOTAVAIL;
    m_tap_addr(ifp, addr, false);
    size_t i = (size_t)(addr - ifp->addrs);
    memmove(addr, addr + 1, (ifp->n_addrs - i - 1) * sizeof(*addr));
    ifp->n_addrs--;
    m_event_post(family == XNU_AF_INET6 ? XNU_KEV_INET6_SUBCLASS : XNU_KEV_INET_SUBCLASS, 3, ifp);
    return 0;
}
