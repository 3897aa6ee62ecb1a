/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's thread that empties output queues (READ: feth_start(), which ifnet_start_thread_func() of bsd/net/dlil.c calls).
 * Without it frames pass at once, which no kernel does; with it a burst of more than a queue holds is cut, silently.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "model.h"

static unsigned period_us; /* 0: frames pass at once */
static bool asked;         /* the environment was looked at */
static pid_t started;      /* the process that has the thread: a child of it has none */

/* What is queued when the program ends is the kernel's, and still leaves. */
static void at_the_end(void)
{
    if (started != getpid())
        return;
    m_lock();
    m_frames_start();
    m_unlock();
}

static void *run(void *arg)
{
    (void)arg;
    for (;;) {
        m_lock();
        unsigned us = period_us;
        m_frames_start();
        m_unlock();
        (void)nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000},
                        NULL);
        if (us == 0)
            (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

static void start(void)
{
    sigset_t all, before;
    pthread_t thread;

    started = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's */
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        m_panic("no thread: %s", strerror(errno));
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)atexit(at_the_end);
}

bool m_starter_runs(void)
{
    if (!asked) {
        const char *us = getenv("FETH_MODEL_STARTER_US");
        asked = true;
        if (us)
            period_us = (unsigned)strtoul(us, NULL, 10);
    }
    if (period_us && started != getpid())
        start();
    return period_us > 0;
}

void model_starter(unsigned us)
{
    m_lock();
    asked = true;
    period_us = us;
    m_frames_start();
    m_unlock();
}
