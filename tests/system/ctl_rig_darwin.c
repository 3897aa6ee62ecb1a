/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_rig.h on a Mac: as root, where there are no feth interfaces of others.  The interfaces are looked at by
 * getifaddrs(), and taken away by SIOCIFDESTROY, so that what libfeth forgets shows.
 */
#include "ctl_rig.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>
#include <sys/sockio.h>

static bool is_feth(const char *name)
{
    return strncmp(name, "feth", 4) == 0;
}

/* Ask for an interface by a request that takes its name only.  @return 0 or an errno */
static int ask(unsigned long request, struct ifreq *req, const char *name)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    size_t len = strlen(name);

    memset(req, 0, sizeof(*req));
    if (fd < 0)
        return errno;
    memcpy(req->ifr_name, name, len < sizeof(req->ifr_name) ? len + 1 : 0);
    int error = ioctl(fd, request, req) < 0 ? errno : 0;
    close(fd);
    return error;
}

static const char *first_feth(char name[IF_NAMESIZE])
{
    struct if_nameindex *all = if_nameindex();
    const char *found = NULL;

    for (struct if_nameindex *i = all; !found && i && i->if_index; i++)
        if (is_feth(i->if_name)) {
            (void)snprintf(name, IF_NAMESIZE, "%s", i->if_name);
            found = name;
        }
    if (all)
        if_freenameindex(all);
    return found;
}

/* ---- the rig ------------------------------------------------------------------------------------------------ */

int rig_enter(void)
{
    char name[IF_NAMESIZE];

    if (geteuid() != 0) {
        printf("SKIP: real interfaces need root\n");
        return 77;
    }
    if (first_feth(name)) {
        printf("SKIP: there is %s already, and all feth interfaces would be destroyed\n", name);
        return 77;
    }
    if (feth_ctl_open(&ctl, &err) < 0) {
        printf("%s\n", err.text);
        return 1;
    }
    return 0;
}

int rig_clear(void **state)
{
    (void)state;
    char name[IF_NAMESIZE];
    struct ifreq req;

    while (first_feth(name))
        if (ask(SIOCIFDESTROY, &req, name))
            return -1;
    rig_poison();
    return 0;
}

int rig_leave(int status)
{
    feth_ctl_close(ctl);
    return status;
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static unsigned prefix_of(const struct sockaddr *mask, size_t offset, size_t size)
{
    const uint8_t *bytes = (const void *)mask;
    unsigned bits = 0;

    /* a mask's sockaddr ends behind its last byte that is not zero */
    for (size_t i = offset; i < offset + size && i < mask->sa_len; i++)
        bits += (unsigned)__builtin_popcount(bytes[i]);
    return bits;
}

bool rig_read_addr(const struct ifaddrs *i, struct feth_addr *addr)
{
    if (!i->ifa_addr || !i->ifa_netmask)
        return false;
    memset(addr, 0, sizeof(*addr));
    addr->family = i->ifa_addr->sa_family;
    if (addr->family == AF_INET) {
        const struct sockaddr_in *a = (const void *)i->ifa_addr;
        memcpy(addr->bytes, &a->sin_addr, 4);
        addr->prefix = prefix_of(i->ifa_netmask, offsetof(struct sockaddr_in, sin_addr), 4);
        return true;
    }
    if (addr->family == AF_INET6) {
        const struct sockaddr_in6 *a = (const void *)i->ifa_addr;
        memcpy(addr->bytes, &a->sin6_addr, 16);
        if (addr->bytes[0] == 0xfe)
            addr->bytes[2] = addr->bytes[3] = 0; /* the index of the interface */
        addr->prefix = prefix_of(i->ifa_netmask, offsetof(struct sockaddr_in6, sin6_addr), 16);
        return true;
    }
    return false;
}

static void say_link(FILE *to, const struct ifaddrs *i)
{
    const struct sockaddr_dl *dl = (const void *)i->ifa_addr;
    const uint8_t *m = (const uint8_t *)LLADDR(dl);
    struct ifreq req;

    assert_int_equal(dl->sdl_alen, 6);
    assert_int_equal(ask(SIOCGIFMTU, &req, i->ifa_name), 0);
    fprintf(to, "%s flags %x mtu %d mac %02x:%02x:%02x:%02x:%02x:%02x\n", i->ifa_name,
            i->ifa_flags & (unsigned)(IFF_UP | IFF_NOARP | IFF_ALLMULTI), req.ifr_mtu, m[0], m[1], m[2], m[3],
            m[4], m[5]);
}

void rig_say_system(FILE *to, enum rig_look what)
{
    (void)what; /* nobody asks for others' interfaces here */
    char text[FETH_ADDR_TEXT_SIZE];
    struct feth_addr addr;
    struct ifaddrs *all;
    int max_mtu = 0;
    size_t size = sizeof(max_mtu);

    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        if (!is_feth(i->ifa_name) || !i->ifa_addr)
            continue;
        if (i->ifa_addr->sa_family == AF_LINK)
            say_link(to, i);
        else if (rig_read_addr(i, &addr) && !(addr.family == AF_INET6 && addr.bytes[0] == 0xfe))
            fprintf(to, " %s %s\n", i->ifa_name, feth_addr_format(&addr, text));
    }
    freeifaddrs(all);
    assert_int_equal(sysctlbyname("net.link.fake.max_mtu", &max_mtu, &size, NULL, 0), 0);
    fprintf(to, "max_mtu %d\n", max_mtu);
}
