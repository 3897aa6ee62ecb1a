/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file services.h
 * The servers on lwIP, each in a file of its own.  All listen on every address of both IP versions.
 */
#ifndef LWIP_ECHO_SERVICES_H
#define LWIP_ECHO_SERVICES_H

#include <stdint.h>

#include "lwip/ip_addr.h"
#include "lwip/tcp.h"

/** Assigned ports (IANA). */
enum { PORT_ECHO = 7, PORT_DISCARD = 9, PORT_CHARGEN = 19, PORT_HTTP = 80, PORT_IPERF = 5001 };

/** How often a connection is polled, for when memory was short: a second, in lwIP's coarse ticks of 100 ms. */
enum { POLL_TICKS = 10 };

/** What the servers have done since they were started. */
struct service_counters {
    uint64_t tcp_echo_bytes, udp_echo_datagrams, tcp_discard_bytes, udp_discard_datagrams, chargen_bytes;
    uint64_t connections; /**< accepted by echo, discard and chargen */
    uint64_t http_requests, http_posted_bytes;
};
extern struct service_counters service_counters; /* lwIP is one in a process, and so are its servers */

/** Start all.  @return NULL, or the name of the service that could not get its port */
const char *services_start(void);

/** Each alone.  @return 0; an err_t below 0 */
err_t tcp_echo_start(void);
err_t tcp_discard_start(void);
err_t chargen_start(void);
err_t udp_services_start(void);
err_t http_start(void);

/**
 * Listen on a TCP port, on all addresses.
 * @param accept called for each connection, with no argument
 */
err_t services_listen(u16_t port, tcp_accept_fn accept);

/** Count a connection, and find out when its other end is gone without a word (keepalive: RFC 9293, 3.8.4). */
void services_accepted(struct tcp_pcb *pcb);

/**
 * Close a connection that has no more use: also when memory for the FIN is short, then by a reset.
 * @return ERR_ABRT where it was reset, which the callback must return, or ERR_OK
 */
err_t services_close(struct tcp_pcb *pcb);

#endif
