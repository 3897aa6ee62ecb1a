/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/veth.h  Make and remove veth pairs. */
#ifndef FETH_LINUX_VETH_H
#define FETH_LINUX_VETH_H

#include "linux/ifaces.h"

/** One end to make. */
struct feth_veth_end {
    const struct feth_os_spec *spec; /**< what it is to be; NULL: a stub */
    char temporary[FETH_NAME_SIZE];  /**< what it is called until feth_veth_name() */
    bool io_side;                    /**< the kernel's own stack forwards nothing there */
};

/**
 * Make a veth pair, both ends down and under temporary names, with MTU, MAC and mark.
 * @return 0; FETH_EPERM, FETH_ENOSUP, … On failure nothing is left.
 */
int feth_veth_make(struct feth_os_ctl *ctl, struct feth_veth_end *a, struct feth_veth_end *b, const char *op,
                   struct feth_error *err);

/** Give an end its final name.  @return 0; FETH_EEXIST, … */
int feth_veth_name(struct feth_os_ctl *ctl, const char *temporary, const char *name, const char *op,
                   struct feth_error *err);

/** Remove a veth by name, and so its other end.  @return 0; FETH_ENOIF, … */
int feth_veth_delete(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err);

/** The name of the stub that belongs to an interface. */
void feth_stub_name(const char *name, char stub[FETH_NAME_SIZE]);

#endif
