/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/watch.h
 * Watch one interface: up, carrier, MTU, MAC, gone.  A BPF device tells nothing of it, and its kqueue filter not even
 * that the interface was destroyed.
 */
#ifndef FETH_DARWIN_WATCH_H
#define FETH_DARWIN_WATCH_H

#include <feth/io.h>

#include "darwin/ctl.h"

struct feth_ifwatch {
    int events; /**< readable when some interface has changed; -1: the kernel gives no such socket */
    struct feth_os_ctl ask; /**< its inet alone */
    bool is_feth;
    char name[FETH_NAME_SIZE];
};

/** @param[out] link the state at the start.  @return 0; FETH_ENOIF, FETH_EPERM, FETH_ENOMEM, FETH_ESYS */
int feth_ifwatch_open(struct feth_ifwatch *watch, const char *ifname, struct feth_link *link,
                      struct feth_error *err);
void feth_ifwatch_close(struct feth_ifwatch *watch);

/** Take the events that have come, without blocking.  @return whether any has */
bool feth_ifwatch_news(const struct feth_ifwatch *watch);

/**
 * Ask for the state.
 * @param[in,out] link updated; its change counter is left alone, and what the kernel does not tell stays
 */
void feth_ifwatch_look(struct feth_ifwatch *watch, struct feth_link *link);

/** Ask for the MTU alone.  @return false: the kernel does not tell.  Any thread. */
bool feth_ifwatch_mtu(const struct feth_ifwatch *watch, unsigned *mtu);

/** Note that it is gone. */
void feth_ifwatch_gone(struct feth_link *link);

#endif
