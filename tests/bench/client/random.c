/* SPDX-License-Identifier: Apache-2.0 */
/* A byte there and back over one of many open connections, chosen by chance: what finding a connection costs. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { MAX_CONNECTIONS = 28000 };

/* xorshift (Marsaglia, 2003): the same choices in every run */
static uint32_t chance(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int exchange(int fd)
{
    char byte = 'x';

    if (send(fd, &byte, 1, 0) != 1)
        return complain("send: %s", strerror(errno));
    for (;;) {
        ssize_t n = recv(fd, &byte, 1, 0);
        if (n == 1)
            return 0;
        if (n == 0 || errno != EAGAIN)
            return complain("recv: %s", n ? strerror(errno) : "closed");
        if (!wait_for(fd, POLLIN))
            return complain("no echo within %d seconds", STALL_SECONDS);
    }
}

static int exchange_until(const int *fds, unsigned n, double end, struct times *times)
{
    uint32_t state = 2463534242;
    double before = now(), after;

    for (; before < end; before = after) {
        if (exchange(fds[chance(&state) % n]))
            return 1;
        after = now();
        if (times && !times_add(times, after - before))
            return complain("out of memory");
    }
    return 0;
}

int bench_random(const struct bench *b, char **argv)
{
    unsigned n = (unsigned)number(argv[1], 1, MAX_CONNECTIONS);
    struct address to = address_of(argv[0], PORT_ECHO);
    int *fds = calloc(n, sizeof(*fds));
    struct times times = {0};

    raise_file_limit();
    double opening = now();
    for (unsigned i = 0; i < n; i++)
        if (!fds || (fds[i] = connected(&to, SOCK_STREAM)) < 0)
            return complain("connection %u of %u does not open", i + 1, n);
    printf("open_per_second %.1f\n", n / (now() - opening));
    peak_print(b); /* all are idle */
    if (exchange_until(fds, n, now() + b->warm_up, NULL))
        return 1;
    struct usage from = usage_now(b);
    if (exchange_until(fds, n, from.at + b->seconds, &times))
        return 1;
    struct usage until = usage_now(b);
    if (times.n == 0)
        return complain("no exchange within %g seconds", b->seconds);
    usage_print(b, &from, &until, (double)times.n, "op");
    times_print(&times, until.at - from.at);
    free(fds);
    return 0;
}
