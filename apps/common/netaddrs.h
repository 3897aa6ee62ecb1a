/* SPDX-License-Identifier: Apache-2.0 */
/** @file netaddrs.h  The addresses of this machine. */
#ifndef FETH_NETADDRS_H
#define FETH_NETADDRS_H

#include <feth/feth.h>

/**
 * Call a function for each address of each interface.
 * @return 0; or -1 with errno where the system does not tell
 */
int netaddrs_each(void (*each)(const char *ifname, const struct feth_addr *addr, void *arg), void *arg);

/** Whether it is an IPv6 link-local address: the kernel makes these by itself, and without one IPv6 does not work. */
bool netaddrs_link_local6(const struct feth_addr *addr);

#endif
