/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/sys.h
 * The calls of macOS that Linux lacks.
 *
 * The backend compiles on Linux too, where tests put a model of the kernel behind its calls; there these are declared
 * only, and the model defines them.  Structures that cross into the kernel are those of darwin/xnu.h on both systems;
 * so is what getifaddrs() points to: the sockaddrs are XNU's (struct xnu_sockaddr, …), and the ifa_data of an AF_LINK
 * entry is its struct xnu_if_data.
 */
#ifndef FETH_DARWIN_SYS_H
#define FETH_DARWIN_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#ifdef __APPLE__

#include <sys/event.h>
#include <sys/sysctl.h>

#define FETH_MSG_NOSIGNAL 0 /* macOS: the socket option SO_NOSIGPIPE, since macOS 11 has no such flag */

#else

#define FETH_MSG_NOSIGNAL MSG_NOSIGNAL

/* sysctl(3) */
int sysctl(int *name, unsigned n, void *old, size_t *old_size, void *value, size_t size);
int sysctlbyname(const char *name, void *old, size_t *old_size, void *value, size_t size);

/* kqueue(2) */
struct kevent {
    uintptr_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    intptr_t data;
    void *udata;
};

int kqueue(void);
int kevent(int kq, const struct kevent *changes, int n_changes, struct kevent *events, int n_events,
           const struct timespec *timeout);

#endif

#endif
