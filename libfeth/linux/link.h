/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file linux/link.h
 * Watch one interface by rtnetlink: up, carrier, MTU, MAC, gone.  A packet socket tells only that the interface
 * went down, not that it came back, changed or lost its peer.
 */
#ifndef FETH_LINUX_LINK_H
#define FETH_LINUX_LINK_H

#include <stdint.h>

#include <feth/io.h>

struct feth_linkwatch {
    int fd; /**< readable when there is something to learn */
    unsigned ifindex;
    uint32_t seq;
};

/** @param[out] link the state at the start.  @return 0; FETH_ENOIF, FETH_ESYS */
int feth_linkwatch_open(struct feth_linkwatch *watch, unsigned ifindex, const char *ifname,
                        struct feth_link *link, struct feth_error *err);
void feth_linkwatch_close(struct feth_linkwatch *watch);

/**
 * Learn without blocking what has changed.
 * @param[in,out] link updated; its change counter is left alone
 */
void feth_linkwatch_read(struct feth_linkwatch *watch, struct feth_link *link);

#endif
