/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cli.h"
#include "command.h"
#include "page.h"

struct server {
    struct stack *stack;
    const struct setup *setup;
    const struct options *o;
    bool ready;
    pid_t command;       /* 0: none runs */
    uint64_t stats_next; /* milliseconds of clock_ms(); 0: never */
};

static uint64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- the ready line ----------------------------------------------------------------------------------------- */

static const char *bare(const struct feth_addr *addr, char text[FETH_ADDR_TEXT_SIZE])
{
    feth_addr_format(addr, text);
    *strchr(text, '/') = '\0';
    return text;
}

static void print_ready(const struct server *s)
{
    const struct options *o = s->o;
    char ip4[FETH_ADDR_TEXT_SIZE], ip6[FETH_ADDR_TEXT_SIZE], host[FETH_ADDR_TEXT_SIZE];

    printf(PROGRAM ": %s", bare(&o->addr4, ip4));
    if (s->setup->ip6)
        printf(" and %s", bare(&o->addr6, ip6));
    printf(" on %s", feth_io_name(s->stack->io));
    if (s->setup->made)
        printf(", host side %s %s", s->setup->pair.host, feth_addr_format(&o->host4, host));
    printf(" -- try: ping %s, curl http://%s/\n", ip4, ip4);
    fflush(stdout);
}

/* The first time that the cable is whole.  @return -1: go on; otherwise the exit status */
static int become_ready(struct server *s)
{
    if (s->ready || !netif_is_link_up(&s->stack->netif))
        return -1;
    s->ready = true;
    if (!s->o->command || s->o->verbose)
        print_ready(s);
    if (s->o->command) {
        s->command = command_start(s->o->command);
        if (s->command < 0)
            return CLI_FAILED;
    }
    return -1;
}

/* ---- the loop ----------------------------------------------------------------------------------------------- */

static void print_stats(struct server *s)
{
    uint64_t now = clock_ms(), every = (uint64_t)(s->o->stats_seconds * 1000);

    if (s->stats_next == 0 || now < s->stats_next)
        return;
    page_line(stdout);
    fflush(stdout);
    while (s->stats_next <= now)
        s->stats_next += every;
}

static int timeout_ms(const struct server *s)
{
    int timeout = fethif_timeout(s->stack->driver);

    if (s->stats_next) {
        uint64_t now = clock_ms();
        int until = s->stats_next > now ? (int)(s->stats_next - now) : 0;
        if (timeout < 0 || until < timeout)
            timeout = until;
    }
    return timeout;
}

/* @return -1: go on; otherwise the exit status */
static int on_signals(struct server *s)
{
    int status = -1;

    cli_signals_seen();
    if (s->command > 0 && command_ended(s->command, &status)) {
        s->command = 0;
        return status;
    }
    if (!cli_caught())
        return -1;
    if (s->command > 0) {
        status = command_stop(s->command, cli_caught());
        s->command = 0;
        return status;
    }
    return CLI_OK;
}

int serve(struct stack *stack, const struct setup *setup, const struct options *o, int signals)
{
    struct server s = {.stack = stack, .setup = setup, .o = o};
    struct pollfd fds[2] = {{.fd = fethif_fd(stack->driver), .events = POLLIN},
                            {.fd = signals, .events = POLLIN}};
    struct feth_error err;
    int status = -1;

    if (o->stats_seconds > 0)
        s.stats_next = clock_ms() + (uint64_t)(o->stats_seconds * 1000);
    while (status < 0) {
        if (fethif_dispatch(stack->driver, &err) < 0) {
            status = cli_fail_feth(PROGRAM, &err);
            break;
        }
        status = become_ready(&s);
        if (status >= 0)
            break;
        print_stats(&s);
        if (poll(fds, 2, timeout_ms(&s)) < 0 && errno != EINTR)
            status = cli_fail(PROGRAM, "poll: %s", strerror(errno));
        else if (fds[1].revents)
            status = on_signals(&s);
    }
    if (s.command > 0)
        (void)command_stop(s.command, SIGTERM);
    return status;
}
