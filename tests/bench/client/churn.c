/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections a second: opened, a byte echoed, closed by the client, end of file seen.  The client's side keeps the
 * TIME-WAIT; the script lets its kernel have none of them (net.ipv4.tcp_max_tw_buckets), else it is out of ports
 * within a second.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"

enum { AT_ONCE = 16 };

struct churn {
    struct address to;
    int epoll;
    bool wrote[AT_ONCE];
    int fd[AT_ONCE];
    uint64_t done;
};

static int open_one(struct churn *c, unsigned slot)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.u32 = slot};

    c->fd[slot] = start_connect(&c->to, SOCK_STREAM);
    c->wrote[slot] = false;
    if (c->fd[slot] < 0)
        return 1;
    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->fd[slot], &event) < 0)
        return complain("epoll_ctl: %s", strerror(errno));
    return 0;
}

static int go_on(struct churn *c, unsigned slot)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = slot};
    int fd = c->fd[slot];
    char byte = 'x';

    if (!c->wrote[slot]) {
        if (send(fd, &byte, 1, 0) != 1)
            return complain("a connection was not taken: %s", strerror(errno));
        c->wrote[slot] = true;
        return epoll_ctl(c->epoll, EPOLL_CTL_MOD, fd, &event) < 0 ? complain("epoll_ctl: %s", strerror(errno))
                                                                  : 0;
    }
    ssize_t n = recv(fd, &byte, 1, 0);
    if (n > 0) {
        if (shutdown(fd, SHUT_WR) < 0)
            return complain("shutdown: %s", strerror(errno));
        return 0;
    }
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n < 0)
        return complain("recv: %s", strerror(errno));
    close(fd);
    c->done++;
    return open_one(c, slot);
}

static int turn_until(struct churn *c, double end)
{
    struct epoll_event events[AT_ONCE];
    double last = now();

    for (double at = last; at < end; at = now()) {
        int n = epoll_wait(c->epoll, events, AT_ONCE, 100);
        for (int i = 0; i < n; i++)
            if (go_on(c, events[i].data.u32))
                return 1;
        if (n > 0)
            last = at;
        else if (at - last > STALL_SECONDS)
            return complain("no connection went on for %d seconds", STALL_SECONDS);
    }
    return 0;
}

int bench_churn(const struct bench *b, char **argv)
{
    struct churn c = {.to = address_of(argv[0], PORT_ECHO), .epoll = epoll_create1(EPOLL_CLOEXEC)};

    for (unsigned slot = 0; slot < AT_ONCE; slot++)
        if (open_one(&c, slot))
            return 1;
    if (turn_until(&c, now() + b->warm_up))
        return 1;
    uint64_t done = c.done;
    struct usage from = usage_now(b);
    if (turn_until(&c, from.at + b->seconds))
        return 1;
    struct usage until = usage_now(b);
    double n = (double)(c.done - done);
    if (n == 0)
        return complain("no connection was done within %g seconds", b->seconds);
    printf("per_second %.1f\n", n / (until.at - from.at));
    usage_print(b, &from, &until, n, "op");
    return 0;
}
