/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arch/hooks.h
 * Our functions that lwIP calls at its hooks (LWIP_HOOK_… in lwip/opt.h).
 */
#ifndef FETH_LWIP_ARCH_HOOKS_H
#define FETH_LWIP_ARCH_HOOKS_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/prot/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tcp_pcb;

/** The initial sequence number of a connection.  Addresses and ports as lwIP has them, ports in host order. */
u32_t feth_lwip_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote, u16_t remote_port);

/**
 * Look at a TCP segment before the connection (or listener) that it is for takes it.
 * @param hdr the header; flags, ports and numbers are in host order
 * @param optlen bytes of options, of which opt1len behind the header and the rest at opt2
 * @param p what follows the header
 * @return ERR_OK: go on; other: drop it
 */
err_t feth_lwip_tcp_input(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len, u8_t *opt2,
                          const struct pbuf *p);

/**
 * Look at a received IPv6 packet (p->payload is its header) before anything of it is checked.
 * @return 0: go on; 1: p was taken
 */
int feth_lwip_ip6_input(struct pbuf *p, struct netif *netif);

#ifdef __cplusplus
}
#endif
#endif
