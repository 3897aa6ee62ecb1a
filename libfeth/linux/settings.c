/* SPDX-License-Identifier: Apache-2.0 */
/* What is set on an interface that stands: MTU, MAC, state, router advertisements. */
#include <net/if.h>

#include "linux/conf.h"
#include "linux/netlink.h"

void feth_os_mtu_range(unsigned *min, unsigned *max)
{
    *min = 68;    /* ETH_MIN_MTU */
    *max = 65535; /* ETH_MAX_MTU: drivers/net/veth.c */
}

static struct nlmsghdr *begin(struct feth_nl_request *request, const char *name)
{
    struct nlmsghdr *nlh = feth_nl_begin_link(request, RTM_SETLINK, 0, 0);

    mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
    return nlh;
}

int feth_os_set_mtu(struct feth_os_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = begin(&request, name);

    mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
    return feth_nl_try(ctl, nlh, "set MTU", name, err);
}

int feth_os_set_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                    struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = begin(&request, name);

    mnl_attr_put(nlh, IFLA_ADDRESS, FETH_MAC_SIZE, mac);
    return feth_nl_try(ctl, nlh, "set MAC address", name, err);
}

int feth_os_set_up(struct feth_os_ctl *ctl, const char *name, bool up, struct feth_error *err)
{
    struct feth_nl_request request;
    struct nlmsghdr *nlh = begin(&request, name);
    struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);

    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return feth_nl_try(ctl, nlh, up ? "bring up" : "take down", name, err);
}

int feth_os_set_accept_ra(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    (void)ctl;
    return feth_conf_write("ipv6", name, "accept_ra", on, "set router advertisements", err);
}
