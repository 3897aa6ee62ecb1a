/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/fail.h"
#include "darwin/mark.h"

int feth_cloexec(int fd)
{
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int feth_os_ctl_open(struct feth_os_ctl **out, struct feth_error *err)
{
    struct feth_os_ctl *ctl = calloc(1, sizeof(*ctl));

    *out = NULL;
    if (!ctl)
        return feth_fail(err, FETH_ENOMEM, 0, "open control handle", NULL, NULL);
    ctl->inet6 = -1;
    ctl->inet = feth_cloexec(socket(AF_INET, SOCK_DGRAM, 0));
    if (ctl->inet >= 0)
        ctl->inet6 = feth_cloexec(socket(AF_INET6, SOCK_DGRAM, 0));
    if (ctl->inet6 < 0) {
        int why = errno;
        feth_os_ctl_close(ctl);
        return feth_fail(err, why == ENOMEM || why == ENOBUFS ? FETH_ENOMEM : FETH_ESYS, why,
                         "open control handle", NULL, "no socket for requests to the kernel");
    }
    *out = ctl;
    return 0;
}

void feth_os_ctl_close(struct feth_os_ctl *ctl)
{
    feth_mark_forget_all(ctl);
    if (ctl->inet >= 0)
        close(ctl->inet);
    if (ctl->inet6 >= 0)
        close(ctl->inet6);
    free(ctl);
}

int feth_ctl_ask(int fd, unsigned long request, void *arg)
{
    int ret;

    do {
        ret = ioctl(fd, request, arg);
    } while (ret < 0 && errno == EINTR);
    return ret < 0 ? errno : 0;
}

void feth_ctl_name(char to[FETH_NAME_SIZE], const char *name)
{
    size_t len = strnlen(name, FETH_NAME_SIZE - 1);

    memset(to, 0, FETH_NAME_SIZE);
    memcpy(to, name, len);
}

int feth_ctl_fail(struct feth_error *err, int sys_errno, const char *op, const char *ifname)
{
    switch (sys_errno) {
    case EPERM:
    case EACCES:
        return feth_fail(err, FETH_EPERM, sys_errno, op, ifname, FETH_NEEDS_ROOT);
    case ENXIO:
    case ENODEV:
        return feth_fail(err, FETH_ENOIF, sys_errno, op, ifname, "there is no such interface");
    case ENOMEM:
    case ENOBUFS:
        return feth_fail(err, FETH_ENOMEM, sys_errno, op, ifname, NULL);
    case EBUSY:
        return feth_fail(err, FETH_EBUSY, sys_errno, op, ifname,
                         "the kernel is busy with this interface: try again");
    case EOPNOTSUPP:
#if ENOTSUP != EOPNOTSUPP /* one on Linux, two on macOS */
    case ENOTSUP:
#endif
    case ENOTTY:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
        return feth_fail(err, FETH_ENOSUP, sys_errno, op, ifname,
                         "this version of macOS does not support it");
    default:
        return feth_fail(err, FETH_ESYS, sys_errno, op, ifname, "the kernel refuses it");
    }
}
