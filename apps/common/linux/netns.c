/* SPDX-License-Identifier: Apache-2.0 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    int saved = errno;
    close(fd);
    errno = saved;
    return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* user_namespaces(7): an ordinary user may map his own ids only, the group's once setgroups() is given up. */
static int become_root(unsigned uid, unsigned gid)
{
    char map[64];

    (void)snprintf(map, sizeof(map), "0 %u 1", uid);
    if (write_file("/proc/self/uid_map", map) < 0 || write_file("/proc/self/setgroups", "deny") < 0)
        return -1;
    (void)snprintf(map, sizeof(map), "0 %u 1", gid);
    return write_file("/proc/self/gid_map", map);
}

static int loopback_up(void)
{
    struct ifreq req = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int ret = fd < 0 ? -1 : ioctl(fd, SIOCGIFFLAGS, &req);

    req.ifr_flags |= IFF_UP;
    if (ret == 0)
        ret = ioctl(fd, SIOCSIFFLAGS, &req);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return ret;
}

int netns_enter(char *why, size_t size)
{
    unsigned uid = geteuid(), gid = getegid();
    const char *what = "network namespaces are forbidden here, as in many containers";
    int ret, made = 0;

    if (unshare(CLONE_NEWNET) == 0) {
        ret = 0;
    } else {
        ret = unshare(CLONE_NEWUSER | CLONE_NEWNET);
        if (ret == 0) {
            what = "cannot become root of the namespace";
            ret = become_root(uid, gid);
            made = 1;
        }
    }
    if (ret == 0) {
        what = "cannot bring the namespace's loopback up";
        ret = loopback_up();
    }
    if (ret < 0)
        (void)snprintf(why, size, "%s: %s", what, strerror(errno));
    return ret < 0 ? ret : made;
}
