/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/counters.h  An interface's counters. */
#ifndef FETH_DARWIN_COUNTERS_H
#define FETH_DARWIN_COUNTERS_H

#include <feth/feth.h>

#include "darwin/xnu.h"

/**
 * What the kernel tells of an interface: counters, the state of its output queue.
 * @param index a number of its own, which is not given to another while this one is there
 * @return false where it does not tell
 */
bool feth_if_message(unsigned index, struct xnu_if_msghdr2 *msg);

/** Read the counters in 64 bits.  Where the kernel does not tell, they stay what they were. */
void feth_counters_read(const char *name, struct feth_counters *counters);

#endif
