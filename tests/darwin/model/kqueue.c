/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kqueue over epoll, so that a kqueue's descriptor can be waited for as on macOS.  Each registration (knote) has a
 * Linux descriptor in the epoll set: a timerfd for a timer, an eventfd for a user event or for what a descriptor of
 * the model has to read, or the program's own descriptor where that is one of Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "darwin/sys.h"
#include "fds.h"
#include "kqueue.h"
#include "real.h"

#define BATCH 64

struct knote {
    struct knote *next;
    int kq;
    int fd;   /* in the epoll set */
    bool own; /* fd is the knote's, not the program's */
    bool enabled;
    bool signalled; /* the eventfd is readable */
    uint64_t count; /* timer: expirations told at once */
    struct kevent kev;
};

static struct knote *knotes;

static void epoll_change(struct knote *k, int op)
{
    struct epoll_event event = {.events = k->enabled ? EPOLLIN : 0, .data.ptr = k};

    if (k->kev.flags & XNU_EV_CLEAR && !k->own)
        event.events |= EPOLLET;
    (void)epoll_ctl(k->kq, op, k->fd, &event);
}

static void signal_knote(struct knote *k, bool on)
{
    uint64_t one = 1;

    if (k->signalled == on)
        return;
    k->signalled = on;
    ssize_t n = on ? __real_write(k->fd, &one, sizeof(one)) : __real_read(k->fd, &one, sizeof(one));
    (void)n;
}

/* ---- read filters on the model's descriptors ---------------------------------------------------------------- */

/*
 * READ: an event that was told to the queue stays in it until kevent() looks at it again, although the data may have
 * been read meanwhile; poll() on the queue counts what is in it (kqueue_select(), bsd/kern/kern_event.c).  So nothing
 * here takes a signal back but deliver().
 */

/* filt_bpfread_common(): a low-water mark counts in immediate mode. */
static bool ready(const struct knote *k, struct m_fd *f)
{
    size_t have = f->ops->readable ? f->ops->readable(f) : 0;
    size_t want = k->kev.fflags & XNU_NOTE_LOWAT && k->kev.data > 0 ? (size_t)k->kev.data : 1;

    return have > 0 && have >= m_kq_lowat(f, want);
}

void m_kq_changed(struct m_fd *f)
{
    for (struct knote *k = knotes; k; k = k->next)
        if (k->kev.filter == XNU_EVFILT_READ && k->own && k->kev.ident == (uintptr_t)f->fd && ready(k, f))
            signal_knote(k, true);
}

/* ---- timers ------------------------------------------------------------------------------------------------- */

static int set_timer(struct knote *k)
{
    struct itimerspec at = {0};
    uint64_t unit = 1000000, ns; /* milliseconds unless told otherwise */

    if (k->kev.fflags & XNU_NOTE_SECONDS)
        unit = 1000000000;
    else if (k->kev.fflags & XNU_NOTE_USECONDS)
        unit = 1000;
    else if (k->kev.fflags & XNU_NOTE_NSECONDS)
        unit = 1;
    if (k->kev.data < 0)
        k->kev.data = 0;
    ns = (uint64_t)k->kev.data * unit;
    if (k->kev.fflags & XNU_NOTE_ABSOLUTE) { /* of the calendar */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t t = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        ns = ns > t ? ns - t : 0;
    }
    if (ns == 0)
        ns = 1; /* due at once; 0 would disarm */
    at.it_value.tv_sec = (time_t)(ns / 1000000000u);
    at.it_value.tv_nsec = (long)(ns % 1000000000u);
    if (!(k->kev.flags & XNU_EV_ONESHOT) && !(k->kev.fflags & XNU_NOTE_ABSOLUTE))
        at.it_interval = at.it_value;
    return timerfd_settime(k->fd, 0, &at, NULL) < 0 ? errno : 0;
}

/* ---- registrations ------------------------------------------------------------------------------------------ */

static struct knote *find(int kq, const struct kevent *change)
{
    struct knote *k = knotes;

