/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a PF_NDRV socket (xnu bsd/net/ndrv.c). */
#include "darwin/ndrv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/fail.h"
#include "darwin/ctl.h"

#define SPACE_DEFAULT 8192 /* ndrv_sendspace: a larger frame than the socket's space is EMSGSIZE */
#define SPACE_MOST    (4u << 20)

static const char op[] = "open";

/* Nothing is ever queued in the socket itself, so room for one frame is enough; more than kern.ipc.maxsockbuf allows is
 * refused as a whole. */
static size_t make_room(int fd, size_t largest)
{
    int space = SPACE_DEFAULT;
    socklen_t len = sizeof(space);

    for (size_t want = largest < SPACE_MOST ? largest : SPACE_MOST; want > SPACE_DEFAULT; want /= 2) {
        int value = (int)want;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)) == 0)
            break;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &space, &len) < 0 || space <= 0)
        space = SPACE_DEFAULT;
    return (size_t)space;
}

/* bind() says where frames go; without connect() each would have to say it again. */
static int name_it(int fd, const char *ifname)
{
    struct xnu_sockaddr_ndrv to;

    memset(&to, 0, sizeof(to));
    to.snd_len = sizeof(to);
    to.snd_family = XNU_AF_NDRV;
    memcpy(to.snd_name, ifname, strnlen(ifname, sizeof(to.snd_name) - 1));
    if (bind(fd, (const void *)&to, sizeof(to)) < 0 || connect(fd, (const void *)&to, sizeof(to)) < 0)
        return errno;
    return 0;
}

static int prepare(int fd, const char *ifname)
{
    int why = name_it(fd, ifname);
    if (why)
        return why;
#ifdef SO_NOSIGPIPE
    int on = 1; /* the kernel shuts the socket down when the interface goes */
    if (setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)) < 0)
        return errno;
#endif
    return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

int feth_ndrv_open(const char *ifname, size_t largest, size_t *granted, struct feth_error *err)
{
    int fd = feth_cloexec(socket(XNU_PF_NDRV, SOCK_RAW, 0));
    if (fd < 0)
        return feth_ctl_fail(err, errno, op, ifname);
    int why = prepare(fd, ifname);
    if (why == 0) {
        *granted = make_room(fd, largest);
        return fd;
    }
    close(fd);
    if (why == EADDRNOTAVAIL)
        return feth_fail(err, FETH_ENOIF, why, op, ifname, "there is no such interface");
    return feth_ctl_fail(err, why, op, ifname);
}
