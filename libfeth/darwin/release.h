/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/release.h  What only the kernel's version tells. */
#ifndef FETH_DARWIN_RELEASE_H
#define FETH_DARWIN_RELEASE_H

#include <stdbool.h>

/**
 * Whether a feth passes frames of more than 16384 bytes: from macOS 15 on.  Before, one that is sent never leaves, nor
 * does any other after it.
 */
bool feth_release_takes_large(void);

#endif
