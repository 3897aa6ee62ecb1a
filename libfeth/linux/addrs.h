/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/addrs.h  The addresses of an interface. */
#ifndef FETH_LINUX_ADDRS_H
#define FETH_LINUX_ADDRS_H

#include "linux/netlink.h"

/** All addresses of an interface, with all their properties, as the kernel tells them. */
struct feth_addrs {
    int ifindex;
    struct nlmsghdr **list;
    size_t n;
};

/**
 * Read the addresses of an interface, but for the temporary ones of RFC 8981, which the kernel makes.
 * @param ifname for the error
 * @return 0, or a FETH_E… code; the caller calls feth_addrs_free()
 */
int feth_addrs_read(struct feth_os_ctl *ctl, struct feth_addrs *addrs, int ifindex, const char *op,
                    const char *ifname, struct feth_error *err);
void feth_addrs_free(struct feth_addrs *addrs);

/** Give an interface those of one family, in the same order.  @return 0, or a FETH_E… code */
int feth_addrs_add(struct feth_os_ctl *ctl, const struct feth_addrs *addrs, int family, int ifindex,
                   const char *op, const char *ifname, struct feth_error *err);

/** Remove those of one family from the interface and add them again.  @return 0, or a FETH_E… code */
int feth_addrs_renew(struct feth_os_ctl *ctl, const struct feth_addrs *addrs, int family, const char *op,
                     const char *ifname, struct feth_error *err);

#endif
