/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/sockaddrs.h  Addresses to and from the kernel's form. */
#ifndef FETH_DARWIN_SOCKADDRS_H
#define FETH_DARWIN_SOCKADDRS_H

#include <ifaddrs.h>

#include "darwin/ctl.h"

struct xnu_sockaddr_in feth_sockaddr_in(const struct feth_addr *addr);
struct xnu_sockaddr_in6 feth_sockaddr_in6(const struct feth_addr *addr);

/** The netmask of an address. */
struct xnu_sockaddr_in feth_sockaddr_mask(const struct feth_addr *addr);
struct xnu_sockaddr_in6 feth_sockaddr_mask6(const struct feth_addr *addr);

/** Read an entry of getifaddrs().  @return false where it holds no IP address */
bool feth_addr_of_ifaddrs(const struct ifaddrs *entry, struct feth_addr *addr);

/** The family of an entry of getifaddrs(), XNU_AF_…; 0 without an address. */
int feth_family_of_ifaddrs(const struct ifaddrs *entry);

#endif
