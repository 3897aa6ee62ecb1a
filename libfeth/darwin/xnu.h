/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/xnu.h
 * The kernel's interface, as far as the backend uses it: request codes, constants and structures, for 64-bit programs.
 *
 * A copy of facts rather than the system's headers: some of them are in no public header, some are missing where this
 * is cross-compiled, and tests compile the backend on Linux.  Constants are named XNU_<the system's name>, structures
 * struct xnu_<the system's name>, with the system's member names; each file names its source in xnu's tree.
 *
 * Do not include <net/if.h> beside it: that defines names of members as macros.
 */
#ifndef FETH_DARWIN_XNU_H
#define FETH_DARWIN_XNU_H

#include <stddef.h>
#include <stdint.h>

/* ---- requests: bsd/sys/ioccom.h ----------------------------------------------------------------------------- */

#define XNU_IOC_VOID 0x20000000ul
#define XNU_IOC_OUT  0x40000000ul
#define XNU_IOC_IN   0x80000000ul
#define XNU_IOC(dir, g, n, len)                                                                              \
    ((dir) | (((unsigned long)(len)&0x1ffful) << 16) | ((unsigned long)(g) << 8) | (n))
#define XNU_IO(g, n)         XNU_IOC(XNU_IOC_VOID, g, n, 0)
#define XNU_IOR(g, n, type)  XNU_IOC(XNU_IOC_OUT, g, n, sizeof(type))
#define XNU_IOW(g, n, type)  XNU_IOC(XNU_IOC_IN, g, n, sizeof(type))
#define XNU_IOWR(g, n, type) XNU_IOC(XNU_IOC_OUT | XNU_IOC_IN, g, n, sizeof(type))

/* ---- sockets: bsd/sys/socket.h, bsd/net/if_dl.h, bsd/netinet/in.h, bsd/netinet6/in6.h ----------------------- */

#define XNU_AF_UNSPEC 0
#define XNU_AF_INET   2
#define XNU_AF_ROUTE  17
#define XNU_AF_LINK   18
#define XNU_AF_INET6  30
#define XNU_PF_ROUTE  XNU_AF_ROUTE

struct xnu_sockaddr {
    uint8_t sa_len;
    uint8_t sa_family;
    char sa_data[14];
};
_Static_assert(sizeof(struct xnu_sockaddr) == 16, "struct sockaddr");

struct xnu_sockaddr_dl {
    uint8_t sdl_len;
    uint8_t sdl_family;
    uint16_t sdl_index;
    uint8_t sdl_type;
    uint8_t sdl_nlen; /* of the name, which comes first in sdl_data */
    uint8_t sdl_alen; /* of the address, which comes behind it */
    uint8_t sdl_slen;
    char sdl_data[12]; /* or more: sdl_len tells */
};
_Static_assert(sizeof(struct xnu_sockaddr_dl) == 20, "struct sockaddr_dl");

struct xnu_in_addr {
    uint32_t s_addr;
};

struct xnu_sockaddr_in {
    uint8_t sin_len;
    uint8_t sin_family;
    uint16_t sin_port;
    struct xnu_in_addr sin_addr;
    char sin_zero[8];
};
_Static_assert(sizeof(struct xnu_sockaddr_in) == 16, "struct sockaddr_in");

struct xnu_in6_addr {
    uint8_t bytes[16]; /* __u6_addr: s6_addr is a macro on both systems */
};

struct xnu_sockaddr_in6 {
    uint8_t sin6_len;
    uint8_t sin6_family;
    uint16_t sin6_port;
    uint32_t sin6_flowinfo;
    struct xnu_in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};
_Static_assert(sizeof(struct xnu_sockaddr_in6) == 28 && offsetof(struct xnu_sockaddr_in6, sin6_addr) == 8,
               "struct sockaddr_in6");

#include "darwin/xnu_if.h"  /* interfaces */
#include "darwin/xnu_in6.h" /* IPv6 on them */
#include "darwin/xnu_sys.h" /* sysctls, processes, kqueues */

#include "darwin/xnu_frames.h" /* frames in and out, kernel events: by what the ones above define */

#endif