    while (k && !(k->kq == kq && k->kev.ident == change->ident && k->kev.filter == change->filter))
        k = k->next;
    return k;
}

static void drop(struct knote *k)
{
    struct knote **p = &knotes;

    while (*p != k)
        p = &(*p)->next;
    *p = k->next;
    (void)epoll_ctl(k->kq, EPOLL_CTL_DEL, k->fd, NULL);
    if (k->own)
        __real_close(k->fd);
    free(k);
}

static int knote_fd(struct knote *k)
{
    struct m_fd *f;

    switch (k->kev.filter) {
    case XNU_EVFILT_TIMER:
        k->own = true;
        k->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        return 0;
    case XNU_EVFILT_USER:
        k->own = true;
        k->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        return 0;
    case XNU_EVFILT_READ:
        f = m_fd_get((int)k->kev.ident);
        if (f && f->kind != M_KQUEUE) {
            if (m_kq_refuses(f))
                return ENXIO;
            k->own = true;
            k->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
            return 0;
        }
        k->fd = (int)k->kev.ident;
        return __real_fcntl(k->fd, F_GETFD) < 0 ? EBADF : 0;
    default:
        return EINVAL;
    }
}

static int add(int kq, const struct kevent *change, struct knote **out)
{
    struct knote *k = calloc(1, sizeof(*k));
    int ret;

    if (!k)
        return ENOMEM;
    k->kq = kq;
    k->kev = *change;
    k->enabled = true;
    ret = knote_fd(k);
    if (ret) {
        free(k);
        return ret;
    }
    epoll_change(k, EPOLL_CTL_ADD);
    k->next = knotes;
    knotes = k;
    *out = k;
    return 0;
}

static int change_user(struct knote *k, const struct kevent *change)
{
    uint32_t flags = change->fflags & XNU_NOTE_FFLAGSMASK;

    switch (change->fflags & XNU_NOTE_FFCTRLMASK) {
    case XNU_NOTE_FFAND:
        k->kev.fflags &= flags;
        break;
    case XNU_NOTE_FFOR:
        k->kev.fflags |= flags;
        break;
    case XNU_NOTE_FFCOPY:
        k->kev.fflags = flags;
        break;
    default:
        break;
    }
    if (change->fflags & XNU_NOTE_TRIGGER)
        signal_knote(k, true);
    return 0;
}

static int apply(int kq, const struct kevent *change)
{
    struct knote *k = find(kq, change);
    bool fresh = !k;
    int ret = 0;

    if (!k && !(change->flags & XNU_EV_ADD))
        return ENOENT;
    if (!k && (ret = add(kq, change, &k)))
        return ret;
    if (change->flags & XNU_EV_DELETE) {
        drop(k);
        return 0;
    }
    if (change->flags & XNU_EV_ADD && !fresh) {
        struct kevent old = k->kev;
        k->kev = *change;
        if (k->kev.filter == XNU_EVFILT_USER)
            k->kev.fflags = old.fflags;
    }
    if (change->flags & (XNU_EV_ENABLE | XNU_EV_DISABLE)) {
        k->enabled = change->flags & XNU_EV_ENABLE;
        epoll_change(k, EPOLL_CTL_MOD);
    }
    if (k->kev.filter == XNU_EVFILT_USER)
        return change_user(k, change);
    if (!(change->flags & XNU_EV_ADD))
        return 0;
    if (k->kev.filter == XNU_EVFILT_TIMER)
        return set_timer(k);
    if (k->own) {
        struct m_fd *f = m_fd_get((int)k->kev.ident);
        if (f && ready(k, f))
            signal_knote(k, true);
    }
    return 0;
}

/* ---- events ------------------------------------------------------------------------------------------------- */

