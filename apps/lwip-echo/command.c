/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"

/* As shells have them: POSIX, 2.8.2. */
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, BY_SIGNAL = 128 };

enum { PATIENCE_MS = 3000, STEP_MS = 10 };

pid_t command_start(char **argv)
{
    fflush(NULL); /* or the child would write our buffers once more */
    pid_t pid = fork();

    if (pid < 0) {
        cli_fail(PROGRAM, "cannot fork: %s", strerror(errno));
        return -1;
    }
    if (pid > 0)
        return pid;
    /* exec() sets the signals that we catch to their defaults by itself */
    execvp(argv[0], argv);
    int why = errno;
    cli_fail(PROGRAM, "cannot run %s: %s", argv[0], strerror(why));
    _exit(why == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

bool command_ended(pid_t pid, int *status)
{
    int how;

    if (waitpid(pid, &how, WNOHANG) != pid)
        return false;
    *status = WIFSIGNALED(how) ? BY_SIGNAL + WTERMSIG(how) : WEXITSTATUS(how);
    return true;
}

int command_stop(pid_t pid, int sig)
{
    int status;

    kill(pid, sig);
    for (int waited = 0;; waited += STEP_MS) {
        if (command_ended(pid, &status))
            return status;
        if (waited == PATIENCE_MS)
            kill(pid, SIGKILL);
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}
