/* SPDX-License-Identifier: Apache-2.0 */
/* getifaddrs() and the names of interfaces; what they point to has Darwin's layouts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "real.h"
#include "wraps.h"

#include <net/if.h> /* last: its macros bear the names of members of struct xnu_ifreq */

#define IFT_ETHER   6
#define IFT_LOOP    24
#define FAMILY_LINK 18

struct entry {
    struct ifaddrs ifa;
    char name[M_NAME];
    _Alignas(8) uint8_t addr[32], mask[32], broadcast[32];
    struct xnu_if_data data;
};

static struct entry *add_entry(struct ifaddrs ***end, const struct m_if *ifp)
{
    struct entry *e = calloc(1, sizeof(*e));

    if (!e)
        m_panic("no memory");
    memcpy(e->name, ifp->name, sizeof(e->name));
    e->ifa.ifa_name = e->name;
    e->ifa.ifa_flags = (unsigned)ifp->flags;
    e->ifa.ifa_addr = (struct sockaddr *)(void *)e->addr;
    **end = &e->ifa;
    *end = &e->ifa.ifa_next;
    return e;
}

static void add_link(struct ifaddrs ***end, const struct m_if *ifp)
{
    struct entry *e = add_entry(end, ifp);
    struct xnu_sockaddr_dl sdl = {.sdl_len = sizeof(sdl),
                                  .sdl_family = FAMILY_LINK,
                                  .sdl_index = (uint16_t)ifp->index,
                                  .sdl_type = ifp->loopback ? IFT_LOOP : IFT_ETHER,
                                  .sdl_nlen = (uint8_t)strlen(ifp->name),
                                  .sdl_alen = ifp->mac_len};
    const size_t data = offsetof(struct xnu_sockaddr_dl, sdl_data);

    memcpy(e->addr, &sdl, sizeof(sdl));
    memcpy(e->addr + data, ifp->name, sdl.sdl_nlen); /* both may reach beyond sdl_data */
    memcpy(e->addr + data + sdl.sdl_nlen, ifp->mac, ifp->mac_len);
    if (data + sdl.sdl_nlen + sdl.sdl_alen > sizeof(sdl))
        e->addr[0] = (uint8_t)(data + sdl.sdl_nlen + sdl.sdl_alen);
    e->data.ifi_mtu = ifp->mtu;
    e->data.ifi_ipackets = (uint32_t)ifp->in_packets;
    e->data.ifi_ibytes = (uint32_t)ifp->in_bytes;
    e->data.ifi_opackets = (uint32_t)ifp->out_packets;
    e->data.ifi_obytes = (uint32_t)ifp->out_bytes;
    if (ifp->hwcsum)
        e->data.ifi_hwassist |= XNU_IFNET_CSUM_IP | XNU_IFNET_CSUM_TCP | XNU_IFNET_CSUM_UDP |
                                XNU_IFNET_CSUM_TCPIPV6 | XNU_IFNET_CSUM_UDPIPV6;
    if (ifp->tso)
        e->data.ifi_hwassist |= XNU_IFNET_TSO_IPV4 | XNU_IFNET_TSO_IPV6;
    e->ifa.ifa_data = &e->data;
}

/* RUN11: an IPv4 mask is cut behind its last byte that is not 0, and its family is 0. */
static void add_addr(struct ifaddrs ***end, const struct m_if *ifp, const struct m_addr *addr)
{
    struct entry *e = add_entry(end, ifp);
    bool v6 = addr->family == XNU_AF_INET6;
    size_t at =
        v6 ? offsetof(struct xnu_sockaddr_in6, sin6_addr) : offsetof(struct xnu_sockaddr_in, sin_addr);
    size_t size = v6 ? 16 : 4, len = size;

    e->addr[0] = v6 ? sizeof(struct xnu_sockaddr_in6) : sizeof(struct xnu_sockaddr_in);
    e->addr[1] = (uint8_t)addr->family;
    memcpy(e->addr + at, addr->bytes, size);
    e->ifa.ifa_netmask = (struct sockaddr *)(void *)e->mask;
    if (v6) {
        e->mask[0] = e->addr[0];
        e->mask[1] = e->addr[1];
        memcpy(e->mask + at, addr->mask, size);
        return;
    }
    while (len > 0 && addr->mask[len - 1] == 0)
        len--;
    e->mask[0] = (uint8_t)(len ? at + len : 0);
    memcpy(e->mask + at, addr->mask, len);
    memset(e->mask + at + len, 0xa5,
           sizeof(e->mask) - at - len); /* what lies beyond the length is not there */
}

int __wrap_getifaddrs(struct ifaddrs **list)
{
    struct ifaddrs **end = list;
    int error = m_call("getifaddrs", NULL);

    if (error)
        return (int)m_result(0, error);
    *list = NULL;
    m_lock();
    for (unsigned i = 0; i < M_IFS; i++) {
        const struct m_if *ifp = &K->ifs[i];
        if (!ifp->used)
            continue;
        add_link(&end, ifp);
        for (unsigned k = 0; k < ifp->n_addrs; k++)
            add_addr(&end, ifp, &ifp->addrs[k]);
    }
    m_unlock();
    return (int)m_result(0, 0);
}

void __wrap_freeifaddrs(struct ifaddrs *list)
{
    m_lock();
    while (list) {
        struct ifaddrs *next = list->ifa_next;
        free(list); /* the entry starts with it */
        list = next;
    }
    m_unlock();
}

unsigned __wrap_if_nametoindex(const char *name)
{
    int error = m_call("if_nametoindex", NULL);

    m_lock();
    const struct m_if *ifp = error ? NULL : m_if_named(name);
    unsigned index = ifp ? ifp->index : 0;
    m_unlock();
    m_result((long)index, error ? error : ifp ? 0 : ENXIO);
    return index;
}

char *__wrap_if_indextoname(unsigned index, char *name)
{
    int error = m_call("if_indextoname", NULL);
    bool found = false;

    m_lock();
    for (unsigned i = 0; !error && i < M_IFS && !found; i++) {
        found = K->ifs[i].used && K->ifs[i].index == index;
        if (found)
            memcpy(name, K->ifs[i].name, M_NAME);
    }
    m_unlock();
    m_result(0, error ? error : found ? 0 : ENXIO);
    return found ? name : NULL;
}

struct if_nameindex *__wrap_if_nameindex(void)
{
    int error = m_call("if_nameindex", NULL);
    unsigned n = 0;

    m_lock();
    struct if_nameindex *list = error ? NULL : calloc(M_IFS + 1, sizeof(*list));
    for (unsigned i = 0; list && i < M_IFS; i++) {
        if (!K->ifs[i].used)
            continue;
        list[n].if_index = K->ifs[i].index;
        list[n++].if_name = strdup(K->ifs[i].name);
    }
    m_unlock();
    m_result((long)n, error);
    return list;
}

void __wrap_if_freenameindex(struct if_nameindex *list)
{
    m_lock();
    for (struct if_nameindex *i = list; i && i->if_name; i++)
        free(i->if_name);
    free(list);
    m_unlock();
}
