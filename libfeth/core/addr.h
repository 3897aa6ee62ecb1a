/* SPDX-License-Identifier: Apache-2.0 */
/** @file addr.h  Address checks that are not part of the public face. */
#ifndef FETH_CORE_ADDR_H
#define FETH_CORE_ADDR_H

#include <feth/feth.h>

/** Whether a station may have this MAC address.  @return 0; FETH_EMAC */
int feth_mac_check(const uint8_t mac[FETH_MAC_SIZE], struct feth_error *err);

/**
 * Whether a host can have this address on an interface: not an unspecified one, a multicast or limited broadcast
 * address, nor IPv6's loopback (RFC 1122, 3.2.1.3; RFC 4291, 2.5, 2.7).  The kernels differ in what they take: 0.0.0.0
 * removes an address on macOS.
 * @return 0; FETH_EADDR
 */
int feth_addr_check(const struct feth_addr *addr, const char *op, const char *ifname, struct feth_error *err);

#endif
