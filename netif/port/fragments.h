/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fragments.h
 * Fragments that are not left to lwIP.
 */
#ifndef FETH_LWIP_FRAGMENTS_H
#define FETH_LWIP_FRAGMENTS_H

#include "lwip/netif.h"
#include "lwip/pbuf.h"

/**
 * Take a fragment of an ICMPv6 message; p stays the caller's.
 * @param p payload is the IPv6 header, with the fragment header right behind it in the same pbuf
 */
void feth_lwip_icmp6_fragment(struct pbuf *p, struct netif *netif);

#endif
