/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "core/fail.h"

/* One message may carry a list of many interfaces' attributes; libmnl's own advice is 8 KiB or a page, while a
 * link with all its statistics and af-specific settings exceeds 1.5 KiB. */
#define READ_SIZE 32768

/* Ask for the current state: it arrives like an event. */
static int request(struct feth_linkwatch *watch)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
    } ask = {
        .head = {.nlmsg_len = sizeof(ask),
                 .nlmsg_type = RTM_GETLINK,
                 .nlmsg_flags = NLM_F_REQUEST,
                 .nlmsg_seq = ++watch->seq},
        .info = {.ifi_family = AF_UNSPEC, .ifi_index = (int)watch->ifindex},
    };
    return send(watch->fd, &ask, sizeof(ask), 0) < 0 ? -1 : 0;
}

static void set_gone(struct feth_link *link)
{
    link->up = link->carrier = false;
    link->gone = true;
}

static int learn_attr(const struct nlattr *attr, void *arg)
{
    struct feth_link *link = arg;

    if (mnl_attr_get_type(attr) == IFLA_MTU && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
        link->mtu = mnl_attr_get_u32(attr);
    if (mnl_attr_get_type(attr) == IFLA_ADDRESS && mnl_attr_get_payload_len(attr) == sizeof(link->mac))
        memcpy(link->mac, mnl_attr_get_payload(attr), sizeof(link->mac));
    return MNL_CB_OK;
}

static void learn(const struct feth_linkwatch *watch, const struct nlmsghdr *nlh, struct feth_link *link)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);

    if (nlh->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
        if (nlh->nlmsg_seq == watch->seq && (e->error == -ENODEV || e->error == -ENXIO))
            set_gone(link);
        return;
    }
    /* A bridge port's news come as AF_BRIDGE messages, and say nothing of the interface itself. */
    if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) || info->ifi_family != AF_UNSPEC ||
        info->ifi_index != (int)watch->ifindex)
        return;
    if (nlh->nlmsg_type == RTM_DELLINK) { /* destroyed, or moved to another namespace */
        set_gone(link);
        return;
    }
    link->up = (info->ifi_flags & IFF_UP) != 0;
    link->carrier = link->up && (info->ifi_flags & IFF_LOWER_UP) != 0;
    (void)mnl_attr_parse(nlh, sizeof(*info), learn_attr, link);
}

void feth_linkwatch_read(struct feth_linkwatch *watch, struct feth_link *link)
{
    _Alignas(struct nlmsghdr) char buf[READ_SIZE];

    while (!link->gone) {
        ssize_t got = recv(watch->fd, buf, sizeof(buf), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == ENOBUFS) {
            /* so many events that some were lost (netlink(7)): the present state makes up for them */
            if (request(watch) < 0)
                return;
            continue;
        }
        if (got <= 0)
            return;
        int left = (int)got;
        for (const struct nlmsghdr *nlh = (const void *)buf; mnl_nlmsg_ok(nlh, left) && !link->gone;
             nlh = mnl_nlmsg_next(nlh, &left))
            learn(watch, nlh, link);
    }
}

int feth_linkwatch_open(struct feth_linkwatch *watch, unsigned ifindex, const char *ifname,
                        struct feth_link *link, struct feth_error *err)
{
    struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

    watch->ifindex = ifindex;
    watch->seq = 0;
    watch->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch->fd < 0)
        return feth_fail(err, FETH_ESYS, errno, "watch", ifname, "no rtnetlink socket");
    if (bind(watch->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || request(watch) < 0) {
        int ret = feth_fail(err, FETH_ESYS, errno, "watch", ifname, "rtnetlink refuses");
        close(watch->fd);
        return ret;
    }
    /* The kernel answers within send(); the answer is there. */
    feth_linkwatch_read(watch, link);
    if (link->gone || link->mtu == 0) {
        close(watch->fd);
        return feth_fail(err, FETH_ENOIF, ENODEV, "watch", ifname, NULL);
    }
    return 0;
}

void feth_linkwatch_close(struct feth_linkwatch *watch)
{
    close(watch->fd);
}
