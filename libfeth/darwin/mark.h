/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/mark.h  The ownership mark on an interface. */
#ifndef FETH_DARWIN_MARK_H
#define FETH_DARWIN_MARK_H

#include "darwin/ctl.h"

/**
 * Mark an interface that was just made.
 * @return 0, also where the kernel has no place for it and the handle keeps it; FETH_ENOIF, FETH_EPERM, FETH_ENOMEM
 */
int feth_mark_set(struct feth_os_ctl *ctl, const char *name, const char *mark, struct feth_error *err);

/** An interface that the handle may have made has a new MAC address. */
void feth_mark_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE]);

/** Read the mark of the interface of this name and MAC address; "" without one, or one that does not fit. */
void feth_mark_get(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                   char mark[FETH_MARK_SIZE]);

/** An interface is gone: so is what the handle keeps of it. */
void feth_mark_forget(struct feth_os_ctl *ctl, const char *name);
void feth_mark_forget_all(struct feth_os_ctl *ctl);

#endif
