/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Busy polling.  Whoever sleeps has to be woken, which costs the sender an interrupt of the other processor; so after
 * frames were there a turn looks for more, for a while.  That is right where the sender runs on another processor,
 * and wrong where it waits for this one: a look that finds nothing doubles the number of turns until the next.
 */
#include <sched.h>
#include <time.h>

#include "fethif_priv.h"

#define MISSES_MAX  10                /* at worst one look in 1024 turns */
#define TURN_MAX_NS UINT64_C(1000000) /* others, and lwIP's timers, get their turn */

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool fethif_busy_begin(struct fethif *f, int received)
{
    struct fethif_busy *b = &f->busy;

    if (b->limit_ns == 0 || received <= 0 || f->more)
        return false;
    if (b->skip > 0) {
        b->skip--;
        return false;
    }
    uint64_t now = now_ns();
    b->until = now + b->limit_ns;
    b->end = now + TURN_MAX_NS;
    b->hit = false;
    f->stats.busy_polls++;
    return true;
}

bool fethif_busy_on(struct fethif *f, int received)
{
    struct fethif_busy *b = &f->busy;
    /* Whoever the frames are to come from may wait for this processor: without this, a turn of the scheduler long. */
    if (received == 0)
        sched_yield();
    uint64_t now = now_ns();

    if (received > 0) {
        f->stats.busy_hits++;
        b->hit = true;
        b->until = now + b->limit_ns;
    }
    if (received >= 0 && !f->more && now < b->until && now < b->end)
        return true;
    b->misses = b->hit ? 0 : b->misses < MISSES_MAX ? b->misses + 1 : MISSES_MAX;
    b->skip = b->hit ? 0 : 1u << b->misses;
    return false;
}
