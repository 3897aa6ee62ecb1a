/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/counters.h  An interface's counters. */
#ifndef FETH_DARWIN_COUNTERS_H
#define FETH_DARWIN_COUNTERS_H

#include <feth/feth.h>

/** Read the counters in 64 bits.  Where the kernel does not tell, they stay what they were. */
void feth_counters_read(const char *name, struct feth_counters *counters);

#endif
