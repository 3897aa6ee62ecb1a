/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc_fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/model.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **out, size_t align, size_t size);
void __real_free(void *old);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **out, size_t align, size_t size);
void __wrap_free(void *old);

static atomic_uint left; /* the one that fails is this many away; 0: none does */
static atomic_bool failed;
static atomic_long live;
static atomic_ulong total;

void alloc_fail_nth(unsigned n)
{
    atomic_store(&failed, false);
    atomic_store(&left, n);
}

bool alloc_has_failed(void)
{
    return atomic_load(&failed);
}

unsigned long alloc_total(void)
{
    return atomic_load(&total);
}

long alloc_live(void)
{
    return atomic_load(&live);
}

static bool fails(void)
{
    if (model_inside())
        return false;
    atomic_fetch_add(&total, 1);
    for (unsigned n = atomic_load(&left); n > 0;)
        if (atomic_compare_exchange_weak(&left, &n, n - 1)) {
            if (n > 1)
                return false;
            atomic_store(&failed, true);
            errno = ENOMEM;
            return true;
        }
    return false;
}

static void *count(void *memory, int change)
{
    if (memory && !model_inside())
        atomic_fetch_add(&live, change);
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count(__real_malloc(size), 1);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : count(__real_calloc(n, size), 1);
}

void *__wrap_realloc(void *old, size_t size)
{
    if (fails())
        return NULL;
    void *memory = __real_realloc(old, size);
    return old ? memory : count(memory, 1);
}

int __wrap_posix_memalign(void **out, size_t align, size_t size)
{
    if (fails())
        return ENOMEM;
    int ret = __real_posix_memalign(out, align, size);
    if (ret == 0)
        (void)count(*out, 1);
    return ret;
}

void __wrap_free(void *old)
{
    (void)count(old, -1);
    __real_free(old);
}
