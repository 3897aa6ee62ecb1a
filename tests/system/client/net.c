/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

int complain(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("client: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return 1;
}

uint64_t number(const char *text, const char *what, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    uint64_t n = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < min || n > max) {
        complain("%s: \"%s\" is not a number from %llu to %llu", what, text, (unsigned long long)min,
                 (unsigned long long)max);
        exit(2);
    }
    return n;
}

struct address address_of(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        complain("%s port %s: %s", host, port, gai_strerror(error));
        exit(2);
    }
    struct address address = {.size = found->ai_addrlen};
    memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return address;
}

struct socket_options socket_options;

/** @return 0, or -1 with errno */
static int set_options(int fd, int family)
{
    const struct socket_options *o = &socket_options;

    if (o->receive && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &o->receive, sizeof(o->receive)) < 0)
        return -1;
    if (o->ip_len == 0)
        return 0;
    if (family == AF_INET)
        return setsockopt(fd, IPPROTO_IP, IP_OPTIONS, o->ip, (socklen_t)o->ip_len);
#ifdef IPV6_DSTOPTS
    return setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, o->ip, (socklen_t)o->ip_len);
#else
    errno = ENOTSUP;
    return -1;
#endif
}

int start_connect(const struct address *to, int type)
{
    int fd = socket(to->storage.ss_family, type, 0);
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || set_options(fd, to->storage.ss_family) < 0 ||
        (connect(fd, (const struct sockaddr *)&to->storage, to->size) < 0 && errno != EINPROGRESS)) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

bool wait_for(int fd, short events)
{
    struct pollfd pollfd = {.fd = fd, .events = events};
    int n;
    do {
        n = poll(&pollfd, 1, STALL_SECONDS * 1000);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

int connect_stream(const struct address *to)
{
    int fd = start_connect(to, SOCK_STREAM);
    if (fd < 0) {
        complain("connect: %s", strerror(errno));
        return -1;
    }
    int error = ETIMEDOUT;
    socklen_t size = sizeof(error);
    if (wait_for(fd, POLLOUT) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return fd;
    complain("connect: %s", strerror(error));
    close(fd);
    return -1;
}

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