/* @return false: nothing after all */
static bool deliver(struct knote *k, struct kevent *event)
{
    struct m_fd *f;
    int n = 0;

    *event = k->kev;
    event->flags = k->kev.flags & (uint16_t) ~(XNU_EV_ADD | XNU_EV_ENABLE);
    switch (k->kev.filter) {
    case XNU_EVFILT_TIMER:
        if (__real_read(k->fd, &k->count, sizeof(k->count)) != sizeof(k->count))
            return false;
        event->data = (intptr_t)k->count;
        break;
    case XNU_EVFILT_USER:
        event->data = 0;
        if (k->kev.flags & XNU_EV_CLEAR) {
            signal_knote(k, false);
            k->kev.fflags = 0;
        }
        break;
    default:
        f = k->own ? m_fd_get((int)k->kev.ident) : NULL;
        if (f && !ready(k, f)) {
            signal_knote(k, false);
            return false;
        }
        if (f)
            event->data = (intptr_t)f->ops->readable(f);
        else
            event->data = __real_ioctl(k->fd, FIONREAD, &n) < 0 ? 0 : n;
        if (k->own && k->kev.flags & XNU_EV_CLEAR)
            signal_knote(k, false);
        break;
    }
    if (k->kev.flags & XNU_EV_ONESHOT) {
        drop(k);
    } else if (k->kev.flags & XNU_EV_DISPATCH) {
        k->enabled = false;
        epoll_change(k, EPOLL_CTL_MOD);
    }
    return true;
}

/* Another thread may have dropped it since epoll named it. */
static bool is_there(const struct knote *knote)
{
    const struct knote *k = knotes;

    while (k && k != knote)
        k = k->next;
    return k != NULL;
}

static int wait_ms(const struct timespec *timeout)
{
    if (!timeout)
        return -1;
    if (timeout->tv_sec > 1000000)
        return 1000000000;
    return (int)(timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000);
}

static void kq_close(struct m_fd *f)
{
    for (struct knote *k = knotes, *next; k; k = next) {
        next = k->next;
        if (k->kq == f->fd)
            drop(k);
    }
}

static const struct m_fd_ops kq_ops = {.name = "kqueue", .close = kq_close};

void m_kq_forget(int fd)
{
    for (struct knote *k = knotes, *next; k; k = next) {
        next = k->next;
        if (k->kev.filter == XNU_EVFILT_READ && k->kev.ident == (uintptr_t)fd)
            drop(k);
    }
}

int m_kq_open(void)
{
    int fd = epoll_create1(0);

    if (fd < 0)
        m_panic("no epoll descriptor: %s", strerror(errno));
    return m_fd_new(M_KQUEUE, &kq_ops, sizeof(struct m_fd), fd)->fd;
}

/* The changes; what fails is an event with EV_ERROR where there is room, else the call's failure. */
static int changes(int kq, const struct kevent *list, int n, struct kevent *events, int room, int *error)
{
    int told = 0;

    for (int i = 0; i < n; i++) {
        int ret = apply(kq, &list[i]);
        if (ret == 0 && !(list[i].flags & XNU_EV_RECEIPT))
            continue;
        if (told == room) {
            *error = ret;
            return told;
        }
        events[told] = list[i];
        events[told].flags |= XNU_EV_ERROR;
        events[told++].data = ret;
    }
    return told;
}

int m_kq_kevent(struct m_fd *f, const struct kevent *list, int n, struct kevent *events, int room,
                const struct timespec *timeout, int *error)
{
    struct epoll_event ready_ones[BATCH];
    int told;

    m_lock();
    told = changes(f->fd, list, n, events, room, error);
    m_unlock();
    if (*error || told || room == 0)
        return told;
    for (int got = 1; got > 0 && told == 0;) { /* what proves to be no news does not end the wait */
        got = epoll_wait(f->fd, ready_ones, room < BATCH ? room : BATCH, wait_ms(timeout));
        if (got < 0)
            *error = errno;
        m_lock();
        for (int i = 0; i < got; i++)
            if (is_there(ready_ones[i].data.ptr))
                told += deliver(ready_ones[i].data.ptr, &events[told]);
        m_unlock();
    }
    return told;
}
