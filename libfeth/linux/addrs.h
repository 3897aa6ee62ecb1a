/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/addrs.h  The addresses of an interface. */
#ifndef FETH_LINUX_ADDRS_H
#define FETH_LINUX_ADDRS_H

#include "linux/netlink.h"

/**
 * Give one interface all addresses of another with all their properties, in the same order, but for those that are
 * not for good (from a router's advertisement: they come again).
 * @return 0, or a FETH_E… code
 */
int feth_addrs_copy(struct feth_os_ctl *ctl, int from_ifindex, int to_ifindex, const char *op,
                    const char *ifname, struct feth_error *err);

#endif
