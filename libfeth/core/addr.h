/* SPDX-License-Identifier: Apache-2.0 */
/** @file addr.h  Address checks that are not part of the public face. */
#ifndef FETH_CORE_ADDR_H
#define FETH_CORE_ADDR_H

#include <feth/feth.h>

/** Whether a station may have this MAC address.  @return 0; FETH_EMAC */
int feth_mac_check(const uint8_t mac[FETH_MAC_SIZE], struct feth_error *err);

#endif
