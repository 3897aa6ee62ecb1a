/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP needs of the system: time, random numbers, memory, and a way to speak up. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lwip/stats.h"
#include "lwip/sys.h"
#include "netif/lwip_port.h"

#if !MEM_STATS
#error "MEM_STATS must be on: the limit on lwIP's memory counts by it"
#endif

/* ---- time --------------------------------------------------------------------------------------------------- */

u32_t sys_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (u32_t)now.tv_sec * 1000u + (u32_t)(now.tv_nsec / 1000000);
}

/* ---- random numbers ----------------------------------------------------------------------------------------- */

/*
 * Straight from the system, nothing kept: ports and transaction numbers are drawn seldom, must not be guessed, and
 * two processes after a fork must not draw the same.
 */
uint32_t feth_lwip_rand(void)
{
    uint32_t value = 0;

    if (getentropy(&value, sizeof(value)) == 0)
        return value;
    /* Kernels and sandboxes without the system call have the device. */
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, &value, sizeof(value));
        close(fd);
        if (n == (ssize_t)sizeof(value))
            return value;
    }
    struct timespec now; /* better than a constant, and no worse than lwIP's own default */
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_nsec * 2654435761u ^ (uint32_t)getpid();
}

/* ---- memory ------------------------------------------------------------------------------------------------- */

/* lwIP keeps the account (mem_malloc() adds, mem_free() takes off); here is the limit. */
void *feth_lwip_malloc(size_t size)
{
    if (size > FETH_LWIP_HEAP_MAX || lwip_stats.mem.used > FETH_LWIP_HEAP_MAX - size)
        return NULL;
    return malloc(size);
}

void *feth_lwip_calloc(size_t n, size_t size)
{
    if (size && n > FETH_LWIP_HEAP_MAX / size)
        return NULL;
    void *memory = feth_lwip_malloc(n * size);
    if (memory)
        memset(memory, 0, n * size);
    return memory;
}

void feth_lwip_free(void *memory)
{
    free(memory);
}

/* ---- messages ----------------------------------------------------------------------------------------------- */

/* Global, as all of lwIP is. */
static struct lwip_port_hooks port_hooks;

void lwip_port_set_hooks(const struct lwip_port_hooks *hooks)
{
    port_hooks = hooks ? *hooks : (struct lwip_port_hooks){0};
}

void feth_lwip_diag(const char *fmt, ...)
{
    char text[512];
    va_list args;

    if (!port_hooks.diag)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    port_hooks.diag(text, port_hooks.arg);
}

void feth_lwip_assert(const char *what, const char *file, int line)
{
    if (port_hooks.assertion)
        port_hooks.assertion(what, file, line, port_hooks.arg);
}

int feth_lwip_asserts(void)
{
    return port_hooks.assertion != NULL;
}
