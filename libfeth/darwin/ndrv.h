/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/ndrv.h  A PF_NDRV socket: frames straight to an interface's output. */
#ifndef FETH_DARWIN_NDRV_H
#define FETH_DARWIN_NDRV_H

#include <stddef.h>

#include <feth/error.h>

/**
 * Open a socket that sends on an interface.  Not blocking.
 * @param largest the largest frame that is to be sent, in bytes
 * @param[out] granted how large a frame may be
 * @return the descriptor; FETH_ENOIF, FETH_EPERM, FETH_ENOSUP, FETH_ENOMEM, FETH_ESYS
 */
int feth_ndrv_open(const char *ifname, size_t largest, size_t *granted, struct feth_error *err);

#endif
