/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/settings.h  Settings of one interface beyond the link itself. */
#ifndef FETH_LINUX_SETTINGS_H
#define FETH_LINUX_SETTINGS_H

#include "linux/ifaces.h"

/** Whether an interface of any kind has this name. */
bool feth_interface_exists(const char *name);

/** Fill in every interface's nud setting.  @return 0, or -1 with the answer filled in */
int feth_nud_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer);

/**
 * Write one IPv6 setting of an interface: /proc/sys/net/ipv6/conf/NAME/KEY.
 * @return 0; FETH_ENOSUP (no IPv6, or /proc is read-only), FETH_EPERM, FETH_ESYS
 */
int feth_conf6_write(const char *name, const char *key, int value, const char *op, struct feth_error *err);

/** Whether the kernel has IPv6 for this interface. */
bool feth_conf6_there(const char *name);

#endif
