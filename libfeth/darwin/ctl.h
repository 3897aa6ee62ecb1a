/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/ctl.h  The control handle, and how its files ask the kernel. */
#ifndef FETH_DARWIN_CTL_H
#define FETH_DARWIN_CTL_H

#include "core/os.h"
#include "darwin/xnu.h"

/** A mark that the kernel did not take: mark.c. */
struct feth_kept_mark;

struct feth_os_ctl {
    int inet;  /**< for requests about interfaces and their IPv4 addresses */
    int inet6; /**< for those about IPv6 */
    struct feth_kept_mark *kept;
};

/** What to say where the kernel refuses for want of privilege. */
#define FETH_NEEDS_ROOT "it needs root: run it with sudo"

/**
 * Ask the kernel by ioctl(), again where a signal came between.
 * @return 0, or the errno
 */
int feth_ctl_ask(int fd, unsigned long request, void *arg);

/** Describe what the kernel answered to a request about an interface.  @return the FETH_E… code */
int feth_ctl_fail(struct feth_error *err, int sys_errno, const char *op, const char *ifname);

/** Copy a name of at most 15 characters into a request, and fill up with zeros. */
void feth_ctl_name(char to[FETH_NAME_SIZE], const char *name);

/** Let a descriptor be closed in programs that this process runs: there is no SOCK_CLOEXEC.  @return fd */
int feth_cloexec(int fd);

#endif
