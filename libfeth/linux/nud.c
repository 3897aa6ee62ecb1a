/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux has no switch for neighbour unreachability detection.  But a neighbour in use that nobody confirms is in the
 * state DELAY before it is probed (RFC 4861, 7.3.2 and 7.3.3), and packets go to it meanwhile: off is a delay of days.
 * (A long reachable time would not do: who speaks first to us is put into the state STALE, and so probed once.)
 */
#include "linux/nud.h"

#include <errno.h>
#include <net/if.h>

#include <linux/neighbour.h>

#include "core/fail.h"

#define TABLE        "ndisc_cache"
#define DELAY_MS_ON  5000                         /* RFC 4861, 10: DELAY_FIRST_PROBE_TIME */
#define DELAY_MS_OFF ((uint64_t)1 << 30)          /* 12 days; the kernel holds it in an int of jiffies */
#define DELAY_MS_DAY ((uint64_t)24 * 3600 * 1000) /* from there on it is meant to be off */

static const char op[] = "set neighbour unreachability detection";

int feth_os_set_nud(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    struct feth_nl_request request;
    struct feth_nl_answer answer;
    unsigned ifindex = if_nametoindex(name);
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_SETNEIGHTBL, 0);
    struct ndtmsg *table = mnl_nlmsg_put_extra_header(nlh, sizeof(*table));

    if (ifindex == 0) /* the kernel would take it for the default of all interfaces */
        return feth_fail(err, FETH_ENOIF, ENODEV, op, name, NULL);
    table->ndtm_family = AF_INET6;
    mnl_attr_put_strz(nlh, NDTA_NAME, TABLE);
    struct nlattr *parms = mnl_attr_nest_start(nlh, NDTA_PARMS);
    mnl_attr_put_u32(nlh, NDTPA_IFINDEX, ifindex);
    mnl_attr_put_u64(nlh, NDTPA_DELAY_PROBE_TIME, on ? DELAY_MS_ON : DELAY_MS_OFF);
    mnl_attr_nest_end(nlh, parms);
    if (feth_nl_do(ctl, nlh, &answer) == 0)
        return 0;
    if (answer.error == ENOENT)
        return feth_fail(err, FETH_ENOSUP, ENOENT, op, name, "the interface has no IPv6");
    return feth_nl_fail(&answer, op, name, err);
}

struct parms {
    uint32_t ifindex;
    uint64_t delay_ms;
};

static int read_parm(const struct nlattr *attr, void *arg)
{
    struct parms *parms = arg;

    if (mnl_attr_get_type(attr) == NDTPA_IFINDEX)
        parms->ifindex = mnl_attr_get_u32(attr);
    if (mnl_attr_get_type(attr) == NDTPA_DELAY_PROBE_TIME)
        parms->delay_ms = mnl_attr_get_u64(attr);
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
    struct parms parms = {0};

    if (nlh->nlmsg_type != RTM_NEWNEIGHTBL)
        return MNL_CB_OK;
    (void)mnl_attr_parse(nlh, sizeof(struct ndtmsg), read_parms, &parms);
    struct feth_iface *iface = parms.ifindex ? feth_ifaces_by_index(arg, (int)parms.ifindex) : NULL;
    if (iface)
        iface->os.status.nud = parms.delay_ms < DELAY_MS_DAY;
    return MNL_CB_OK;
}

static void begin(void *arg)
{
    (void)arg; /* each answer replaces what was there */
}

int feth_nud_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin(&request, RTM_GETNEIGHTBL, 0);
    struct ndtmsg *table = mnl_nlmsg_put_extra_header(nlh, sizeof(*table));

    table->ndtm_family = AF_INET6;
    return feth_nl_dump(ctl, nlh, begin, read_table, ifaces, answer);
}
