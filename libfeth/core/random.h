/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file random.h
 * A small generator for repeatable runs, not for secrets: SplitMix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014).
 */
#ifndef FETH_CORE_RANDOM_H
#define FETH_CORE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct feth_random {
    uint64_t state;
};

static inline uint64_t feth_random_next(struct feth_random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/** Evenly from 0 (included) to 1 (excluded). */
static inline double feth_random_unit(struct feth_random *r)
{
    return (double)(feth_random_next(r) >> 11) * 0x1p-53;
}

/** True with a probability of p.  Draws a number whatever p is, so that one setting does not shift another's run. */
static inline bool feth_random_chance(struct feth_random *r, double p)
{
    return feth_random_unit(r) < p;
}

#endif
