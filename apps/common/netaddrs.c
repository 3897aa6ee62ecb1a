/* SPDX-License-Identifier: Apache-2.0 */
#include "netaddrs.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static unsigned prefix_of(const uint8_t *mask, size_t size)
{
    unsigned prefix = 0;

    for (size_t i = 0; i < size; i++)
        for (int bit = 7; bit >= 0; bit--) {
            if (!(mask[i] & 1 << bit))
                return prefix;
            prefix++;
        }
    return prefix;
}

/* false: of another family */
static bool read_addr(const struct ifaddrs *ifa, struct feth_addr *addr)
{
    if (!ifa->ifa_addr || !ifa->ifa_netmask)
        return false;
    memset(addr, 0, sizeof(*addr));
    addr->family = ifa->ifa_addr->sa_family;
    if (addr->family == AF_INET) {
        memcpy(addr->bytes, &((const struct sockaddr_in *)(const void *)ifa->ifa_addr)->sin_addr, 4);
        addr->prefix = prefix_of(
            (const uint8_t *)&((const struct sockaddr_in *)(const void *)ifa->ifa_netmask)->sin_addr, 4);
        return true;
    }
    if (addr->family == AF_INET6) {
        memcpy(addr->bytes, &((const struct sockaddr_in6 *)(const void *)ifa->ifa_addr)->sin6_addr, 16);
        addr->prefix = prefix_of(
            (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)ifa->ifa_netmask)->sin6_addr, 16);
        return true;
    }
    return false;
}

int netaddrs_each(void (*each)(const char *ifname, const struct feth_addr *addr, void *arg), void *arg)
{
    struct ifaddrs *all;
    struct feth_addr addr;

    if (getifaddrs(&all) < 0)
        return -1;
    for (const struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next)
        if (read_addr(ifa, &addr))
            each(ifa->ifa_name, &addr, arg);
    freeifaddrs(all);
    return 0;
}

bool netaddrs_link_local6(const struct feth_addr *addr)
{
    return addr->family == AF_INET6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}
