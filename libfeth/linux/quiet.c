/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/quiet.h"

#include <linux/if_link.h>
#include <linux/ip.h>

#include "linux/conf.h"

/* ip-sysctl, arp_ignore: "8 - do not reply for all local addresses" */
#define ARP_IGNORE_ALL 8

static void put_addr_gen_mode(struct nlmsghdr *nlh, uint8_t mode)
{
    struct nlattr *inet6 = mnl_attr_nest_start(nlh, AF_INET6);

    mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, mode);
    mnl_attr_nest_end(nlh, inet6);
}

void feth_quiet_put(struct nlmsghdr *nlh, bool io_side, bool ipv6)
{
    struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
    struct nlattr *inet = mnl_attr_nest_start(nlh, AF_INET);
    struct nlattr *conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);

    /* Removing an address shall not remove the others of its network, which is Linux's default. */
    mnl_attr_put_u32(nlh, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
    if (io_side) {
        /* A host that forwards would take frames for the stack behind the I/O side, and route them back to it. */
        mnl_attr_put_u32(nlh, IPV4_DEVCONF_FORWARDING, 0);
        /* Linux answers for all its addresses on every interface (RFC 1122, 3.3.4.2, weak model): the host's own
         * question whether somebody else has its address (RFC 5227) would be answered here, with yes. */
        mnl_attr_put_u32(nlh, IPV4_DEVCONF_ARP_IGNORE, ARP_IGNORE_ALL);
    }
    mnl_attr_nest_end(nlh, conf);
    mnl_attr_nest_end(nlh, inet);
    /* no link-local address, and no word of IPv6, before IPv6 is used: as on macOS */
    if (ipv6)
        put_addr_gen_mode(nlh, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(nlh, spec);
}

void feth_quiet_write(const char *name, bool io_side)
{
    if (!feth_conf6_there(name))
        return;
    /* IPv6 addresses would go when the interface is taken down; macOS and IPv4 keep them. */
    (void)feth_conf_write("ipv6", name, "keep_addr_on_down", 1, "create", NULL);
    /* Both ends of the cable are ours: looking for another with our link-local address only takes time. */
    (void)feth_conf_write("ipv6", name, "accept_dad", 0, "create", NULL);
    /* IPv6 forwarding has no switch for one interface, and a forwarding host reports its groups everywhere. */
    if (io_side)
        (void)feth_quiet_disable6(name, true, "create", NULL);
}

int feth_quiet_disable6(const char *name, bool disable, const char *op, struct feth_error *err)
{
    return feth_conf_write("ipv6", name, "disable_ipv6", disable, op, err);
}

static int end4(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    int arp_ignore, forwarding;

    if (!feth_conf_read("ipv4", name, "arp_ignore", &arp_ignore) || arp_ignore != ARP_IGNORE_ALL ||
        !feth_conf_read("ipv4", "default", "arp_ignore", &arp_ignore) ||
        !feth_conf_read("ipv4", "default", "forwarding", &forwarding))
        return 0;
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, 0);
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
    struct nlattr *inet = mnl_attr_nest_start(nlh, AF_INET);
    struct nlattr *conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);
    mnl_attr_put_u32(nlh, IPV4_DEVCONF_ARP_IGNORE, (uint32_t)arp_ignore);
    mnl_attr_put_u32(nlh, IPV4_DEVCONF_FORWARDING, (uint32_t)forwarding);
    mnl_attr_nest_end(nlh, conf);
    mnl_attr_nest_end(nlh, inet);
    mnl_attr_nest_end(nlh, spec);
    return feth_nl_try(ctl, nlh, "add address", name, err);
}

/* Written to /proc the link-local address comes at once if the interface is up; rtnetlink sets the mode only. */
static int end6(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    int mode;

    if (!feth_conf_read("ipv6", name, "addr_gen_mode", &mode) || mode != IN6_ADDR_GEN_MODE_NONE)
        return 0;
    if (feth_conf_write("ipv6", name, "addr_gen_mode", IN6_ADDR_GEN_MODE_EUI64, "add address", NULL) == 0)
        return 0;
    /* /proc is read-only: then it comes the next time that the interface comes up */
    struct feth_nl_request request;
    struct nlmsghdr *nlh = feth_nl_begin_link(&request, RTM_SETLINK, 0, 0);
    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
    put_addr_gen_mode(nlh, IN6_ADDR_GEN_MODE_EUI64);
    mnl_attr_nest_end(nlh, spec);
    return feth_nl_try(ctl, nlh, "add address", name, err);
}

int feth_quiet_end(struct feth_os_ctl *ctl, const char *name, int family, struct feth_error *err)
{
    return family == AF_INET6 ? end6(ctl, name, err) : end4(ctl, name, err);
}

void feth_quiet_put_like(struct nlmsghdr *nlh, const struct feth_iface *like)
{
    struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);

    if (like->n_conf4) {
        struct nlattr *inet = mnl_attr_nest_start(nlh, AF_INET);
        struct nlattr *conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);
        for (uint16_t i = 1; i <= like->n_conf4; i++)
            if (i != IPV4_DEVCONF_MC_FORWARDING) /* that is for a multicast router to say */
                mnl_attr_put_u32(nlh, i, like->conf4[i - 1]);
        mnl_attr_nest_end(nlh, conf);
        mnl_attr_nest_end(nlh, inet);
    }
    if (like->addr_gen_mode >= 0)
        put_addr_gen_mode(nlh, (uint8_t)like->addr_gen_mode);
    mnl_attr_nest_end(nlh, spec);
}

static int write_other(const char *name, const char *key, int value, const char *op, struct feth_error *err)
{
    int now;

    if (!feth_conf_read("ipv6", name, key, &now) || now == value)
        return 0;
    return feth_conf_write("ipv6", name, key, value, op, err);
}

int feth_quiet_write_like(const char *name, const struct feth_iface *like, const char *op,
                          struct feth_error *err)
{
    feth_quiet_write(name, false);
    int ret = write_other(name, "disable_ipv6", like->disable_ipv6, op, err);
    return ret < 0 ? ret : write_other(name, "accept_ra", like->accept_ra, op, err);
}
