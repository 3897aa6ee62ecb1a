/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several descriptors and a timer behind one: a kqueue descriptor is itself pollable (kqueue(2)).
 *
 * An event that was told to the queue stays in it until kevent() looks at it again, although the data may have been
 * read since: poll() on the queue only counts what is in it (kqueue_select(), xnu bsd/kern/kern_event.c).  So whoever
 * has read all there was calls feth_os_waitset_settle(), or would be woken for nothing, over and over.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/os.h"
#include "darwin/ctl.h"
#include "darwin/sys.h"
#include "darwin/xnu.h"

#define TIMER_ID 1

struct feth_os_waitset {
    int kqueue;
    pthread_mutex_t timer; /* one thread may set it while another settles */
};

static int change(int kq, uintptr_t ident, int16_t filter, uint16_t flags, uint32_t fflags, intptr_t data)
{
    struct kevent event = {.ident = ident, .filter = filter, .flags = flags, .fflags = fflags, .data = data};

    return kevent(kq, &event, 1, NULL, 0, NULL);
}

int feth_os_waitset_open(struct feth_os_waitset **out, struct feth_error *err)
{
    struct feth_os_waitset *ws = malloc(sizeof(*ws));

    *out = NULL;
    if (!ws)
        return feth_fail(err, FETH_ENOMEM, 0, "make waitset", NULL, NULL);
    ws->kqueue = feth_cloexec(kqueue());
    if (ws->kqueue < 0) {
        int why = errno;
        free(ws);
        return feth_fail(err, why == ENOMEM ? FETH_ENOMEM : FETH_ESYS, why, "make waitset", NULL,
                         "no kqueue");
    }
    (void)pthread_mutex_init(&ws->timer, NULL);
    *out = ws;
    return 0;
}

int feth_os_waitset_add(struct feth_os_waitset *ws, int fd, struct feth_error *err)
{
    if (change(ws->kqueue, (uintptr_t)fd, XNU_EVFILT_READ, XNU_EV_ADD, 0, 0) == 0)
        return 0;
    return feth_fail(err, errno == ENOMEM ? FETH_ENOMEM : FETH_ESYS, errno, "make waitset", NULL,
                     "cannot watch a descriptor");
}

/* The timers of the queue are wall-clock time or an interval; this one is an interval that a sleep does not stop, as
 * the clock is one that it does not stop (clock_gettime(3)). */
static void start_timer(const struct feth_os_waitset *ws, uint64_t in_ns)
{
    (void)change(ws->kqueue, TIMER_ID, XNU_EVFILT_TIMER, XNU_EV_ADD | XNU_EV_ONESHOT,
                 XNU_NOTE_NSECONDS | XNU_NOTE_MACH_CONTINUOUS_TIME,
                 in_ns < INTPTR_MAX ? (intptr_t)in_ns : INTPTR_MAX);
}

void feth_os_waitset_timer(struct feth_os_waitset *ws, uint64_t at_ns)
{
    struct timespec t;

    (void)pthread_mutex_lock(&ws->timer);
    /* whether it runs, has fired or is not there: this takes it out of the queue */
    (void)change(ws->kqueue, TIMER_ID, XNU_EVFILT_TIMER, XNU_EV_DELETE, 0, 0);
    if (at_ns) {
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        uint64_t now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
        start_timer(ws, at_ns > now ? at_ns - now : 1);
    }
    (void)pthread_mutex_unlock(&ws->timer);
}

bool feth_os_waitset_settle(struct feth_os_waitset *ws)
{
    struct kevent events[8];
    const struct timespec now = {0, 0};

    (void)pthread_mutex_lock(&ws->timer);
    /* one round is enough: what is still true stays in the queue, and is the reason to be woken again */
    int n = kevent(ws->kqueue, NULL, 0, events, sizeof(events) / sizeof(events[0]), &now);
    for (int i = 0; i < n; i++)
        if (events[i].filter ==
            XNU_EVFILT_TIMER) /* once looked at it is gone, but it fires until it is set again */
            start_timer(ws, 1);
    (void)pthread_mutex_unlock(&ws->timer);
    return n != 0;
}

int feth_os_waitset_fd(const struct feth_os_waitset *ws)
{
    return ws->kqueue;
}

void feth_os_waitset_close(struct feth_os_waitset *ws)
{
    if (!ws)
        return;
    close(ws->kqueue);
    (void)pthread_mutex_destroy(&ws->timer);
    free(ws);
}
