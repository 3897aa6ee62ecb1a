/* SPDX-License-Identifier: Apache-2.0 */
/** @file selftest_client.h  The host of the self-test: a client on lwIP that waits for its answers. */
#ifndef LWIP_ECHO_SELFTEST_CLIENT_H
#define LWIP_ECHO_SELFTEST_CLIENT_H

#include "stack.h"

/** Ping, echo and HTTP, over IPv4 and IPv6, one line of output each.  @return whether all held */
bool selftest_services(struct stack *stack, const struct feth_addr *server4, const struct feth_addr *server6);

/** A megabyte to the echo service and back, byte for byte.  @return whether it held */
bool selftest_bulk(struct stack *stack, const struct feth_addr *server);

/* ---- what they are made of ---------------------------------------------------------------------------------- */

/** Let lwIP run until done() or the time is up.  @return done() */
bool client_wait(struct stack *stack, bool (*done)(const void *arg), const void *arg, unsigned timeout_ms);

/** Ping once.  @return whether it was answered */
bool client_ping(struct stack *stack, const struct feth_addr *to);

/** Send a datagram and receive one of the same bytes.  @return whether it came */
bool client_udp_echo(struct stack *stack, const struct feth_addr *to, uint16_t port, size_t size);

/**
 * Open a TCP connection, send out_len bytes, and receive until there are in_max or the other end closes.
 * @return the bytes received, or -1 where the connection failed or the time was up
 */
long client_tcp(struct stack *stack, const struct feth_addr *to, uint16_t port, const void *out,
                size_t out_len, void *in, size_t in_max, unsigned timeout_ms);

/** Fill memory with bytes that tell where they belong. */
void client_pattern(uint8_t *data, size_t size, unsigned seed);

#endif
