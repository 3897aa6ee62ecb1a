/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file linux/quiet.h
 * Keeping the kernel's own stack quiet on an interface: it shall neither speak on the cable unasked, nor answer or
 * forward what is meant for the program at the I/O side.
 */
#ifndef FETH_LINUX_QUIET_H
#define FETH_LINUX_QUIET_H

#include "linux/ifaces.h"

/**
 * Add to a message about a link what a new interface starts with.
 * @param io_side also forward nothing there and answer no ARP
 * @param ipv6 whether the kernel has IPv6 for it
 */
void feth_quiet_put(struct nlmsghdr *nlh, bool io_side, bool ipv6);

/** What rtnetlink has no word for.  Where /proc/sys is read-only it is done without. */
void feth_quiet_write(const char *name, bool io_side);

/** Disable or enable IPv6: without it the kernel drops its frames and takes no address.  @return as feth_conf_write() */
int feth_quiet_disable6(const char *name, bool disable, const char *op, struct feth_error *err);

/** Let the kernel's stack in where an address of this family has been added.  @return 0, or a FETH_E… code */
int feth_quiet_end(struct feth_os_ctl *ctl, const char *name, int family, struct feth_error *err);

/** Add to a message about a link, and write, what another interface has of all this. */
void feth_quiet_put_like(struct nlmsghdr *nlh, const struct feth_iface *like);
int feth_quiet_write_like(const char *name, const struct feth_iface *like, const char *op,
                          struct feth_error *err);

#endif
