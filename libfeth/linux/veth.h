/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/veth.h  Make, name and remove veth pairs. */
#ifndef FETH_LINUX_VETH_H
#define FETH_LINUX_VETH_H

#include "linux/ifaces.h"

/** One end to make. */
struct feth_veth_end {
    const struct feth_os_spec *spec; /**< what it is to be; NULL: a stub */
    const struct feth_iface *like;   /**< whose settings it takes over, or NULL */
    bool io_side;                    /**< the kernel's own stack keeps out of it */
    int ifindex;                     /**< made: its index; 0: not made */
};

/**
 * Make a veth pair, both ends down and under temporary names, with MTU, MAC, mark and settings.
 * @return 0; FETH_EPERM, FETH_ENOSUP, … On failure nothing is left.
 */
int feth_veth_make(struct feth_os_ctl *ctl, struct feth_veth_end *a, struct feth_veth_end *b, const char *op,
                   struct feth_error *err);

/** Give an interface a name.  @return 0; FETH_EEXIST, FETH_EBUSY (up, and Linux is older than 6.2), … */
int feth_veth_rename(struct feth_os_ctl *ctl, int ifindex, const char *name, const char *op,
                     struct feth_error *err);

/** Give an interface a temporary name.  @return as feth_veth_rename() */
int feth_veth_rename_aside(struct feth_os_ctl *ctl, int ifindex, char name[FETH_NAME_SIZE], const char *op,
                           const char *ifname, struct feth_error *err);

/** Set IFF_… flags.  @param ifname for the error  @return 0, or a FETH_E… code */
int feth_veth_set_flags(struct feth_os_ctl *ctl, int ifindex, unsigned flags, unsigned mask, const char *op,
                        const char *ifname, struct feth_error *err);

/** Remove a veth, and so its other end; one that is gone is no error.  @return 0, or a FETH_E… code */
int feth_veth_delete(struct feth_os_ctl *ctl, int ifindex, const char *op, const char *ifname,
                     struct feth_error *err);

/** The name of the stub that belongs to an interface. */
void feth_stub_name(const char *name, char stub[FETH_NAME_SIZE]);

#endif
