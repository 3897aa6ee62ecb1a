/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/ifaces.h  What the kernel knows of the veth interfaces of this namespace. */
#ifndef FETH_LINUX_IFACES_H
#define FETH_LINUX_IFACES_H

#include <linux/ip.h>

#include "linux/netlink.h"

/** One veth interface. */
struct feth_iface {
    struct feth_os_status os; /**< as core wants it; the peer is not resolved yet */
    int ifindex;
    int peer_ifindex;  /**< 0: none known */
    bool peer_foreign; /**< the peer is in another network namespace */
    int addr_gen_mode; /**< IN6_ADDR_GEN_MODE_…, or -1 without IPv6 */
    int accept_ra, disable_ipv6;
    uint32_t conf4[IPV4_DEVCONF_MAX]; /**< all its settings of IPv4: the setting i at i - 1 */
    unsigned n_conf4;
};

/** All of them, in the kernel's order. */
struct feth_ifaces {
    struct feth_iface *list;
    size_t n;
};

/** The private far end of an interface without a peer: "fstub7" for feth7.  Never listed. */
#define FETH_STUB_PREFIX "fstub"

/** What all temporary names begin with. */
#define FETH_TEMPORARY_PREFIX "ftmp"

/**
 * Read all veth interfaces with addresses and IPv6 settings: one dump of each kind, whatever their number.
 * @return 0, or a FETH_E… code; the caller calls feth_ifaces_free()
 */
int feth_ifaces_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_error *err);
void feth_ifaces_free(struct feth_ifaces *ifaces);

/** @return the one of that name or index, or NULL */
struct feth_iface *feth_ifaces_by_name(const struct feth_ifaces *ifaces, const char *name);
struct feth_iface *feth_ifaces_by_index(const struct feth_ifaces *ifaces, int ifindex);

/** Whether an interface is the private far end of one without a peer. */
bool feth_iface_is_stub(const struct feth_iface *iface);

/** Write the name of the peer into an interface's status: "" where it has only a stub. */
void feth_iface_resolve_peer(const struct feth_ifaces *ifaces, struct feth_iface *iface);

/** What stands for a peer's name where it is in another network namespace. */
#define FETH_PEER_ELSEWHERE "(elsewhere)"

#endif
