/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void say(const char *program, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));

static void say(const char *program, const char *fmt, va_list args)
{
    fflush(stdout); /* in the order in which it happened, where both go to one file */
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, fmt, args);
}

int cli_usage(const char *program, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(program, fmt, args);
    va_end(args);
    fprintf(stderr, " (%s --help tells more)\n", program);
    return CLI_USAGE;
}

int cli_fail(const char *program, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(program, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return CLI_FAILED;
}

int cli_fail_feth(const char *program, const struct feth_error *err)
{
    return cli_fail(program, "%s", err->text);
}

int cli_finish(const char *program, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    /* with SIGPIPE ignored, as some parents have it */
    return errno == EPIPE ? status : cli_fail(program, "cannot write the output: %s", strerror(errno));
}

/* A signal handler has nothing but globals. */
static int wake[2] = {-1, -1};
static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
    int saved = errno;

    if (sig != SIGCHLD && !caught)
        caught = sig;
    ssize_t n = write(wake[1], "", 1); /* a full pipe is readable as well */
    (void)n;
    errno = saved;
}

int cli_catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = on_signal};

    if (pipe(wake) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (fcntl(wake[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(wake[i], F_SETFL, O_NONBLOCK) < 0)
            return -1;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction old;
        /* who started us with a signal ignored (nohup) wants it ignored */
        if (sigaction(signals[i], NULL, &old) < 0)
            return -1;
        if (old.sa_handler != SIG_IGN && sigaction(signals[i], &act, NULL) < 0)
            return -1;
    }
    return wake[0];
}

int cli_caught(void)
{
    return caught;
}

int cli_catch_children(void)
{
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_NOCLDSTOP};

    return sigaction(SIGCHLD, &act, NULL);
}

void cli_signals_seen(void)
{
    char bytes[64];

    while (read(wake[0], bytes, sizeof(bytes)) > 0)
        ;
}

uint64_t cli_clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
