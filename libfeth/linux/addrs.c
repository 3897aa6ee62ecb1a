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

/* Add one to an interface on which IPv6 is disabled, as on the I/O side of a pair. */
static int enable_and_add(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                          struct feth_error *err)
{
    struct feth_nl_answer answer;
    struct feth_error undo;

    int ret = feth_quiet_disable6(name, false, "add address", err);
    if (ret < 0 || change(ctl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, name, addr, &answer) == 0)
        return ret;
    ret = feth_nl_fail(&answer, "add address", name, err);
    if (feth_quiet_disable6(name, true, "undo", &undo) < 0)
        feth_fail_incomplete(err, "%s", undo.text);
    return ret;
}

int feth_os_add_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct feth_nl_answer answer;
    char text[FETH_ADDR_TEXT_SIZE];
    bool was_disabled = false;
    int ret = 0;

    if (change(ctl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, name, addr, &answer) < 0) {
        was_disabled = answer.error == EACCES && addr->family == AF_INET6;
        if (answer.error == EEXIST)
            return addr->family == AF_INET6 ? check_same_prefix(ctl, name, addr, err) : 0;
        if (answer.error == EADDRNOTAVAIL || answer.error == EINVAL)
            return feth_fail(err, FETH_EADDR, answer.error, "add address", name,
                             "the kernel does not take %s%s", feth_addr_format(addr, text),
                             addr->family == AF_INET6 ? " (IPv6 needs an MTU of 1280 or more: RFC 8200, 5)"
                                                      : "");
        if (!was_disabled)
            return feth_nl_fail(&answer, "add address", name, err);
        ret = enable_and_add(ctl, name, addr, err);
    }
    if (ret < 0)
        return ret;
    ret = feth_quiet_end(ctl, name, addr->family, err);
    if (ret < 0) {
        if (change(ctl, RTM_DELADDR, 0, name, addr, &answer) < 0 ||
            (was_disabled && feth_quiet_disable6(name, true, "undo", NULL) < 0))
            feth_fail_incomplete(err, "%s has the address %s", name, feth_addr_format(addr, text));
    }
    return ret;
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

void feth_addrs_free(struct feth_addrs *addrs)
{
    for (size_t i = 0; i < addrs->n; i++)
        free(addrs->list[i]);
    free(addrs->list);
    addrs->list = NULL;
    addrs->n = 0;
}

static void forget(void *arg)
{
    feth_addrs_free(arg);
}

static int keep(const struct nlmsghdr *nlh, void *arg)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
    struct feth_addrs *addrs = arg;

    if (nlh->nlmsg_type != RTM_NEWADDR || (int)info->ifa_index != addrs->ifindex ||
        (info->ifa_family == AF_INET6 && (info->ifa_flags & IFA_F_TEMPORARY)))
        return MNL_CB_OK;
    struct nlmsghdr **more = realloc(addrs->list, (addrs->n + 1) * sizeof(struct nlmsghdr *));
    if (!more)
        return MNL_CB_ERROR;
    addrs->list = more;
    more[addrs->n] = malloc(nlh->nlmsg_len);
    if (!more[addrs->n])
        return MNL_CB_ERROR;
    memcpy(more[addrs->n++], nlh, nlh->nlmsg_len);
    return MNL_CB_OK;
}

int feth_addrs_read(struct feth_os_ctl *ctl, struct feth_addrs *addrs, int ifindex, const char *op,
                    const char *ifname, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_GETADDR, 0);

    *addrs = (struct feth_addrs){.ifindex = ifindex};
    (void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
    if (feth_nl_dump(ctl, nlh, forget, keep, addrs, &answer) == 0)
        return 0;
    feth_addrs_free(addrs);
    return feth_nl_fail(&answer, op, ifname, err);
}

static int put_attr(const struct nlattr *attr, void *arg)
{
    /* what somebody set; the state is the kernel's */
    static const uint16_t set[] = {IFA_ADDRESS, IFA_LOCAL,       IFA_BROADCAST,
                                   IFA_LABEL,   IFA_RT_PRIORITY, IFA_CACHEINFO};
    enum { LASTING = IFA_F_NOPREFIXROUTE | IFA_F_MANAGETEMPADDR | IFA_F_HOMEADDRESS | IFA_F_MCAUTOJOIN };
    struct nlmsghdr *nlh = arg;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);
    uint32_t extra = info->ifa_family == AF_INET6 ? IFA_F_NODAD : 0;
    /* an address is found again by the first two; a label that has become another would hide it */
    size_t n = nlh->nlmsg_type == RTM_DELADDR ? 2 : sizeof(set) / sizeof(set[0]);

    for (size_t i = 0; i < n; i++)
        if (mnl_attr_get_type(attr) == set[i])
            mnl_attr_put(nlh, set[i], mnl_attr_get_payload_len(attr), mnl_attr_get_payload(attr));
    if (mnl_attr_get_type(attr) == IFA_FLAGS)
        mnl_attr_put_u32(nlh, IFA_FLAGS, (mnl_attr_get_u32(attr) & LASTING) | extra);
    return MNL_CB_OK;
}

static struct nlmsghdr *begin_like(struct feth_nl_request *request, uint16_t type, uint16_t flags,
                                   const struct nlmsghdr *like, int ifindex)
{
    const struct ifaddrmsg *was = mnl_nlmsg_get_payload(like);
    struct nlmsghdr *nlh = feth_nl_begin(request, type, flags);
    struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));

    info->ifa_family = was->ifa_family;
    info->ifa_prefixlen = was->ifa_prefixlen;
    info->ifa_scope = was->ifa_scope;
    info->ifa_index = (unsigned)ifindex;
    (void)mnl_attr_parse(like, sizeof(*was), put_attr, nlh);
    return nlh;
}

static int family_of(const struct nlmsghdr *nlh)
{
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(nlh);

    return info->ifa_family;
}

int feth_addrs_add(struct feth_os_ctl *ctl, const struct feth_addrs *addrs, int family, int ifindex,
                   const char *op, const char *ifname, struct feth_error *err)
{
    struct feth_nl_request request;
    int ret = 0;

    for (size_t i = 0; ret == 0 && i < addrs->n; i++) {
        /* the kernel puts a new IPv4 address behind the others of its network, a new IPv6 address before them */
        const struct nlmsghdr *like = addrs->list[family == AF_INET ? i : addrs->n - 1 - i];
        if (family_of(like) == family)
            ret =
                feth_nl_try(ctl, begin_like(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, like, ifindex),
                            op, ifname, err);
    }
    return ret;
}

int feth_addrs_renew(struct feth_os_ctl *ctl, const struct feth_addrs *addrs, int family, const char *op,
                     const char *ifname, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;

    for (size_t i = 0; i < addrs->n; i++) {
        if (family_of(addrs->list[i]) != family)
            continue;
        /* the first of a network may take the others along */
        if (feth_nl_do(ctl, begin_like(&request, RTM_DELADDR, 0, addrs->list[i], addrs->ifindex), &answer) <
                0 &&
            answer.error != EADDRNOTAVAIL)
            return feth_nl_fail(&answer, op, ifname, err);
    }
    return feth_addrs_add(ctl, addrs, family, addrs->ifindex, op, ifname, err);
}
