/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire.h
 * One direction of an impaired cable: frames go in, and come out later, damaged, twice or not at all.  It owns copies
 * of them, knows no descriptor and no clock, and is driven by whoever does.
 */
#ifndef FETH_CORE_WIRE_H
#define FETH_CORE_WIRE_H

#include "core/random.h"

#include <feth/io.h>

/** A frame on its way. */
struct feth_wire_frame {
    struct feth_wire_frame *next;
    uint64_t due;    /**< CLOCK_MONOTONIC, nanoseconds */
    unsigned behind; /**< how many frames may still overtake it, while it is held back */
    uint32_t len;
    uint8_t data[];
};

/** First in, first out. */
struct feth_wire_queue {
    struct feth_wire_frame *first, **last;
};

struct feth_wire {
    struct feth_impairment config;
    struct feth_random random;
    struct feth_wire_queue queue; /**< by due time */
    struct feth_wire_queue held;  /**< to be overtaken */
    unsigned waiting;             /**< frames in both */
    uint64_t line_free;           /**< when the last bit of the last frame has left, at the given rate */
    uint64_t last_due;            /**< of what was queued last: order is kept */
    uint64_t dropped;             /**< lost by chance, by a full queue or for want of memory */
};

void feth_wire_open(struct feth_wire *wire, const struct feth_impairment *config, uint64_t seed);
void feth_wire_close(struct feth_wire *wire);

/** Put a frame in, in pieces of len bytes altogether; it is copied. */
void feth_wire_put(struct feth_wire *wire, const struct iovec *iov, unsigned iovcnt, size_t len,
                   uint64_t now);

/** Look at the next frame that is due.  @return NULL: none yet */
struct feth_wire_frame *feth_wire_due(struct feth_wire *wire, uint64_t now);

/** The frame after that one, if it is due too. */
struct feth_wire_frame *feth_wire_due_after(const struct feth_wire_frame *frame, uint64_t now);

/** Take the first frame out; it is freed. */
void feth_wire_drop_first(struct feth_wire *wire);

/** When the next frame is due; 0: there is none. */
uint64_t feth_wire_next_due(const struct feth_wire *wire);

/** Make everything due now: the cable's end is gone. */
void feth_wire_hurry(struct feth_wire *wire, uint64_t now);

#endif
