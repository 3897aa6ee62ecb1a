/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, MTU, MAC, state, IPv6 settings: rtnetlink(7), and ip-sysctl where rtnetlink has no word for it. */
#include "linux/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include "core/fail.h"

bool feth_interface_exists(const char *name)
{
    return if_nametoindex(name) != 0;
}

void feth_os_mtu_range(unsigned *min, unsigned *max)
{
    *min = 68;    /* ETH_MIN_MTU */
    *max = 65535; /* ETH_MAX_MTU: drivers/net/veth.c */
}

/* ---- link --------------------------------------------------------------------------------------------------- */

static struct nlmsghdr *begin_named(struct feth_nl_request *request, uint16_t type, const char *name)
{
    struct nlmsghdr *nlh = feth_nl_begin_link(request, type, 0, 0);

    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return nlh;
}

int feth_os_set_mtu(struct feth_os_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = begin_named(&request, RTM_SETLINK, name);

    mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
    return feth_nl_do(ctl, nlh, &answer) == 0 ? 0 : feth_nl_fail(&answer, "set MTU", name, err);
}

int feth_os_set_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                    struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = begin_named(&request, RTM_SETLINK, name);

    mnl_attr_put(nlh, IFLA_ADDRESS, FETH_MAC_SIZE, mac);
    return feth_nl_do(ctl, nlh, &answer) == 0 ? 0 : feth_nl_fail(&answer, "set MAC address", name, err);
}

int feth_os_set_up(struct feth_os_ctl *ctl, const char *name, bool up, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = begin_named(&request, RTM_SETLINK, name);
    struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);

    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return feth_nl_do(ctl, nlh, &answer) == 0
               ? 0
               : feth_nl_fail(&answer, up ? "bring up" : "take down", name, err);
}

/* ---- addresses ---------------------------------------------------------------------------------------------- */

static int change_addr(struct feth_os_ctl *ctl, uint16_t type, uint16_t flags, const char *name,
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

int feth_os_add_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct feth_nl_answer answer;

    /* As on macOS, an interface gets its link-local address with its first IPv6 address, not before: until then the
     * kernel says nothing on the cable.  Written here it takes effect at once on an interface that is up. */
    if (addr->family == AF_INET6 && feth_conf6_there(name)) {
        int ret = feth_conf6_write(name, "addr_gen_mode", IN6_ADDR_GEN_MODE_EUI64, "add address", err);
        if (ret < 0)
            return ret;
    }
    if (change_addr(ctl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, name, addr, &answer) == 0 ||
        answer.error == EEXIST)
        return 0;
    return feth_nl_fail(&answer, "add address", name, err);
}

int feth_os_del_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct feth_nl_answer answer;
    char text[FETH_ADDR_TEXT_SIZE];

    if (change_addr(ctl, RTM_DELADDR, 0, name, addr, &answer) == 0)
        return 0;
    if (answer.error == EADDRNOTAVAIL)
        return feth_fail(err, FETH_ENOADDR, answer.error, "remove address", name, "it has no address %s",
                         feth_addr_format(addr, text));
    return feth_nl_fail(&answer, "remove address", name, err);
}

/* ---- IPv6 settings ------------------------------------------------------------------------------------------ */

static void conf6_path(char *path, size_t size, const char *name, const char *key)
{
    (void)snprintf(path, size, "/proc/sys/net/ipv6/conf/%s/%s", name, key);
}

bool feth_conf6_there(const char *name)
{
    char path[128];

    conf6_path(path, sizeof(path), name, "");
    return access(path, F_OK) == 0;
}

int feth_conf6_write(const char *name, const char *key, int value, const char *op, struct feth_error *err)
{
    char path[128], text[16];

    conf6_path(path, sizeof(path), name, key);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int len = snprintf(text, sizeof(text), "%d", value);
    bool ok = fd >= 0 && write(fd, text, (size_t)len) == len;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (ok)
        return 0;
    switch (why) {
    case ENOENT:
        return feth_fail(err, FETH_ENOSUP, why, op, name, "the kernel has no IPv6 setting %s", key);
    case EROFS:
        return feth_fail(err, FETH_ENOSUP, why, op, name,
                         "/proc/sys is read-only here, as in many containers");
    case EACCES:
    case EPERM:
        return feth_fail(err, FETH_EPERM, why, op, name, "only root may write %s", path);
    default:
        return feth_fail(err, FETH_ESYS, why, op, name, "cannot write %s", path);
    }
}

