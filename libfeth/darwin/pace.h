/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/pace.h
 * How many frames an interface's output queue has room for.  The kernel takes every frame and silently drops those for
 * which the queue, of 128, has no room: whoever sends has to look for itself.
 */
#ifndef FETH_DARWIN_PACE_H
#define FETH_DARWIN_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct feth_pace {
    unsigned index;      /**< of the interface */
    unsigned room;       /**< frames that the queue has had room for since it was last looked at */
    bool off;            /**< the kernel does not tell */
    uint64_t full_since; /**< of CLOCK_MONOTONIC, in nanoseconds; 0: it is not */
    uint32_t drops_then; /**< dropped at the queue before we came */
};

void feth_pace_open(struct feth_pace *pace, unsigned index);

/**
 * Ask for room.
 * @param now of CLOCK_MONOTONIC, in nanoseconds
 * @return how many of want frames may be sent; 0: try again soon
 */
unsigned feth_pace_ask(struct feth_pace *pace, unsigned want, uint64_t now);

/** So many were sent. */
void feth_pace_sent(struct feth_pace *pace, unsigned n);

/**
 * How many frames the queue has dropped since feth_pace_open(), whoever had sent them.  Any thread.
 * @return false where the kernel does not tell
 */
bool feth_pace_drops(const struct feth_pace *pace, uint64_t *drops);

#endif
