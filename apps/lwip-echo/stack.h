/* SPDX-License-Identifier: Apache-2.0 */
/** @file stack.h  One lwIP stack on one frame handle. */
#ifndef LWIP_ECHO_STACK_H
#define LWIP_ECHO_STACK_H

#include <netif/fethif.h>

#include <feth/feth.h>

struct stack {
    struct feth_io *io; /* the caller's */
    struct fethif *driver;
    struct netif netif;
    struct feth_addr addr4, addr6; /* addr6.family is AF_UNSPEC without IPv6 */
    bool verbose;
    unsigned busy_poll_us; /**< set before stack_start(): see struct fethif_config */
};

/**
 * Start lwIP on a handle.  lwIP is one in a process: call it once.
 * @param mac,mtu NULL and 0: the interface's
 * @param addr6 its family AF_UNSPEC: no IPv6 address but the link-local one
 * @return 0, or a FETH_E… code
 */
int stack_start(struct stack *s, struct feth_io *io, const struct feth_addr *addr4,
                const struct feth_addr *addr6, const uint8_t *mac, unsigned mtu, struct feth_error *err);

/** Take the interface away and free the driver; connections are aborted. */
void stack_stop(struct stack *s);

/** An address as text, without its prefix length.  @return text */
const char *stack_bare(const struct feth_addr *addr, char text[FETH_ADDR_TEXT_SIZE]);

/** An address as lwIP has it. */
ip_addr_t stack_ip(const struct feth_addr *addr);

#endif
