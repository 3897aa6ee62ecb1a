/* SPDX-License-Identifier: Apache-2.0 */
/* lwip-echo: an lwIP stack on the far end of a pair, for the host to ping and curl. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netif/lwip_port.h>

#include "cli.h"
#include "netns.h"
#include "options.h"
#include "page.h"
#include "selftest.h"
#include "serve.h"
#include "services.h"
#include "setup.h"
#include "stack.h"

/* lwIP's data is not what lwIP takes it for.  What we have made goes with us all the same. */
static void on_assertion(const char *what, const char *file, int line, void *setup)
{
    cli_fail(PROGRAM, "a fault in lwIP: %s (%s:%d)", what, file, line);
    (void)setup_close(setup);
    abort();
}

static int run(struct setup *setup, const struct options *o, int signals, bool userns)
{
    static const struct feth_addr no_ip6 = {.family = AF_UNSPEC};
    struct stack stack = {.verbose = o->verbose, .busy_poll_us = o->busy_poll_us};
    struct feth_error err;

    int status = setup_open(setup, o);
    if (status)
        return status;
    setup->userns = userns;
    if (stack_start(&stack, setup->io, &o->addr4, setup->ip6 ? &o->addr6 : &no_ip6,
                    o->has_mac ? o->mac : NULL, o->mtu, &err) < 0) {
        status = cli_fail_feth(PROGRAM, &err);
    } else {
        page_set_stack(&stack);
        const char *failed = services_start();
        status = failed
                     ? cli_fail(PROGRAM, "%s does not start: its port is in use, or memory is short", failed)
                     : serve(&stack, setup, o, signals);
    }
    stack_stop(&stack);
    int closed = setup_close(setup);
    return status ? status : closed;
}

int main(int argc, char **argv)
{
    struct options options;
    struct setup setup = {.made = false};
    char why[256];

    int status = options_parse(argc, argv, &options);
    if (status >= 0)
        return status;
    /* a reader of our output who goes away must not leave a pair behind */
    signal(SIGPIPE, SIG_IGN);
    int signals = cli_catch_signals();
    if (signals < 0 || cli_catch_children() < 0)
        return cli_fail(PROGRAM, "cannot catch signals: %s", strerror(errno));
    lwip_port_set_hooks(&(struct lwip_port_hooks){.assertion = on_assertion, .arg = &setup});
    if (options.selftest)
        return selftest(&options, signals);
    int entered = options.netns ? netns_enter(why, sizeof(why)) : 0;
    if (entered < 0)
        return cli_fail(PROGRAM, "%s; --selftest works everywhere", why);
    return run(&setup, &options, signals, entered > 0);
}
