/* SPDX-License-Identifier: Apache-2.0 */
/* As many bytes as go: sent to discard, received from chargen, or both at once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"

enum { MAX_CONNECTIONS = 1000, PIECE = 256 * 1024, EVENTS = 64 };

static char data[PIECE];

struct bulk {
    int epoll;
    uint64_t sent, received;
};

static int add(struct bulk *bulk, const char *host, int port, int n, uint32_t events)
{
    struct address to = address_of(host, port);

    for (int i = 0; i < n; i++) {
        int fd = connected(&to, SOCK_STREAM);
        struct epoll_event event = {.events = events, .data.fd = fd};
        if (fd < 0)
            return 1;
        if (epoll_ctl(bulk->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
            return complain("epoll_ctl: %s", strerror(errno));
    }
    return 0;
}

/* One call a connection and turn, so that none starves another. */
static int move(struct bulk *bulk, const struct epoll_event *event)
{
    bool sending = event->events & EPOLLOUT;
    ssize_t n =
        sending ? send(event->data.fd, data, sizeof(data), 0) : recv(event->data.fd, data, sizeof(data), 0);

    if (n > 0 && sending)
        bulk->sent += (uint64_t)n;
    else if (n > 0)
        bulk->received += (uint64_t)n;
    else if (n == 0)
        return complain("the server closed the connection");
    else if (errno != EAGAIN && errno != EINTR)
        return complain("%s: %s", sending ? "send" : "recv", strerror(errno));
    return 0;
}

static int turn_until(struct bulk *bulk, double end)
{
    struct epoll_event events[EVENTS];

    while (now() < end) {
        int n = epoll_wait(bulk->epoll, events, EVENTS, 100);
        for (int i = 0; i < n; i++)
            if (move(bulk, &events[i]))
                return 1;
    }
    return 0;
}

int bench_bulk(const struct bench *b, char **argv)
{
    int senders = (int)number(argv[1], 0, MAX_CONNECTIONS),
        receivers = (int)number(argv[2], 0, MAX_CONNECTIONS);
    struct bulk bulk = {.epoll = epoll_create1(EPOLL_CLOEXEC)};

    if (add(&bulk, argv[0], PORT_DISCARD, senders, EPOLLOUT) ||
        add(&bulk, argv[0], PORT_CHARGEN, receivers, EPOLLIN) || turn_until(&bulk, now() + b->warm_up))
        return 1;
    uint64_t sent = bulk.sent, received = bulk.received;
    struct usage from = usage_now(b), to;
    double bytes_sent, bytes_received;
    do { /* a pause of TCP's that is longer than what was asked for makes the time longer, not the figure 0 */
        if (turn_until(&bulk, now() + b->seconds))
            return 1;
        to = usage_now(b);
        bytes_sent = (double)(bulk.sent - sent);
        bytes_received = (double)(bulk.received - received);
        if (to.at - from.at > b->seconds + STALL_SECONDS)
            return complain("nothing moved in %d seconds", STALL_SECONDS);
    } while ((senders && bytes_sent == 0) || (receivers && bytes_received == 0));
    double seconds = to.at - from.at;

    /* what the sockets still hold was held at the start, too */
    printf("gbit_per_second %.6f\n", (bytes_sent + bytes_received) * 8 / 1e9 / seconds);
    if (senders && receivers)
        printf("gbit_in %.6f\ngbit_out %.6f\n", bytes_sent * 8 / 1e9 / seconds,
               bytes_received * 8 / 1e9 / seconds);
    usage_print(b, &from, &to, (bytes_sent + bytes_received) / 1e9, "gb");
    peak_print(b);
    return 0;
}
