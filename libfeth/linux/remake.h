/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file linux/remake.h
 * Replacing interfaces by new ones that have all that they had, but another far end.
 */
#ifndef FETH_LINUX_REMAKE_H
#define FETH_LINUX_REMAKE_H

#include "linux/addrs.h"
#include "linux/veth.h"

/** An interface that is to be replaced, and how far that has come. */
struct feth_remake {
    const struct feth_iface *was;
    struct feth_os_spec spec;
    struct feth_veth_end end, stub;
    struct feth_addrs addrs;    /**< what it had */
    char aside[FETH_NAME_SIZE]; /**< what the old one is called now; "": its own name */
    bool taken_down;            /**< the old one was, to be renamed */
};

/** Remember an interface. */
void feth_remake_init(struct feth_remake *r, const struct feth_iface *was);

/**
 * Replace one or two interfaces.  On failure everything is as before.
 * @param connect the two become each other's far end; otherwise each gets a stub
 * @param doomed what goes instead: the indexes of the old ones, or of one end of their pair
 * @return 0, or a FETH_E… code
 */
int feth_remake(struct feth_os_ctl *ctl, struct feth_remake *r, unsigned n, bool connect, const int *doomed,
                unsigned n_doomed, const char *op, struct feth_error *err);

#endif
