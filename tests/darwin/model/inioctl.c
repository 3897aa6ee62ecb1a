/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about an interface's addresses (bsd/netinet/in.c, bsd/netinet6/in6.c, bsd/netinet6/nd6.c). */
#include <errno.h>
#include <string.h>

#include "kernel.h"

#define SIN_ADDR 4 /* where the address lies in a sockaddr_in */

/* ---- IPv4 --------------------------------------------------------------------------------------------------- */

static unsigned class_prefix(const uint8_t *bytes)
{
    return bytes[0] < 128 ? 8 : bytes[0] < 192 ? 16 : 24;
}

static int add4(struct m_if *ifp, const struct xnu_in_aliasreq *req)
{
    struct m_addr addr = {.family = XNU_AF_INET};

    if (req->ifra_addr.sin_family != XNU_AF_INET)
        return EINVAL;
    memcpy(addr.bytes, &req->ifra_addr.sin_addr, 4);
    if (req->ifra_mask.sin_len)
        memcpy(addr.mask, &req->ifra_mask.sin_addr, 4);
    if (memcmp(addr.mask, "\0\0\0\0", 4) == 0) /* RUN11: that of the class */
        m_prefix_mask(class_prefix(addr.bytes), addr.mask, 4);
    addr.prefix = m_mask_prefix(addr.mask, 4);
    return m_addr_add(ifp, &addr);
}

/* in_socktrim(): RUN11: the length is that up to the last byte that is not 0, the family 0. */
static void put_mask(struct xnu_ifreq *req, const struct m_addr *addr)
{
    unsigned len = 4;

    while (len > 0 && addr->mask[len - 1] == 0)
        len--;
    memset(&req->ifr_ifru.ifru_addr, 0, sizeof(req->ifr_ifru.ifru_addr));
    req->ifr_ifru.ifru_addr.sa_len = (uint8_t)(len ? SIN_ADDR + len : 0);
    memcpy((uint8_t *)&req->ifr_ifru.ifru_addr + SIN_ADDR, addr->mask, 4);
}

static void put_addr(struct xnu_ifreq *req, const struct m_addr *addr)
{
    struct xnu_sockaddr_in sin = {.sin_len = sizeof(sin), .sin_family = XNU_AF_INET};

    memcpy(&sin.sin_addr, addr->bytes, 4);
    memcpy(&req->ifr_ifru.ifru_addr, &sin, sizeof(sin));
}

static int get4(struct m_if *ifp, struct xnu_ifreq *req, bool mask)
{
    struct m_addr *addr = m_addr_find(ifp, XNU_AF_INET, (const uint8_t *)&req->ifr_ifru.ifru_addr + SIN_ADDR);

    if (!addr)
        addr = m_addr_find(ifp, XNU_AF_INET, NULL);
    if (!addr)
        return EADDRNOTAVAIL;
    if (mask)
        put_mask(req, addr);
    else
        put_addr(req, addr);
    return 0;
}

int m_in_ioctl(unsigned long request, void *arg)
{
    struct xnu_ifreq *req = arg;
    struct m_if *ifp = m_if_named(req->ifr_name);

    if (!ifp)
        return ENXIO;
    switch (request) {
    case XNU_SIOCAIFADDR:
        return m_denied() ? EPERM : add4(ifp, arg);
    case XNU_SIOCDIFADDR:
        return m_denied()
                   ? EPERM
                   : m_addr_del(ifp, XNU_AF_INET, (const uint8_t *)&req->ifr_ifru.ifru_addr + SIN_ADDR);
    case XNU_SIOCGIFADDR:
        return get4(ifp, req, false);
    case XNU_SIOCGIFNETMASK:
        return get4(ifp, req, true);
    default:
        return -1;
    }
}

/* ---- IPv6 --------------------------------------------------------------------------------------------------- */

static int add6(struct m_if *ifp, const struct xnu_in6_aliasreq *req)
{
    struct m_addr addr = {.family = XNU_AF_INET6};
    static const uint8_t none[16];

    if (req->ifra_addr.sin6_family != XNU_AF_INET6 || req->ifra_addr.sin6_len != sizeof(req->ifra_addr))
        return EAFNOSUPPORT;
    memcpy(addr.bytes, &req->ifra_addr.sin6_addr, 16);
    if (memcmp(addr.bytes, none, 16) == 0 || addr.bytes[0] == 0xff)
        return EINVAL;
    m_in6_embed(ifp, addr.bytes);
    memcpy(addr.mask, &req->ifra_prefixmask.sin6_addr, 16);
    addr.prefix = m_mask_prefix(addr.mask, 16);
    if (addr.prefix == 0)
        return EINVAL;
    return m_addr_add(ifp, &addr);
}

static int del6(struct m_if *ifp, const struct xnu_in6_ifreq *req)
{
    uint8_t bytes[16];

    memcpy(bytes, &req->ifr_ifru.ifru_addr.sin6_addr, 16);
    m_in6_embed(ifp, bytes);
    return m_addr_del(ifp, XNU_AF_INET6, bytes);
}

static int stop_link_local(struct m_if *ifp)
{
    for (unsigned i = 0; i < ifp->n_addrs;) {
        const struct m_addr *a = &ifp->addrs[i];
        if (a->family == XNU_AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80)
            m_addr_del(ifp, XNU_AF_INET6, a->bytes);
        else
            i++;
    }
    return 0;
}

static int autoconf(struct m_if *ifp, bool on)
{
    if (ifp->loopback)
        return EINVAL;
    ifp->accept_ra = on;
    return 0;
}

static int get_nd(const struct m_if *ifp, struct xnu_in6_ondireq *req)
{
    if (!ifp->nd_initialized)
        return EINVAL;
    memset(&req->ndi, 0, sizeof(req->ndi));
    req->ndi.linkmtu = ifp->mtu;
    req->ndi.flags = ifp->nd_flags;
    return 0;
}

static int set_nd(struct m_if *ifp, const struct xnu_in6_ndireq *req)
{
    if (!ifp->nd_initialized)
        return EINVAL;
    ifp->nd_flags = req->ndi.flags;
    return 0;
}

static int with_root(struct m_if *ifp, unsigned long request, void *arg)
{
    switch (request) {
    case XNU_SIOCAIFADDR_IN6:
        return add6(ifp, arg);
    case XNU_SIOCDIFADDR_IN6:
        return del6(ifp, arg);
    case XNU_SIOCPROTOATTACH_IN6:
        return m_in6_attach(ifp);
    case XNU_SIOCPROTODETACH_IN6:
        return m_in6_detach(ifp);
    case XNU_SIOCLL_START:
        return ifp->in6 ? m_in6_link_local(ifp) : ENXIO;
    case XNU_SIOCLL_STOP:
        return stop_link_local(ifp);
    case XNU_SIOCAUTOCONF_START:
        return autoconf(ifp, true);
    case XNU_SIOCAUTOCONF_STOP:
        return autoconf(ifp, false);
    case XNU_SIOCSIFINFO_FLAGS:
        return set_nd(ifp, arg);
    default:
        return -1;
    }
}

int m_in6_ioctl(unsigned long request, void *arg)
{
    char name[M_NAME];

    memcpy(name, arg, sizeof(name));
    name[M_NAME - 1] = '\0';
    struct m_if *ifp = m_if_named(name);
    if (!ifp)
        return ENXIO;
    if (request == XNU_SIOCGIFINFO_IN6)
        return get_nd(ifp, arg);
    return m_denied() ? EPERM : with_root(ifp, request, arg);
}
