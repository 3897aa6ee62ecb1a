/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/creation.h  The kernel's settings that a feth takes over when it is created: net.link.fake.… */
#ifndef FETH_DARWIN_CREATION_H
#define FETH_DARWIN_CREATION_H

#include "core/os.h"

#define FETH_MTU_MIN_DARWIN 72    /**< IF_MINMTU: xnu bsd/net/if.h */
#define FETH_MTU_MAX_DARWIN 16370 /**< 16 KiB less an Ethernet header: xnu bsd/net/if_fake.c */

#define FETH_CREATION_SETTINGS 3

/** What was found, and changed. */
struct feth_creation {
    int lock; /**< a descriptor, or -1 */
    struct {
        bool changed;
        int before; /**< the value to go back to */
        int set;
    } settings[FETH_CREATION_SETTINGS];
};

/**
 * Begin to create interfaces: nobody else who uses this library changes the settings meanwhile, and they may have the
 * MTUs of these.
 * @param[out] c for feth_creation_end(), which is called in any case where this succeeds
 * @return 0; FETH_EPERM, FETH_EMTU, FETH_ENOSUP, FETH_ESYS
 */
int feth_creation_begin(struct feth_creation *c, const struct feth_os_spec *const specs[], unsigned n,
                        const char *op, struct feth_error *err);

/**
 * See that the interface that is created next has the offload that it is to have, as far as the kernel can.
 * @return 0; FETH_ENOSUP (the kernel has none of it), FETH_EPERM, FETH_ESYS
 */
int feth_creation_next(struct feth_creation *c, const struct feth_os_spec *spec, const char *op,
                       struct feth_error *err);

/** Put back what was changed.  @return 0; FETH_EPERM, FETH_ESYS: the text says which value is left */
int feth_creation_end(struct feth_creation *c, const char *op, const char *ifname, struct feth_error *err);

#endif
