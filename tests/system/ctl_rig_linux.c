/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

/* ---- the namespace ------------------------------------------------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return ok;
}

static bool enter(void)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();

    if (uid == 0)
        return unshare(CLONE_NEWNET) == 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return false;
    (void)snprintf(map, sizeof(map), "0 %u 1", uid);
    if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
        return false;
    (void)snprintf(map, sizeof(map), "0 %u 1", gid);
    return write_file("/proc/self/gid_map", map);
}

int rig_enter(void)
{
    if (!enter()) {
        printf("SKIP: no network namespace of our own here: %s\n", strerror(errno));
        return 77;
    }
    if (system("ip link add feth0 type veth peer name feth1 && ip link del feth0") != 0) {
        printf("SKIP: no veth interfaces here\n");
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
    struct if_nameindex *all = if_nameindex();
    char command[64];

    for (struct if_nameindex *i = all; i && i->if_index; i++) {
        (void)snprintf(command, sizeof(command), "ip link del %s", i->if_name);
        if (strcmp(i->if_name, "lo") != 0 && if_nametoindex(i->if_name) && system(command) != 0)
            return -1;
    }
    if_freenameindex(all);
    rig_poison();
    return 0;
}

int rig_leave(int status)
{
    feth_ctl_close(ctl);
    return status;
}

bool rig_drop_privilege(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2];

    memset(none, 0, sizeof(none));
    return syscall(SYS_capset, &head, none) == 0;
}

/* ---- checks ------------------------------------------------------------------------------------------------- */

void rig_ip(const char *args)
{
    char command[256];

    (void)snprintf(command, sizeof(command), "ip %s", args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

long rig_sysctl(const char *path)
{
    char full[160], text[32];

    (void)snprintf(full, sizeof(full), "/proc/sys/net/%s", path);
    int fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return -1;
    text[got] = '\0';
    return strtol(text, NULL, 10);
}

void rig_set_sysctl(const char *path, int value)
{
    char full[160], text[16];

    (void)snprintf(full, sizeof(full), "/proc/sys/net/%s", path);
    (void)snprintf(text, sizeof(text), "%d", value);
    if (!write_file(full, text))
        fail_msg("cannot write %s", full);
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

static unsigned prefix_of(const uint8_t *mask, size_t len)
{
    unsigned bits = 0;

    for (size_t i = 0; i < len; i++)
        bits += (unsigned)__builtin_popcount(mask[i]);
    return bits;
}

bool rig_read_addr(const struct ifaddrs *i, struct feth_addr *addr)
{
    if (!i->ifa_addr || !i->ifa_netmask)
        return false;
    memset(addr, 0, sizeof(*addr));
    addr->family = i->ifa_addr->sa_family;
    if (addr->family == AF_INET) {
        const struct sockaddr_in *a = (const void *)i->ifa_addr, *m = (const void *)i->ifa_netmask;
        memcpy(addr->bytes, &a->sin_addr, 4);
        addr->prefix = prefix_of((const uint8_t *)&m->sin_addr, 4);
        return true;
    }
    if (addr->family == AF_INET6) {
        const struct sockaddr_in6 *a = (const void *)i->ifa_addr, *m = (const void *)i->ifa_netmask;
        memcpy(addr->bytes, &a->sin6_addr, 16);
        addr->prefix = prefix_of((const uint8_t *)&m->sin6_addr, 16);
        return true;
    }
    return false;
}

static void say_addrs(FILE *to, const char *ifname, const struct ifaddrs *all)
{
    char text[FETH_ADDR_TEXT_SIZE];
    struct feth_addr addr;

    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
        if (strcmp(i->ifa_name, ifname) == 0 && rig_read_addr(i, &addr) &&
            !(addr.family == AF_INET6 && addr.bytes[0] == 0xfe))
            fprintf(to, " %s", feth_addr_format(&addr, text));
}

static void say_link(FILE *to, const char *ifname)
{
    struct ifreq r;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memset(&r, 0, sizeof(r));
    (void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", ifname);
    assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &r), 0);
    fprintf(to, "%s flags %x", ifname,
            (unsigned)r.ifr_flags & (IFF_UP | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI));
    assert_int_equal(ioctl(fd, SIOCGIFMTU, &r), 0);
    fprintf(to, " mtu %d", r.ifr_mtu);
    assert_int_equal(ioctl(fd, SIOCGIFHWADDR, &r), 0);
    const uint8_t *m = (const uint8_t *)r.ifr_hwaddr.sa_data;
    fprintf(to, " mac %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
    close(fd);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct if_nameindex *)a)->if_name, ((const struct if_nameindex *)b)->if_name);
}

void rig_say_system(FILE *to, enum rig_look what)
{
    struct if_nameindex *links = if_nameindex();
    struct ifaddrs *addrs;
    size_t n = 0;

    assert_non_null(links);
    assert_int_equal(getifaddrs(&addrs), 0);
    while (links[n].if_index)
        n++;
    qsort(links, n, sizeof(*links), by_name);
    for (size_t i = 0; i < n; i++) {
        if (what == RIG_FETHS && strncmp(links[i].if_name, "feth", 4) != 0)
            continue;
        say_link(to, links[i].if_name);
        say_addrs(to, links[i].if_name, addrs);
        fprintf(to, "\n");
    }
    freeifaddrs(addrs);
    if_freenameindex(links);
}
