/* SPDX-License-Identifier: Apache-2.0 */
#include "core/layers/wire.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE_DEFAULT 10000
#define OVERTAKEN_BY  3                 /* frames that pass one which is held back */
#define HELD_AT_MOST  UINT64_C(5000000) /* nanoseconds: when traffic stops, nothing stays behind */

static void queue_open(struct feth_wire_queue *q)
{
    q->first = NULL;
    q->last = &q->first;
}

static void queue_put(struct feth_wire_queue *q, struct feth_wire_frame *frame)
{
    frame->next = NULL;
    *q->last = frame;
    q->last = &frame->next;
}

static struct feth_wire_frame *queue_take(struct feth_wire_queue *q)
{
    struct feth_wire_frame *frame = q->first;

    q->first = frame->next;
    if (!q->first)
        q->last = &q->first;
    return frame;
}

void feth_wire_open(struct feth_wire *wire, const struct feth_impairment *config, uint64_t seed)
{
    memset(wire, 0, sizeof(*wire));
    wire->config = *config;
    if (wire->config.queue == 0)
        wire->config.queue = QUEUE_DEFAULT;
    wire->random.state = seed;
    queue_open(&wire->queue);
    queue_open(&wire->held);
}

void feth_wire_close(struct feth_wire *wire)
{
    while (wire->queue.first)
        free(queue_take(&wire->queue));
    while (wire->held.first)
        free(queue_take(&wire->held));
    wire->waiting = 0;
}

static void queue_due(struct feth_wire *wire, struct feth_wire_frame *frame, uint64_t due)
{
    if (due < wire->last_due)
        due = wire->last_due;
    wire->last_due = frame->due = due;
    queue_put(&wire->queue, frame);
}

/* One more frame has passed those that are held back; whom enough have passed follows. */
static void let_overtake(struct feth_wire *wire)
{
    struct feth_wire_queue still;

    queue_open(&still);
    while (wire->held.first) {
        struct feth_wire_frame *frame = queue_take(&wire->held);
        if (--frame->behind == 0)
            queue_due(wire, frame, wire->last_due);
        else
            queue_put(&still, frame);
    }
    wire->held = still;
    if (!still.first)
        wire->held.last = &wire->held.first; /* the pointer of an empty queue is its own */
}

/* Those that nothing came to overtake. */
static void release_held(struct feth_wire *wire, uint64_t now)
{
    while (wire->held.first && wire->held.first->due <= now)
        queue_due(wire, queue_take(&wire->held), now);
}

static struct feth_wire_frame *copy_in(const struct iovec *iov, unsigned iovcnt, size_t len)
{
    struct feth_wire_frame *frame = malloc(sizeof(*frame) + len);

    if (!frame)
        return NULL;
    size_t at = 0;
    for (unsigned i = 0; i < iovcnt; at += iov[i++].iov_len)
        memcpy(frame->data + at, iov[i].iov_base, iov[i].iov_len);
    frame->len = (uint32_t)len;
    frame->behind = 0;
    return frame;
}

/* When a frame that is put in now comes out, at the line's rate and with its delay.  The line is busy until it has
 * left.  unit tells where in the range of the jitter, from 0 to 1. */
static uint64_t transit(struct feth_wire *wire, size_t len, double unit, uint64_t now)
{
    const struct feth_impairment *c = &wire->config;
    double jitter = (unit * 2 - 1) * (double)c->jitter_ns;
    uint64_t leaves = now;

    if (c->rate_bps) {
        if (wire->line_free > leaves)
            leaves = wire->line_free;
        leaves += (uint64_t)len * 8 * 1000000000u / c->rate_bps;
        wire->line_free = leaves;
    }
    if (jitter < 0 && (uint64_t)-jitter > c->delay_ns)
        return leaves;
    return jitter < 0 ? leaves + c->delay_ns - (uint64_t)-jitter : leaves + c->delay_ns + (uint64_t)jitter;
}

static void put_once(struct feth_wire *wire, const struct iovec *iov, unsigned iovcnt, size_t len,
                     bool corrupt, bool reorder, uint64_t now)
{
    /* drawn whether or not there is room, so that a full queue does not shift the run */
    double unit = feth_random_unit(&wire->random);
    uint64_t where = feth_random_next(&wire->random);
    struct feth_wire_frame *frame;

    if (wire->waiting >= wire->config.queue || !(frame = copy_in(iov, iovcnt, len))) {
        wire->dropped++;
        return;
    }
    wire->waiting++;
    uint64_t due = transit(wire, len, unit, now);
    if (corrupt && len > FETH_FRAME_MIN) {
        size_t bit = (size_t)(where % ((len - FETH_FRAME_MIN) * 8));
        frame->data[FETH_FRAME_MIN + bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    if (reorder) {
        frame->behind = OVERTAKEN_BY;
        frame->due = due + HELD_AT_MOST;
        queue_put(&wire->held, frame);
        return;
    }
    queue_due(wire, frame, due);
    let_overtake(wire);
}

void feth_wire_put(struct feth_wire *wire, const struct iovec *iov, unsigned iovcnt, size_t len, uint64_t now)
{
    struct feth_random *r = &wire->random;
    const struct feth_impairment *c = &wire->config;
    bool lost = feth_random_chance(r, c->loss), twice = feth_random_chance(r, c->duplicate);
    bool corrupt = feth_random_chance(r, c->corrupt), reorder = feth_random_chance(r, c->reorder);

    if (lost) {
        wire->dropped++;
        return;
    }
    release_held(wire, now);
    put_once(wire, iov, iovcnt, len, corrupt, reorder, now);
    if (twice)
        put_once(wire, iov, iovcnt, len, corrupt, false, now);
}

struct feth_wire_frame *feth_wire_due(struct feth_wire *wire, uint64_t now)
{
    release_held(wire, now);
    return wire->queue.first && wire->queue.first->due <= now ? wire->queue.first : NULL;
}

struct feth_wire_frame *feth_wire_due_after(const struct feth_wire_frame *frame, uint64_t now)
{
    return frame->next && frame->next->due <= now ? frame->next : NULL;
}

void feth_wire_drop_first(struct feth_wire *wire)
{
    free(queue_take(&wire->queue));
    wire->waiting--;
}

uint64_t feth_wire_next_due(const struct feth_wire *wire)
{
    uint64_t due = wire->queue.first ? wire->queue.first->due : 0;

    if (wire->held.first && (due == 0 || wire->held.first->due < due))
        due = wire->held.first->due;
    return due;
}

void feth_wire_hurry(struct feth_wire *wire, uint64_t now)
{
    while (wire->held.first)
        queue_due(wire, queue_take(&wire->held), now);
    for (struct feth_wire_frame *frame = wire->queue.first; frame; frame = frame->next)
        if (frame->due > now)
            frame->due = now;
    wire->last_due = now;
}
