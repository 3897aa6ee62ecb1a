/* SPDX-License-Identifier: Apache-2.0 */
/* 64 bytes there and back, one exchange after the other, over TCP or UDP. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench.h"

#include <fcntl.h>

enum { SIZE = 64, LOST_MAX = 10 };

/* One exchange on a blocking socket.  @return 0; 1: failed, and said; -1: a datagram was lost */
static int exchange(int fd, bool stream)
{
    char data[SIZE] = {0};
    size_t got = 0;

    if (send(fd, data, sizeof(data), 0) != sizeof(data))
        return complain("send: %s", strerror(errno));
    while (got < sizeof(data)) {
        ssize_t n = recv(fd, data + got, sizeof(data) - got, 0);
        if (n <= 0)
            return !stream && errno == EAGAIN ? -1 : complain("recv: %s", n ? strerror(errno) : "closed");
        got += (size_t)n;
    }
    return 0;
}

static int exchange_until(int fd, bool stream, double end, struct times *times)
{
    double before = now(), after;
    int lost = 0;

    for (; before < end; before = after) {
        int ret = exchange(fd, stream);
        after = now();
        lost += ret < 0;
        if (ret > 0 || lost > LOST_MAX)
            return ret > 0 ? ret : complain("more than %d datagrams were not answered", LOST_MAX);
        if (ret == 0 && times && !times_add(times, after - before))
            return complain("out of memory");
    }
    return 0;
}

int bench_rtt(const struct bench *b, char **argv)
{
    bool stream = strcmp(argv[0], "tcp") == 0;
    struct address to = address_of(argv[1], PORT_ECHO);
    struct timeval patience = {.tv_sec = stream ? STALL_SECONDS : 1};
    struct times times = {0};

    int fd = connected(&to, stream ? SOCK_STREAM : SOCK_DGRAM);
    if (fd < 0)
        return 1;
    fcntl(fd, F_SETFL, 0); /* the plainest of clients waits in recv() */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (exchange_until(fd, stream, now() + b->warm_up, NULL))
        return 1;
    struct usage from = usage_now(b);
    if (exchange_until(fd, stream, from.at + b->seconds, &times))
        return 1;
    struct usage until = usage_now(b);
    if (times.n == 0)
        return complain("no exchange within %g seconds", b->seconds);
    usage_print(b, &from, &until, (double)times.n, "op");
    times_print(&times, until.at - from.at);
    close(fd);
    return 0;
}