int feth_os_set_accept_ra(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    (void)ctl;
    return feth_conf6_write(name, "accept_ra", on, "set router advertisements", err);
}

/*
 * Linux has no switch for neighbour unreachability detection.  A neighbour is probed once it has not been confirmed
 * for the reachable time (RFC 4861, 7.3): off is a time of weeks, the longest that the kernel holds.
 */
#define REACHABLE_MS_ON   30000 /* RFC 4861, 10: REACHABLE_TIME */
#define REACHABLE_MS_OFF  ((uint64_t)INT_MAX / 2)
#define REACHABLE_MS_WEEK ((uint64_t)7 * 24 * 3600 * 1000)
#define NEIGHBOUR_TABLE   "ndisc_cache"

int feth_os_set_nud(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_SETNEIGHTBL, 0);
    struct ndtmsg *table = mnl_nlmsg_put_extra_header(nlh, sizeof(*table));

    table->ndtm_family = AF_INET6;
    mnl_attr_put_strz(nlh, NDTA_NAME, NEIGHBOUR_TABLE);
    struct nlattr *nest = mnl_attr_nest_start(nlh, NDTA_PARMS);
    mnl_attr_put_u32(nlh, NDTPA_IFINDEX, if_nametoindex(name));
    mnl_attr_put_u64(nlh, NDTPA_BASE_REACHABLE_TIME, on ? REACHABLE_MS_ON : REACHABLE_MS_OFF);
    mnl_attr_nest_end(nlh, nest);
    if (feth_nl_do(ctl, nlh, &answer) == 0)
        return 0;
    if (answer.error == ENOENT)
        return feth_fail(err, FETH_ENOSUP, ENOENT, "set neighbour unreachability detection", name,
                         "the interface has no IPv6");
    return feth_nl_fail(&answer, "set neighbour unreachability detection", name, err);
}

struct nud_parms {
    uint32_t ifindex;
    uint64_t reachable_ms;
};

static int read_parm(const struct nlattr *attr, void *arg)
{
    struct nud_parms *parms = arg;

    if (mnl_attr_get_type(attr) == NDTPA_IFINDEX)
        parms->ifindex = mnl_attr_get_u32(attr);
    if (mnl_attr_get_type(attr) == NDTPA_BASE_REACHABLE_TIME)
        parms->reachable_ms = mnl_attr_get_u64(attr);
    return MNL_CB_OK;
}

static int read_parms(const struct nlattr *attr, void *arg)
{
    if (mnl_attr_get_type(attr) == NDTA_PARMS)
        (void)mnl_attr_parse_nested(attr, read_parm, arg);
    return MNL_CB_OK;
}

static int read_table(const struct nlmsghdr *nlh, void *arg)
{
    struct nud_parms parms = {0};

    if (nlh->nlmsg_type != RTM_NEWNEIGHTBL)
        return MNL_CB_OK;
    (void)mnl_attr_parse(nlh, sizeof(struct ndtmsg), read_parms, &parms);
    struct feth_iface *iface = parms.ifindex ? feth_ifaces_by_index(arg, (int)parms.ifindex) : NULL;
    if (iface)
        iface->os.status.nud = parms.reachable_ms < REACHABLE_MS_WEEK;
    return MNL_CB_OK;
}

static void forget_nud(void *arg)
{
    (void)arg; /* each answer replaces what was there */
}

int feth_nud_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_GETNEIGHTBL, 0);
    struct ndtmsg *table = mnl_nlmsg_put_extra_header(nlh, sizeof(*table));

    table->ndtm_family = AF_INET6;
    return feth_nl_dump(ctl, nlh, forget_nud, read_table, ifaces, answer);
}
