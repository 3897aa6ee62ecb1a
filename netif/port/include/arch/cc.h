/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arch/cc.h
 * What lwIP asks of compiler and platform: gcc or clang on a POSIX system.
 */
#ifndef FETH_LWIP_ARCH_CC_H
#define FETH_LWIP_ARCH_CC_H

#include <limits.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Byte order: the compiler knows; systems define the names in different headers, or only for some standards. */
#ifndef BYTE_ORDER
#define LITTLE_ENDIAN __ORDER_LITTLE_ENDIAN__
#define BIG_ENDIAN    __ORDER_BIG_ENDIAN__
#define BYTE_ORDER    __BYTE_ORDER__
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)
#endif
/* htons() and its like are the system's: a program may include both sets of headers. */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1

#define LWIP_TIMEVAL_PRIVATE  0 /* struct timeval is <sys/time.h>'s */
#define LWIP_ERRNO_STDINCLUDE 1 /* errno and its values are <errno.h>'s */
#ifndef SSIZE_MAX               /* ssize_t is <sys/types.h>'s, also where a strict standard hides its limit */
#define SSIZE_MAX LONG_MAX
#endif

/** 32 random bits from the operating system. */
uint32_t feth_lwip_rand(void);
#define LWIP_RAND() feth_lwip_rand()

/** The 16-bit one's complement sum of memory, not inverted, as Internet checksums are made of. */
uint16_t feth_lwip_checksum(const void *data, int len);
#define LWIP_CHKSUM feth_lwip_checksum

/* Memory: malloc() with a limit.  See MEM_CUSTOM_ALLOCATOR in lwipopts.h. */
void *feth_lwip_malloc(size_t size);
void *feth_lwip_calloc(size_t n, size_t size);
void feth_lwip_free(void *memory);

/* Debug text and failed assertions go to the program's hooks: netif/lwip_port.h. */
void feth_lwip_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void feth_lwip_assert(const char *what, const char *file, int line) __attribute__((cold));
/** Whether the program has a hook for failed assertions: 1 or 0. */
int feth_lwip_asserts(void);
#define LWIP_PLATFORM_DIAG(args)                                                                             \
    do {                                                                                                     \
        feth_lwip_diag args;                                                                                 \
    } while (0)
#define LWIP_PLATFORM_ASSERT(what) feth_lwip_assert(what, __FILE__, __LINE__)

#ifdef __cplusplus
}
#endif
#endif
