/* SPDX-License-Identifier: Apache-2.0 */
/* Several descriptors and a timer behind one: an epoll descriptor is itself pollable (epoll(7)). */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/os.h"

struct feth_os_waitset {
    int epoll;
    int timer;
};

int feth_os_waitset_open(struct feth_os_waitset **out, struct feth_error *err)
{
    struct feth_os_waitset *ws = malloc(sizeof(*ws));

    *out = NULL;
    if (!ws)
        return feth_fail(err, FETH_ENOMEM, 0, "make waitset", NULL, NULL);
    ws->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    ws->epoll = epoll_create1(EPOLL_CLOEXEC);
    int ret = ws->timer < 0 || ws->epoll < 0
                  ? feth_fail(err, FETH_ESYS, errno, "make waitset", NULL, "no epoll or timer descriptor")
                  : feth_os_waitset_add(ws, ws->timer, err);
    if (ret < 0) {
        feth_os_waitset_close(ws);
        return ret;
    }
    *out = ws;
    return 0;
}

int feth_os_waitset_add(struct feth_os_waitset *ws, int fd, struct feth_error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (epoll_ctl(ws->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
        return 0;
    return feth_fail(err, FETH_ESYS, errno, "make waitset", NULL, "cannot watch a descriptor");
}

void feth_os_waitset_timer(struct feth_os_waitset *ws, uint64_t at_ns)
{
    /* Setting the timer also forgets that it fired; {0, 0} disarms it (timerfd_create(2)). */
    struct itimerspec at = {
        .it_value = {.tv_sec = (time_t)(at_ns / 1000000000u), .tv_nsec = (long)(at_ns % 1000000000u)}};

    (void)timerfd_settime(ws->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

bool feth_os_waitset_settle(struct feth_os_waitset *ws)
{
    (void)ws; /* poll() on an epoll descriptor looks at each that it watches */
    return true;
}

int feth_os_waitset_fd(const struct feth_os_waitset *ws)
{
    return ws->epoll;
}

void feth_os_waitset_close(struct feth_os_waitset *ws)
{
    if (!ws)
        return;
    if (ws->epoll >= 0)
        close(ws->epoll);
    if (ws->timer >= 0)
        close(ws->timer);
    free(ws);
}
