/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/max_mtu.h  The largest MTU that the next feth may have: net.link.fake.max_mtu. */
#ifndef FETH_DARWIN_MAX_MTU_H
#define FETH_DARWIN_MAX_MTU_H

#include <feth/error.h>

#define FETH_MTU_MIN_DARWIN 72    /**< IF_MINMTU: xnu bsd/net/if.h */
#define FETH_MTU_MAX_DARWIN 16370 /**< 16 KiB less an Ethernet header: xnu bsd/net/if_fake.c */

/** What feth_max_mtu_raise() found and did. */
struct feth_max_mtu {
    int lock;   /**< a descriptor, or -1 */
    int before; /**< the value to go back to; 0: it was not changed */
    int raised;
};

/**
 * See that an interface made now may have this MTU.
 * @param[out] max for feth_max_mtu_restore(), which is called in any case where this succeeds
 * @return 0; FETH_EPERM, FETH_EMTU, FETH_ENOSUP, FETH_ESYS
 */
int feth_max_mtu_raise(struct feth_max_mtu *max, unsigned mtu, const char *op, const char *ifname,
                       struct feth_error *err);

/** Put back what was raised.  @return 0; FETH_EPERM, FETH_ESYS: the text says which value is left */
int feth_max_mtu_restore(struct feth_max_mtu *max, const char *op, const char *ifname,
                         struct feth_error *err);

#endif
