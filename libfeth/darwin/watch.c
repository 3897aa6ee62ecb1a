/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's events (a PF_SYSTEM socket: xnu bsd/kern/kern_event.c, bsd/net/net_kev.h) say when to look, requests what
 * there is to see.  An event can be lost, and one of the peer says something of us too: so it is not read what they are
 * about, and whoever watches looks once a second all the same.
 */
#include "darwin/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <feth/feth.h>

#include "core/fail.h"
#include "darwin/fake.h"

#define EVENTS_AT_ONCE 256 /* the next turn takes the rest */

static int open_events(void)
{
    struct xnu_kev_request filter = {.vendor_code = XNU_KEV_VENDOR_APPLE,
                                     .kev_class = XNU_KEV_NETWORK_CLASS,
                                     .kev_subclass = XNU_KEV_DL_SUBCLASS};

    int fd = feth_cloexec(socket(XNU_PF_SYSTEM, SOCK_RAW, XNU_SYSPROTO_EVENT));
    if (fd < 0)
        return -1;
    if (feth_ctl_ask(fd, XNU_SIOCSKEVFILT, &filter) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    close(fd);
    return -1;
}

void feth_ifwatch_gone(struct feth_link *link)
{
    link->up = link->carrier = false;
    link->gone = true;
}

static int ask(const struct feth_ifwatch *watch, unsigned long request, const char *name,
               struct xnu_ifreq *req)
{
    memset(req, 0, sizeof(*req));
    feth_ctl_name(req->ifr_name, name);
    return feth_ctl_ask(watch->ask.inet, request, req);
}

/* A cable carries where both its ends are up; what is no feth says so itself.  Where the kernel does not tell, it does:
 * a program that waits for the far end must not wait for ever. */
static bool has_carrier(struct feth_ifwatch *watch, int flags)
{
    char peer[FETH_NAME_SIZE];
    struct xnu_ifreq req;

    if (!(flags & XNU_IFF_UP))
        return false;
    if (!watch->is_feth)
        return (flags & XNU_IFF_RUNNING) != 0;
    if (feth_fake_get_peer(&watch->ask, watch->name, peer) != 0)
        return true;
    if (peer[0] == '\0')
        return false;
    int why = ask(watch, XNU_SIOCGIFFLAGS, peer, &req);
    return why ? why != ENXIO : (req.ifr_ifru.ifru_flags & XNU_IFF_UP) != 0;
}

bool feth_ifwatch_mtu(const struct feth_ifwatch *watch, unsigned *mtu)
{
    struct xnu_ifreq req;

    if (ask(watch, XNU_SIOCGIFMTU, watch->name, &req) != 0 || req.ifr_ifru.ifru_mtu <= 0)
        return false;
    *mtu = (unsigned)req.ifr_ifru.ifru_mtu;
    return true;
}

/* @return 0, or the errno */
static int look(struct feth_ifwatch *watch, struct feth_link *link)
{
    struct xnu_ifreq req;

    int why = ask(watch, XNU_SIOCGIFFLAGS, watch->name, &req);
    if (why)
        return why;
    link->up = (req.ifr_ifru.ifru_flags & XNU_IFF_UP) != 0;
    link->carrier = has_carrier(watch, req.ifr_ifru.ifru_flags);
    (void)feth_ifwatch_mtu(watch, &link->mtu);
    if (ask(watch, XNU_SIOCGIFLLADDR, watch->name, &req) == 0 &&
        req.ifr_ifru.ifru_addr.sa_len == sizeof(link->mac))
        memcpy(link->mac, req.ifr_ifru.ifru_addr.sa_data, sizeof(link->mac));
    return 0;
}

void feth_ifwatch_look(struct feth_ifwatch *watch, struct feth_link *link)
{
    int why = look(watch, link);

    if (why == ENXIO || why == ENODEV)
        feth_ifwatch_gone(link);
}

bool feth_ifwatch_news(const struct feth_ifwatch *watch)
{
    _Alignas(8) char event[1024]; /* what is longer is cut: nobody reads it */
    bool news = false;

    for (int i = 0; watch->events >= 0 && i < EVENTS_AT_ONCE; i++) {
        if (recv(watch->events, event, sizeof(event), 0) > 0)
            news = true;
        else if (errno != EINTR)
            break;
    }
    return news;
}

int feth_ifwatch_open(struct feth_ifwatch *watch, const char *ifname, struct feth_link *link,
                      struct feth_error *err)
{
    memset(watch, 0, sizeof(*watch));
    feth_ctl_name(watch->name, ifname);
    watch->is_feth = feth_unit_of_name(ifname, NULL) >= 0;
    watch->events = -1;
    watch->ask.inet6 = -1;
    watch->ask.inet = feth_cloexec(socket(AF_INET, SOCK_DGRAM, 0));
    if (watch->ask.inet < 0)
        return feth_ctl_fail(err, errno, "watch", ifname);
    watch->events = open_events(); /* without it news are late by a second */
    int why = look(watch, link);
    if (why == 0)
        return 0;
    feth_ifwatch_close(watch);
    return feth_ctl_fail(err, why, "watch", ifname);
}

void feth_ifwatch_close(struct feth_ifwatch *watch)
{
    if (watch->events >= 0)
        close(watch->events);
    if (watch->ask.inet >= 0)
        close(watch->ask.inet);
    watch->events = watch->ask.inet = -1;
}
