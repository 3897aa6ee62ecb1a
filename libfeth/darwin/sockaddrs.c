/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/sockaddrs.h"

#include <stddef.h>
#include <string.h>

/* ---- to the kernel ------------------------------------------------------------------------------------------ */

static void put_mask(uint8_t *mask, unsigned prefix)
{
    for (; prefix >= 8; prefix -= 8)
        *mask++ = 0xff;
    if (prefix)
        *mask = (uint8_t)(0xff00u >> prefix);
}

struct xnu_sockaddr_in feth_sockaddr_in(const struct feth_addr *addr)
{
    struct xnu_sockaddr_in sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_len = sizeof(sin);
    sin.sin_family = XNU_AF_INET;
    memcpy(&sin.sin_addr, addr->bytes, 4);
    return sin;
}

struct xnu_sockaddr_in6 feth_sockaddr_in6(const struct feth_addr *addr)
{
    struct xnu_sockaddr_in6 sin6;

    memset(&sin6, 0, sizeof(sin6));
    sin6.sin6_len = sizeof(sin6);
    sin6.sin6_family = XNU_AF_INET6;
    memcpy(&sin6.sin6_addr, addr->bytes, 16);
    return sin6;
}

struct xnu_sockaddr_in feth_sockaddr_mask(const struct feth_addr *addr)
{
    struct feth_addr mask = {.family = addr->family};

    put_mask(mask.bytes, addr->prefix);
    return feth_sockaddr_in(&mask);
}

struct xnu_sockaddr_in6 feth_sockaddr_mask6(const struct feth_addr *addr)
{
    struct feth_addr mask = {.family = addr->family};

    put_mask(mask.bytes, addr->prefix);
    return feth_sockaddr_in6(&mask);
}

/* ---- from the kernel ---------------------------------------------------------------------------------------- */

/*
 * A mask comes cut behind its last byte that is not 0, its length in sa_len and its family often 0 (in_socktrim(), xnu
 * bsd/netinet/in.c): what lies beyond sa_len is not there.
 */
static unsigned prefix_of(const void *mask, size_t offset, size_t size)
{
    uint8_t bytes[sizeof(struct xnu_sockaddr_in6)] = {0};
    unsigned bits = 0;

    if (!mask)
        return (unsigned)size * 8;
    size_t len = ((const uint8_t *)mask)[0];
    memcpy(bytes, mask, len < sizeof(bytes) ? len : sizeof(bytes));
    for (size_t i = 0; i < size; i++)
        for (unsigned b = bytes[offset + i]; b & 0x80; b = (b << 1) & 0xff)
            bits++;
    return bits;
}

int feth_family_of_ifaddrs(const struct ifaddrs *entry)
{
    const struct xnu_sockaddr *sa = (const void *)entry->ifa_addr;

    return sa ? sa->sa_family : 0;
}

bool feth_addr_of_ifaddrs(const struct ifaddrs *entry, struct feth_addr *addr)
{
    const void *sa = entry->ifa_addr;

    memset(addr, 0, sizeof(*addr));
    switch (feth_family_of_ifaddrs(entry)) {
    case XNU_AF_INET:
        addr->family = AF_INET;
        memcpy(addr->bytes, (const char *)sa + offsetof(struct xnu_sockaddr_in, sin_addr), 4);
        addr->prefix = prefix_of(entry->ifa_netmask, offsetof(struct xnu_sockaddr_in, sin_addr), 4);
        return true;
    case XNU_AF_INET6:
        addr->family = AF_INET6;
        memcpy(addr->bytes, (const char *)sa + offsetof(struct xnu_sockaddr_in6, sin6_addr), 16);
        addr->prefix = prefix_of(entry->ifa_netmask, offsetof(struct xnu_sockaddr_in6, sin6_addr), 16);
        /* the kernel keeps the interface's index in bytes 2 and 3 of a link-local address, and shows it */
        if (addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80)
            addr->bytes[2] = addr->bytes[3] = 0;
        return true;
    default:
        return false;
    }
}
