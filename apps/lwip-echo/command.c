/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"

/* As shells have them: POSIX, 2.8.2. */
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, BY_SIGNAL = 128 };

enum { PATIENCE_MS = 1500 };

/*
 * In the foreground of a terminal the command stays in our process group: it may read from the terminal, and Ctrl-C
 * and Ctrl-Z reach us both.  Elsewhere it gets one of its own, so that all that it starts can be ended.
 */
static bool in_foreground(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

int command_start(struct command *command, char **argv)
{
    bool group = !in_foreground();

    fflush(NULL); /* or the child would write our buffers once more */
    pid_t pid = fork();
    if (pid < 0) {
        cli_fail(PROGRAM, "cannot fork: %s", strerror(errno));
        return -1;
    }
    if (group)
        (void)setpgid(pid, pid ? pid : 0); /* both do it: whoever comes first */
    if (pid > 0) {
        *command = (struct command){.pid = pid, .group = group};
        return 0;
    }
    signal(SIGPIPE,
           SIG_DFL); /* exec() keeps what is ignored; what is caught it sets to the default by itself */
    execvp(argv[0], argv);
    int why = errno;
    cli_fail(PROGRAM, "cannot run %s: %s", argv[0], strerror(why));
    _exit(why == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* The group outlives its leader as long as there is somebody in it; while there is, its number is not used again. */
static void kill_group(pid_t leader, int sig)
{
    (void)kill(-leader, sig); /* nobody in it: nothing to do */
}

static int status_of(int how)
{
    return WIFSIGNALED(how) ? BY_SIGNAL + WTERMSIG(how) : WEXITSTATUS(how);
}

bool command_ended(struct command *command, int *status)
{
    int how;

    if (waitpid(command->pid, &how, WNOHANG) != command->pid)
        return false;
    if (command->group)
        kill_group(command->pid, SIGTERM);
    command->pid = 0;
    *status = status_of(how);
    return true;
}

int command_stop(struct command *command, int sig, int signals)
{
    struct pollfd fd = {.fd = signals, .events = POLLIN};
    pid_t pid = command->pid;
    uint64_t now = cli_clock_ms(), deadline = now + PATIENCE_MS;
    int how, status;

    (void)kill(command->group ? -pid : pid, sig);
    while (!command_ended(command, &status)) {
        now = cli_clock_ms();
        if (now >= deadline) {
            (void)kill(pid, SIGKILL);
            while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
                ;
            command->pid = 0;
            status = status_of(how);
            break;
        }
        (void)poll(&fd, 1, (int)(deadline - now)); /* its end makes the descriptor readable */
        cli_signals_seen();
    }
    if (command->group)
        kill_group(pid, SIGKILL);
    return status;
}
