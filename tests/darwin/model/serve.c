/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying frames between the host's TAP devices and this process's BPF devices, and hearing of what other processes
 * and the host's own tools do.  A thread of the model does it, from the first BPF device, NDRV socket or kernel event
 * socket on.  A TAP device has one reader: the first process that has a use for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fds.h"
#include "real.h"

#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define TAPS      64
#define FRAME_MAX 65600
#define TICK_MS   100 /* until a device that another process serves is tried again */
#define BURST     64  /* frames taken from one device in one turn */

enum { MAILBOX = 1, HOST_NEWS = 2 }; /* what epoll tells; above: an interface's id + FIRST_ID */
#define FIRST_ID 16

struct tap {
    uint64_t ifid; /* 0: free */
    int fd;
};

static struct tap taps[TAPS];
static int epoll = -1, mailbox = -1, host_news = -1;
static atomic_bool incomplete; /* a device is still another process's */
static pid_t started;          /* the process that has the thread: a child of it has none */

static struct tap *tap_of(uint64_t ifid)
{
    for (unsigned i = 0; i < TAPS; i++)
        if (taps[i].ifid == ifid)
            return &taps[i];
    return NULL;
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

bool m_tap_write(const struct m_if *ifp, const uint8_t *frame, size_t len)
{
    const struct m_if *peer = m_if_peer(ifp);
    const struct tap *tap;

    if (!m_tap_mode())
        return false;
    /* the host's stack does not listen on the I/O side: what has no address beside a peer that has one */
    if (ifp->n_addrs == 0 && peer && peer->n_addrs)
        return true;
    tap = tap_of(ifp->id);
    if (tap) {
        ssize_t n = m_vnet_write(tap->fd, ifp, frame, len);
        (void)n; /* down or gone: the frame is lost, as it would be */
    } else if (ifp->tap_server && ifp->tap_server != getpid()) {
        m_mail_frame(ifp->tap_server, M_MAIL_WRITE, ifp->id, 0, false, frame, len);
    }
    return true;
}

static void sync_devices(void);

static void take_frames(uint64_t ifid)
{
    static uint8_t frame[FRAME_MAX];
    const struct tap *tap = tap_of(ifid);
    struct m_if *ifp = m_if_id(ifid);

    for (int i = 0; tap && ifp && i < BURST; i++) {
        ssize_t n = m_vnet_read(tap->fd, ifp, frame, sizeof(frame));
        if (n > 0)
            m_transmit(ifp, frame, (size_t)n);
        else if (n < 0 && errno == EAGAIN)
            return;
        else if (n < 0 && errno != EINTR) { /* the device was deleted */
            m_host_reconcile();
            sync_devices();
            return;
        }
    }
}

/* ---- devices ------------------------------------------------------------------------------------------------ */

static bool wanted(const struct m_if *ifp)
{
    const struct m_if *peer = m_if_peer(ifp);

    return m_bpf_listens(ifp->id) || m_ndrv_bound(ifp->name) ||
           (peer && (m_bpf_listens(peer->id) || m_ndrv_bound(peer->name)));
}

static bool attach(struct m_if *ifp)
{
    struct ifreq req = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    struct tap *tap = tap_of(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = ifp->id + FIRST_ID};

    if (!tap)
        m_panic("more than %d TAP devices", TAPS);
    int fd = __real_open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", ifp->name);
    if (fd < 0 || __real_ioctl(fd, TUNSETIFF, &req) < 0 || m_vnet_open(fd, ifp) < 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        if (fd >= 0)
            __real_close(fd);
        return false;
    }
    *tap = (struct tap){.ifid = ifp->id, .fd = fd};
    ifp->tap_server = getpid();
    m_tap_settle(ifp);
    return true;
}

static void detach(struct tap *tap)
{
    struct m_if *ifp = m_if_id(tap->ifid);

    __real_close(tap->fd);
    tap->ifid = 0;
    if (ifp && ifp->tap_server == getpid())
        ifp->tap_server = 0;
}

static void sync_devices(void)
{
    incomplete = false;
    for (unsigned i = 0; i < TAPS; i++) {
        const struct m_if *ifp = taps[i].ifid ? m_if_id(taps[i].ifid) : NULL;
        if (taps[i].ifid && (!ifp || !wanted(ifp)))
            detach(&taps[i]);
    }
    for (unsigned i = 0; i < M_IFS; i++) {
        struct m_if *ifp = &K->ifs[i];
        if (ifp->used && ifp->feth && wanted(ifp) && !tap_of(ifp->id) && !attach(ifp))
            incomplete = true;
    }
}

/* ---- the thread --------------------------------------------------------------------------------------------- */

static int open_host_news(void)
{
    struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    int fd = __real_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (fd >= 0 && __real_bind(fd, (const void *)&addr, sizeof(addr)) == 0)
        return fd;
    if (fd >= 0)
        __real_close(fd);
    return -1;
}

static void read_host_news(void)
{
    char buf[8192];
    ssize_t n;

    /* what there is to know is asked for afresh: messages may be late, or lost */
    do {
        n = __real_read(host_news, buf, sizeof(buf));
    } while (n > 0 || (n < 0 && errno == ENOBUFS));
    m_host_reconcile();
}

static void handle(uint64_t what)
{
    m_lock();
    if (what == MAILBOX)
        m_mail_read(mailbox);
    else if (what == HOST_NEWS)
        read_host_news();
    else
        take_frames(what - FIRST_ID);
    m_unlock();
}

static void *serve(void *arg)
{
    struct epoll_event events[16];

    (void)arg;
    for (;;) {
        int n = epoll_wait(epoll, events, 16, TICK_MS);
        for (int i = 0; i < n; i++)
            handle(events[i].data.u64);
        if (incomplete) {
            m_lock();
            sync_devices();
            m_unlock();
        }
    }
    return NULL;
}

static void watch(int fd, uint64_t what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = what};

    if (fd >= 0)
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void start(void)
{
    sigset_t all, before;
    pthread_t thread;

    started = getpid();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    mailbox = m_mail_open();
    watch(mailbox, MAILBOX);
    if (m_tap_mode()) {
        host_news = open_host_news();
        watch(host_news, HOST_NEWS);
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's */
    if (epoll < 0 || pthread_create(&thread, NULL, serve, NULL) != 0)
        m_panic("no thread: %s", strerror(errno));
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void seen(struct m_fd *f, void *arg)
{
    (void)f;
    *(bool *)arg = true;
}

void m_tap_sync(void)
{
    bool needed = false;

    if (!m_tap_mode() && !m_shared())
        return;
    m_fds_each(M_BPF, seen, &needed);
    m_fds_each(M_NDRV, seen, &needed);
    m_fds_each(M_EVENT, seen, &needed);
    if (needed && started == 0)
        start();
    if (m_tap_mode() && started == getpid())
        sync_devices();
}
