/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two processes and a cable: one runs the server as it always runs, the other a second lwIP that plays the host.  lwIP
 * is one in a process, hence the forks; this process only watches, so that nothing hangs and nothing stays behind.
 */
#include "selftest.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <feth/io.h>

#include "cli.h"
#include "page.h"
#include "selftest_client.h"
#include "services.h"
#include "setup.h"
#include "stack.h"

enum { PATIENCE_MS = 120000 }; /* of the whole; each check has a limit of its own */

/* ---- the two ends ------------------------------------------------------------------------------------------- */

static void default_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_DFL);
}

/* Serve until the other end of the cable is closed. */
static int run_server(struct feth_io *io, const struct options *o)
{
    struct stack stack = {.verbose = o->verbose};
    struct feth_error err;
    int status = setup_layers(&io, o);

    if (status == 0 &&
        stack_start(&stack, io, &o->addr4, &o->addr6, o->has_mac ? o->mac : NULL, o->mtu, &err) < 0)
        status = cli_fail_feth(PROGRAM, &err);
    if (status == 0) {
        page_set_stack(&stack);
        const char *failed = services_start();
        if (failed)
            status = cli_fail(PROGRAM, "%s does not start", failed);
        else if (fethif_run(stack.driver, &err) != FETH_EGONE)
            status = cli_fail_feth(PROGRAM, &err);
    }
    stack_stop(&stack);
    feth_io_close(io);
    return status;
}

static int run_client(struct feth_io *io, const struct options *o, bool bulk)
{
    struct stack stack = {.verbose = false};
    struct feth_error err;
    int status = CLI_FAILED;

    if (stack_start(&stack, io, &o->host4, &o->host6, NULL, o->mtu, &err) < 0)
        cli_fail_feth(PROGRAM, &err);
    else if (bulk ? selftest_bulk(&stack, &o->addr4) : selftest_services(&stack, &o->addr4, &o->addr6))
        status = CLI_OK;
    stack_stop(&stack);
    feth_io_close(io);
    return status;
}

/* ---- watching ----------------------------------------------------------------------------------------------- */

static pid_t fork_end(struct feth_io *ends[2], int mine, const struct options *o, bool bulk)
{
    fflush(NULL);
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    default_signals();
    feth_io_close(ends[!mine]);
    int status = mine == 0 ? run_client(ends[0], o, bulk) : run_server(ends[1], o);
    exit(status);
}

/* How an end has ended.  @return whether well */
static bool ended_well(int end, int how)
{
    static const char *const names[2] = {"client", "server"};

    if (WIFSIGNALED(how))
        cli_fail(PROGRAM, "the self-test's %s was ended by signal %d", names[end], WTERMSIG(how));
    return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

/* Wait for both; when time is up or a signal comes, end them.  @return whether both ended well */
static bool watch(pid_t pids[2], int signals)
{
    struct pollfd fd = {.fd = signals, .events = POLLIN};
    uint64_t deadline = cli_clock_ms() + PATIENCE_MS;
    bool good = true, killed = false;

    while (pids[0] > 0 || pids[1] > 0) {
        uint64_t now = cli_clock_ms();
        (void)poll(&fd, 1, killed ? -1 : now < deadline ? (int)(deadline - now) : 0);
        cli_signals_seen();
        for (int i = 0; i < 2; i++) {
            int how;
            if (pids[i] > 0 && waitpid(pids[i], &how, WNOHANG) == pids[i]) {
                pids[i] = 0;
                good = (killed || ended_well(i, how)) && good;
            }
        }
        if (killed || (!cli_caught() && cli_clock_ms() < deadline))
            continue;
        if (!cli_caught())
            cli_fail(PROGRAM, "the self-test took more than %d seconds", PATIENCE_MS / 1000);
        for (int i = 0; i < 2; i++)
            if (pids[i] > 0)
                kill(pids[i], SIGKILL);
        killed = true;
        good = false;
    }
    return good;
}

/* One cable, two ends, one set of checks. */
static bool run_pair(const struct options *o, bool bulk, int signals)
{
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_error err;
    pid_t pids[2] = {-1, -1};

    config.mtu = o->mtu;
    config.io[0].offload = config.io[1].offload = o->offload;
    if (feth_memory_pair(ends, &config, &err) < 0) {
        cli_fail_feth(PROGRAM, &err);
        return false;
    }
    for (int i = 0; i < 2; i++)
        pids[i] = fork_end(ends, i, o, bulk);
    bool forked = pids[0] > 0 && pids[1] > 0;
    if (!forked)
        cli_fail(PROGRAM, "cannot fork: %s", strerror(errno));
    /* our copies: an end counts as closed only when nobody has it */
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    return watch(pids, signals) && forked;
}

int selftest(const struct options *o, int signals)
{
    struct options lossy = *o;

    setvbuf(stdout, NULL, _IOLBF, 0);
    bool good = run_pair(o, false, signals);
    lossy.impair = true;
    lossy.impairment.loss = 0.02;
    lossy.pcap = NULL; /* the first run has written it */
    good = !cli_caught() && run_pair(&lossy, true, signals) && good;
    printf(good ? "all held\n" : "not all held\n");
    return good ? CLI_OK : CLI_FAILED;
}
