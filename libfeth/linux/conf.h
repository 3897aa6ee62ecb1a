/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/conf.h  Settings for which rtnetlink has no word: /proc/sys/net/ipv4 and ipv6 (ip-sysctl). */
#ifndef FETH_LINUX_CONF_H
#define FETH_LINUX_CONF_H

#include <stdbool.h>

#include <feth/error.h>

/** Whether the kernel has IPv6 for this interface. */
bool feth_conf6_there(const char *name);

/**
 * Read /proc/sys/net/FAMILY/conf/NAME/KEY.
 * @param family "ipv4" or "ipv6"
 * @param name an interface, or "default"
 * @return whether there is such a setting
 */
bool feth_conf_read(const char *family, const char *name, const char *key, int *value);

/**
 * Write /proc/sys/net/FAMILY/conf/NAME/KEY.
 * @return 0; FETH_ENOSUP (no such setting, or /proc is read-only), FETH_EPERM, FETH_ESYS
 */
int feth_conf_write(const char *family, const char *name, const char *key, int value, const char *op,
                    struct feth_error *err);

#endif
