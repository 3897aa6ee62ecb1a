/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making veth pairs.  The kernel takes an alias, our ownership mark, only for an interface that exists: so a pair is
 * made under temporary names, then marked, and gets its names last.  Nobody ever sees a feth without a mark, whenever
 * this program is killed.
 */
#include "linux/veth.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/veth.h>

#include "core/fail.h"
#include "linux/settings.h"

void feth_stub_name(const char *name, char stub[FETH_NAME_SIZE])
{
    (void)snprintf(stub, FETH_NAME_SIZE, FETH_STUB_PREFIX "%d", feth_unit_of_name(name, NULL));
}

static void name_temporarily(struct feth_os_ctl *ctl, char name[FETH_NAME_SIZE])
{
    (void)snprintf(name, FETH_NAME_SIZE, "fnew%x.%x", (unsigned)getpid(), ctl->temporary++ & 0xfff);
}

static void put_end(struct nlmsghdr *nlh, const struct feth_veth_end *end)
{
    mnl_attr_put_strz(nlh, IFLA_IFNAME, end->temporary);
    if (end->spec) {
        mnl_attr_put_u32(nlh, IFLA_MTU, end->spec->mtu);
        mnl_attr_put(nlh, IFLA_ADDRESS, FETH_MAC_SIZE, end->spec->mac);
    }
}

/* Mark an end and make the kernel's own stack quiet there: no link-local address, no duplicate detection, no multicast
 * reports of IPv6 until it has an address. */
static int mark(struct feth_os_ctl *ctl, const struct feth_veth_end *end, const char *alias, bool ipv6,
                struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, 0);

    mnl_attr_put_strz(nlh, IFLA_IFNAME, end->temporary);
    mnl_attr_put_str(nlh, IFLA_IFALIAS, alias);
    struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
    if (ipv6) {
        struct nlattr *inet6 = mnl_attr_nest_start(nlh, AF_INET6);
        mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        mnl_attr_nest_end(nlh, inet6);
    }
    if (end->io_side) {
        /* A host that forwards would take frames for the stack behind the I/O side and route them back to it. */
        struct nlattr *inet = mnl_attr_nest_start(nlh, AF_INET);
        struct nlattr *conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);
        mnl_attr_put_u32(nlh, IPV4_DEVCONF_FORWARDING, 0);
        mnl_attr_nest_end(nlh, conf);
        mnl_attr_nest_end(nlh, inet);
    }
    mnl_attr_nest_end(nlh, spec);
    return feth_nl_do(ctl, nlh, answer);
}

/* Addresses of IPv6 go when an interface is taken down, unless it is told to keep them; macOS and IPv4 keep them. */
static int keep_addrs(const struct feth_veth_end *end, const char *op, struct feth_error *err)
{
    if (!end->spec || !feth_conf6_there(end->temporary))
        return 0;
    int ret = feth_conf6_write(end->temporary, "keep_addr_on_down", 1, op, err);
    return ret == FETH_ENOSUP ? 0 : ret; /* an older kernel, or a read-only /proc: a comfort less */
}

int feth_veth_make(struct feth_os_ctl *ctl, struct feth_veth_end *a, struct feth_veth_end *b, const char *op,
                   struct feth_error *err)
{
    struct feth_veth_end *ends[2] = {a, b};
    const char *alias = a->spec ? a->spec->mark : b->spec->mark;
    struct feth_nl_request request;
    struct feth_nl_answer answer;

    name_temporarily(ctl, a->temporary);
    name_temporarily(ctl, b->temporary);
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    put_end(nlh, a);
    struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_str(nlh, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
    (void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
    put_end(nlh, b);
    mnl_attr_nest_end(nlh, peer);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    if (feth_nl_do(ctl, nlh, &answer) < 0)
        return feth_nl_fail(&answer, op, a->spec ? a->spec->name : b->spec->name, err);

    int ret = 0;
    for (int i = 0; i < 2 && ret == 0; i++) {
        bool ipv6 = feth_conf6_there(ends[i]->temporary);
        if (mark(ctl, ends[i], ends[i]->spec ? ends[i]->spec->mark : alias, ipv6, &answer) < 0)
            ret = feth_nl_fail(&answer, op, ends[i]->spec ? ends[i]->spec->name : NULL, err);
        else
            ret = keep_addrs(ends[i], op, err);
    }
    if (ret < 0) {
        struct feth_error undo;
        if (feth_veth_delete(ctl, a->temporary, op, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    }
    return ret;
}

int feth_veth_name(struct feth_os_ctl *ctl, const char *temporary, const char *name, const char *op,
                   struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct ifinfomsg *info;

    /* by index: IFLA_IFNAME is the new name here */
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, 0);
    info = mnl_nlmsg_get_payload(nlh);
    info->ifi_index = (int)if_nametoindex(temporary);
    if (info->ifi_index == 0) {
        answer = (struct feth_nl_answer){.error = ENODEV};
        return feth_nl_fail(&answer, op, name, err);
    }
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return feth_nl_do(ctl, nlh, &answer) == 0 ? 0 : feth_nl_fail(&answer, op, name, err);
}

int feth_veth_delete(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_DELLINK, 0, 0);

    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return feth_nl_do(ctl, nlh, &answer) == 0 ? 0 : feth_nl_fail(&answer, op, name, err);
}
