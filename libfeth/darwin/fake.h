/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/fake.h  What only feths have: making, destroying, peers (xnu bsd/net/if_fake.c). */
#ifndef FETH_DARWIN_FAKE_H
#define FETH_DARWIN_FAKE_H

#include "darwin/ctl.h"

/** Make an interface of this name.  @return 0; FETH_EEXIST, FETH_EPERM, FETH_EBUSY, … */
int feth_fake_make(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err);

/** Destroy an interface.  @return 0; FETH_ENOIF, FETH_EPERM, … */
int feth_fake_destroy(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err);

/**
 * Connect two interfaces, or disconnect one.
 * @param peer NULL: disconnect
 * @return 0, or the errno
 */
int feth_fake_set_peer(struct feth_os_ctl *ctl, const char *name, const char *peer);

/** Read the peer; "" without one.  @return 0, or the errno: EOPNOTSUPP where it is no feth */
int feth_fake_get_peer(struct feth_os_ctl *ctl, const char *name, char peer[FETH_NAME_SIZE]);

/** Whether an errno of the above says that the interface is no feth; of a peer that is none it is EINVAL. */
bool feth_fake_not_one(int sys_errno);

#endif
