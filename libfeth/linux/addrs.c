/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/addrs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_addr.h>

#include "core/fail.h"
#include "linux/ifaces.h"
#include "linux/quiet.h"

/* ---- one ---------------------------------------------------------------------------------------------------- */

static int change(struct feth_os_ctl *ctl, uint16_t type, uint16_t flags, const char *name,
                  const struct feth_addr *addr, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    size_t size = addr->family == AF_INET ? 4 : 16;
    struct nlmsghdr *nlh = feth_nl_begin(&request, type, flags);
    struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));

    info->ifa_family = (uint8_t)addr->family;
    info->ifa_prefixlen = (uint8_t)addr->prefix;
    info->ifa_index = if_nametoindex(name);
    if (info->ifa_index == 0) {
        *answer = (struct feth_nl_answer){.error = ENODEV};
        return -1;
    }
    mnl_attr_put(nlh, IFA_LOCAL, size, addr->bytes);
    mnl_attr_put(nlh, IFA_ADDRESS, size, addr->bytes);
    if (type == RTM_NEWADDR && addr->family == AF_INET && addr->prefix < 31) {
        /* the kernel adds none by itself; RFC 3021: a /31 has none */
        uint32_t ip;
        memcpy(&ip, addr->bytes, sizeof(ip));
        mnl_attr_put_u32(nlh, IFA_BROADCAST, ip | htonl(UINT32_MAX >> addr->prefix));
    }
    /* Both ends of the cable are ours: nobody can have the address, and looking for a duplicate would hold up the
     * first connection for a second. */
    if (type == RTM_NEWADDR && addr->family == AF_INET6)
        mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
    return feth_nl_do(ctl, nlh, answer);
}

/* Linux holds an IPv6 address once, and compares without the prefix length. */
static int check_same_prefix(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                             struct feth_error *err)
{
    struct feth_ifaces ifaces;

    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    const struct feth_iface *iface = feth_ifaces_by_name(&ifaces, name);
    for (size_t i = 0; ret == 0 && iface && i < iface->os.status.n_addrs; i++) {
        const struct feth_addr *a = &iface->os.status.addrs[i];
        if (a->family == addr->family && memcmp(a->bytes, addr->bytes, sizeof(a->bytes)) == 0 &&
            a->prefix != addr->prefix)
            ret =
                feth_fail(err, FETH_EADDR, EEXIST, "add address", name,
                          "it has this address with the prefix length %u: remove that one first", a->prefix);
    }
    feth_ifaces_free(&ifaces);
    return ret;
}

int feth_os_add_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct feth_nl_answer answer;

    int ret = feth_quiet_end(ctl, name, addr->family, err);
    if (ret < 0)
        return ret;
    if (change(ctl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, name, addr, &answer) == 0)
        return 0;
    switch (answer.error) {
    case EEXIST:
        return addr->family == AF_INET6 ? check_same_prefix(ctl, name, addr, err) : 0;
    case EACCES:
        return feth_fail(err, FETH_ENOSUP, EACCES, "add address", name,
                         "IPv6 is disabled there (the sysctl disable_ipv6), and cannot be enabled");
    default:
        return feth_nl_fail(&answer, "add address", name, err);
    }
}

int feth_os_del_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct feth_nl_answer answer;
    char text[FETH_ADDR_TEXT_SIZE];

    if (change(ctl, RTM_DELADDR, 0, name, addr, &answer) == 0)
        return 0;
    if (answer.error == EADDRNOTAVAIL)
        return feth_fail(err, FETH_ENOADDR, answer.error, "remove address", name, "it has no address %s",
                         feth_addr_format(addr, text));
    return feth_nl_fail(&answer, "remove address", name, err);
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

/* The kernel's own messages about the addresses of one interface. */
struct copies {
    int ifindex;
    struct nlmsghdr **list;
    size_t n;
};

static void forget(void *arg)
{
    struct copies *c = arg;

    for (size_t i = 0; i < c->n; i++)
        free(c->list[i]);
    free(c->list);
    c->list = NULL;
    c->n = 0;
}

static int keep(const struct nlmsghdr *nlh, void *arg)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
    struct copies *c = arg;

    if (nlh->nlmsg_type != RTM_NEWADDR || (int)info->ifa_index != c->ifindex ||
        !(info->ifa_flags & IFA_F_PERMANENT))
        return MNL_CB_OK;
    struct nlmsghdr **more = realloc(c->list, (c->n + 1) * sizeof(struct nlmsghdr *));
    if (!more)
        return MNL_CB_ERROR;
    c->list = more;
    more[c->n] = malloc(nlh->nlmsg_len);
    if (!more[c->n])
        return MNL_CB_ERROR;
    memcpy(more[c->n++], nlh, nlh->nlmsg_len);
    return MNL_CB_OK;
}

static int put_attr(const struct nlattr *attr, void *arg)
{
    /* what somebody set; the rest (state, times, the interface's name as label) the kernel makes up again */
    static const uint16_t set[] = {IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_RT_PRIORITY};
    enum { LASTING = IFA_F_NOPREFIXROUTE | IFA_F_MANAGETEMPADDR | IFA_F_HOMEADDRESS | IFA_F_MCAUTOJOIN };
    struct nlmsghdr *nlh = arg;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
    uint32_t extra = info->ifa_family == AF_INET6 ? IFA_F_NODAD : 0;

    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
        if (mnl_attr_get_type(attr) == set[i])
            mnl_attr_put(nlh, set[i], mnl_attr_get_payload_len(attr), mnl_attr_get_payload(attr));
    if (mnl_attr_get_type(attr) == IFA_FLAGS)
        mnl_attr_put_u32(nlh, IFA_FLAGS, (mnl_attr_get_u32(attr) & LASTING) | extra);
    return MNL_CB_OK;
}

static int add_copy(struct feth_os_ctl *ctl, const struct nlmsghdr *copy, int to_ifindex, const char *op,
                    const char *ifname, struct feth_error *err)
{
    const struct ifaddrmsg *was = mnl_nlmsg_get_payload(copy);
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));

    info->ifa_family = was->ifa_family;
    info->ifa_prefixlen = was->ifa_prefixlen;
    info->ifa_scope = was->ifa_scope;
    info->ifa_index = (unsigned)to_ifindex;
    (void)mnl_attr_parse(copy, sizeof(*was), put_attr, nlh);
    return feth_nl_try(ctl, nlh, op, ifname, err);
}

int feth_addrs_copy(struct feth_os_ctl *ctl, int from_ifindex, int to_ifindex, const char *op,
                    const char *ifname, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct copies copies = {.ifindex = from_ifindex};
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_GETADDR, 0);
    int ret = 0;

    (void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
    if (feth_nl_dump(ctl, nlh, forget, keep, &copies, &answer) < 0)
        ret = feth_nl_fail(&answer, op, ifname, err);
    /* A new IPv4 address goes behind the others of its network, a new IPv6 address before them. */
    for (size_t i = 0; ret == 0 && i < copies.n; i++) {
        const struct ifaddrmsg *info = mnl_nlmsg_get_payload(copies.list[i]);
        if (info->ifa_family == AF_INET)
            ret = add_copy(ctl, copies.list[i], to_ifindex, op, ifname, err);
    }
    for (size_t i = copies.n; ret == 0 && i > 0; i--) {
        const struct ifaddrmsg *info = mnl_nlmsg_get_payload(copies.list[i - 1]);
        if (info->ifa_family == AF_INET6)
            ret = add_copy(ctl, copies.list[i - 1], to_ifindex, op, ifname, err);
    }
    forget(&copies);
    return ret;
}
