/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on demand.  A program that has this is linked with --wrap for malloc, calloc, realloc,
 * posix_memalign and free, and so are libfeth's objects in it; what the model allocates does not count.
 */
#ifndef FETH_TESTS_ALLOC_FAIL_H
#define FETH_TESTS_ALLOC_FAIL_H

#include <stdbool.h>

/* Let the nth next allocation (1: the next) fail, once; 0: none. */
void alloc_fail_nth(unsigned n);

/* Whether one has failed since alloc_fail_nth(). */
bool alloc_has_failed(void);

/* How many there were. */
unsigned long alloc_total(void);

/* Allocated and not freed yet. */
long alloc_live(void);

#endif
