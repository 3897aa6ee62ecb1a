/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "page.h"

enum { HINT_AFTER_MS = 1000 };

struct server {
    struct stack *stack;
    const struct setup *setup;
    const struct options *o;
    bool ready;
    int signals;
    struct command command;
    uint64_t hint_at, stats_at; /* of cli_clock_ms(); 0: never */
};

/* ---- the ready line ----------------------------------------------------------------------------------------- */

static void print_ready(const struct server *s)
{
    const struct options *o = s->o;
    char ip4[FETH_ADDR_TEXT_SIZE], ip6[FETH_ADDR_TEXT_SIZE], host[FETH_ADDR_TEXT_SIZE];

    printf(PROGRAM ": %s", stack_bare(&o->addr4, ip4));
    if (s->setup->ip6)
        printf(" and %s", stack_bare(&o->addr6, ip6));
    printf(" on %s (%s)", feth_io_name(s->stack->io), feth_io_backend(s->stack->io));
    if (s->setup->made)
        printf(", host side %s %s", s->setup->pair.host, feth_addr_format(&o->host4, host));
    printf(" -- try: ping %s, curl http://%s/", ip4, ip4);
    if (o->netns && !o->command)
        printf(" (after nsenter%s -n -t %ld)", s->setup->userns ? " --preserve-credentials -U" : "",
               (long)getpid());
    printf("\n");
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
    s->hint_at = 0;
    if (s->o->command && command_start(&s->command, s->o->command) < 0)
        return CLI_FAILED;
    return -1;
}

/* Who attaches to an interface that is down should not have to guess why nothing happens. */
static void print_hint(struct server *s)
{
    struct feth_link link;

    if (s->hint_at == 0 || cli_clock_ms() < s->hint_at)
        return;
    s->hint_at = 0;
    feth_io_get_link(s->stack->io, &link);
    fprintf(stderr, PROGRAM ": waiting until %s%s is up\n", feth_io_name(s->stack->io),
            link.up ? "'s other end" : "");
}

/* ---- the loop ----------------------------------------------------------------------------------------------- */

static void print_stats(struct server *s)
{
    uint64_t now = cli_clock_ms(), every = (uint64_t)(s->o->stats_seconds * 1000);

    if (s->stats_at == 0 || now < s->stats_at)
        return;
    page_line(stdout);
    fflush(stdout);
    while (s->stats_at <= now)
        s->stats_at += every;
}

static int sooner(int timeout, uint64_t at)
{
    uint64_t now = cli_clock_ms();
    int until = at > now ? (int)(at - now) : 0;

    return at && (timeout < 0 || until < timeout) ? until : timeout;
}

static int timeout_ms(const struct server *s)
{
    return sooner(sooner(fethif_timeout(s->stack->driver), s->stats_at), s->hint_at);
}

/* @return -1: go on; otherwise the exit status */
static int on_signals(struct server *s)
{
    int status = -1;

    cli_signals_seen();
    if (s->command.pid && command_ended(&s->command, &status))
        return status;
    if (!cli_caught())
        return -1;
    return s->command.pid ? command_stop(&s->command, cli_caught(), s->signals) : CLI_OK;
}

int serve(struct stack *stack, const struct setup *setup, const struct options *o, int signals)
{
    struct server s = {.stack = stack, .setup = setup, .o = o, .signals = signals};
    struct pollfd fds[2] = {{.fd = fethif_fd(stack->driver), .events = POLLIN},
                            {.fd = signals, .events = POLLIN}};
    struct feth_error err;
    int status = -1;

    s.hint_at = cli_clock_ms() + HINT_AFTER_MS;
    if (o->stats_seconds > 0)
        s.stats_at = cli_clock_ms() + (uint64_t)(o->stats_seconds * 1000);
    while (status < 0) {
        if (fethif_dispatch(stack->driver, &err) < 0) {
            status = cli_fail_feth(PROGRAM, &err);
            break;
        }
        status = become_ready(&s);
        if (status >= 0)
            break;
        print_hint(&s);
        print_stats(&s);
        if (poll(fds, 2, timeout_ms(&s)) < 0 && errno != EINTR)
            status = cli_fail(PROGRAM, "poll: %s", strerror(errno));
        else if (fds[1].revents)
            status = on_signals(&s);
    }
    if (s.command.pid)
        (void)command_stop(&s.command, SIGTERM, signals);
    return status;
}
