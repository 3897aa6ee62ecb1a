/* SPDX-License-Identifier: Apache-2.0 */
/** @file set.h  What "fethctl set" changes, and how it takes that back. */
#ifndef FETHCTL_SET_H
#define FETHCTL_SET_H

#include <feth/feth.h>

/**
 * Make an interface's peer, MTU, MAC, settings, addresses and state those of an earlier status.
 * @param before as it was before anything was changed
 * @return 0, or the first FETH_E… code; the others are tried nevertheless
 */
int set_undo(struct feth_ctl *ctl, const struct feth_status *before, struct feth_error *err);

/** Whether a status has an address with that prefix length. */
bool set_has_addr(const struct feth_status *s, const struct feth_addr *addr);

#endif
