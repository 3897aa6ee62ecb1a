/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

int complain(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fputs("feth_bench_client: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return 1;
}

double number(const char *text, double min, double max)
{
    char *end;
    double n = strtod(text, &end);

    if (end == text || *end != '\0' || !(n >= min && n <= max)) {
        complain("\"%s\" is not a number from %g to %g", text, min, max);
        exit(2);
    }
    return n;
}

struct address address_of(const char *host, int port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct address address;
    struct addrinfo *found;
    char text[16];

    snprintf(text, sizeof(text), "%d", port);
    int error = getaddrinfo(host, text, &hints, &found);
    if (error != 0) {
        complain("%s port %d: %s", host, port, gai_strerror(error));
        exit(2);
    }
    address.size = found->ai_addrlen;
    memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return address;
}

int start_connect(const struct address *to, int type)
{
    int fd = socket(to->storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

    if (fd >= 0 && type == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (fd >= 0 &&
        (connect(fd, (const struct sockaddr *)&to->storage, to->size) == 0 || errno == EINPROGRESS))
        return fd;
    complain("connect: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
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

int connected(const struct address *to, int type)
{
    int fd = start_connect(to, type), error = ETIMEDOUT;
    socklen_t size = sizeof(error);

    if (fd < 0)
        return -1;
    if (wait_for(fd, POLLOUT) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return fd;
    complain("connect: %s", strerror(error));
    close(fd);
    return -1;
}

void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
