/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/inet6.h  IPv6 on an interface: whether it is there at all, and its settings. */
#ifndef FETH_DARWIN_INET6_H
#define FETH_DARWIN_INET6_H

#include "darwin/ctl.h"

/** Undo what an earlier interface of this unit has left of its IPv6 settings.  @return 0, or a FETH_E… code */
int feth_inet6_as_new(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err);

/** Attach IPv6 to an interface.  @param[out] attached whether it was not before  @return 0, or the errno */
int feth_inet6_attach(struct feth_os_ctl *ctl, const char *name, bool *attached);

/** Detach IPv6, with all its addresses.  @return 0, or the errno */
int feth_inet6_detach(struct feth_os_ctl *ctl, const char *name);

/** Let the kernel make a link-local address where there is none, or remove it.  @return 0, or the errno */
int feth_inet6_link_local(struct feth_os_ctl *ctl, const char *name, bool on);

/** The ND6_IFF_… flags.  @return 0, or the errno: EINVAL where IPv6 was never attached */
int feth_inet6_read_flags(struct feth_os_ctl *ctl, const char *name, uint32_t *flags);
int feth_inet6_write_flags(struct feth_os_ctl *ctl, const char *name, uint32_t flags);

/** Whether neighbours are probed, and router advertisements taken. */
void feth_inet6_status(struct feth_os_ctl *ctl, const char *name, bool *nud, bool *accept_ra);

#endif
