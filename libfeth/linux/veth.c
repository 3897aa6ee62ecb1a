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

#include <linux/if_link.h>
#include <linux/veth.h>

#include "core/fail.h"
#include "linux/conf.h"
#include "linux/quiet.h"

/* Temporary names that are passed over where somebody has them, such as a process that was killed. */
#define NAME_TRIES 64

void feth_stub_name(const char *name, char stub[FETH_NAME_SIZE])
{
    (void)snprintf(stub, FETH_NAME_SIZE, FETH_STUB_PREFIX "%d", feth_unit_of_name(name, NULL));
}

/* No two sockets of a network namespace have the same port, so no two handles get the same names. */
static void name_temporarily(struct feth_os_ctl *ctl, char name[FETH_NAME_SIZE])
{
    (void)snprintf(name, FETH_NAME_SIZE, FETH_TEMPORARY_PREFIX "%08x%03x", mnl_socket_get_portid(ctl->socket),
                   ctl->temporary++ & 0xfff);
}

static void put_end(struct nlmsghdr *nlh, const struct feth_veth_end *end, const char *name)
{
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    if (end->spec) {
        mnl_attr_put_u32(nlh, IFLA_MTU, end->spec->mtu);
        mnl_attr_put(nlh, IFLA_ADDRESS, FETH_MAC_SIZE, end->spec->mac);
    }
}

static int make(struct feth_os_ctl *ctl, const struct feth_veth_end *a, const char *a_name,
                const struct feth_veth_end *b, const char *b_name, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);

    put_end(nlh, a, a_name);
    struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
    mnl_attr_put_str(nlh, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
    (void)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
    put_end(nlh, b, b_name);
    mnl_attr_nest_end(nlh, peer);
    mnl_attr_nest_end(nlh, data);
    mnl_attr_nest_end(nlh, info);
    return feth_nl_do(ctl, nlh, answer);
}

/* Mark an end, and give it its settings. */
static int furnish(struct feth_os_ctl *ctl, const struct feth_veth_end *end, const char *name,
                   const struct feth_os_spec *spec, const char *op, struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, end->ifindex);

    mnl_attr_put_str(nlh, IFLA_IFALIAS, spec->mark);
    if (end->like)
        feth_quiet_put_like(nlh, end->like);
    else
        feth_quiet_put(nlh, end->io_side, feth_conf6_there(name));
    int ret = feth_nl_try(ctl, nlh, op, spec->name, err);
    if (ret == 0 && end->like)
        ret = feth_quiet_write_like(name, end->like, op, err);
    else if (ret == 0 && end->spec)
        feth_quiet_write(name, end->io_side);
    return ret;
}

int feth_veth_make(struct feth_os_ctl *ctl, struct feth_veth_end *a, struct feth_veth_end *b, const char *op,
                   struct feth_error *err)
{
    char a_name[FETH_NAME_SIZE], b_name[FETH_NAME_SIZE];
    struct feth_nl_answer answer = {.error = EEXIST};
    /* a stub carries the mark of the one that it belongs to */
    const struct feth_os_spec *a_spec = a->spec ? a->spec : b->spec, *b_spec = b->spec ? b->spec : a->spec;

    for (int tries = 0; tries < NAME_TRIES && answer.error == EEXIST; tries++) {
        name_temporarily(ctl, a_name);
        name_temporarily(ctl, b_name);
        if (make(ctl, a, a_name, b, b_name, &answer) == 0)
            break;
    }
    if (answer.error)
        return feth_nl_fail(&answer, op, a_spec->name, err);

    a->ifindex = (int)if_nametoindex(a_name);
    b->ifindex = (int)if_nametoindex(b_name);
    int ret = 0;
    if (a->ifindex == 0 || b->ifindex == 0)
        ret = feth_fail(err, FETH_ENOIF, errno, op, a_spec->name, "somebody removed it while it was made");
    if (ret == 0)
        ret = furnish(ctl, a, a_name, a_spec, op, err);
    if (ret == 0)
        ret = furnish(ctl, b, b_name, b_spec, op, err);
    if (ret < 0) {
        struct feth_error undo;
        if (feth_veth_delete(ctl, a->ifindex ? a->ifindex : b->ifindex, op, a_name, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
        a->ifindex = b->ifindex = 0;
    }
    return ret;
}

int feth_veth_rename(struct feth_os_ctl *ctl, int ifindex, const char *name, const char *op,
                     struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, ifindex);

    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return feth_nl_try(ctl, nlh, op, name, err);
}

int feth_veth_rename_aside(struct feth_os_ctl *ctl, int ifindex, char name[FETH_NAME_SIZE], const char *op,
                           const char *ifname, struct feth_error *err)
{
    struct feth_nl_answer answer = {.error = EEXIST};

    for (int tries = 0; tries < NAME_TRIES && answer.error == EEXIST; tries++) {
        struct feth_nl_request request;
        struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, ifindex);
        name_temporarily(ctl, name);
        mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
        if (feth_nl_do(ctl, nlh, &answer) == 0)
            return 0;
    }
    return feth_nl_fail(&answer, op, ifname, err);
}

int feth_veth_set_flags(struct feth_os_ctl *ctl, int ifindex, unsigned flags, unsigned mask, const char *op,
                        const char *ifname, struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, ifindex);
    struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);

    info->ifi_flags = flags;
    info->ifi_change = mask;
    return feth_nl_try(ctl, nlh, op, ifname, err);
}

int feth_veth_delete(struct feth_os_ctl *ctl, int ifindex, const char *op, const char *ifname,
                     struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_DELLINK, 0, ifindex);

    if (ifindex == 0 || feth_nl_do(ctl, nlh, &answer) == 0 || answer.error == ENODEV)
        return 0;
    return feth_nl_fail(&answer, op, ifname, err);
}
