/* SPDX-License-Identifier: Apache-2.0 */
/** @file ctl.h  What the control front's files share. */
#ifndef FETH_CORE_CTL_H
#define FETH_CORE_CTL_H

#include "core/os.h"

struct feth_ctl {
    struct feth_os_ctl *os;
};

/** How often an automatic choice of a unit is repeated where somebody else takes it first. */
#define FETH_UNIT_TRIES 64

/**
 * Read one interface and see that it is ours.
 * @param[out] status may be NULL; otherwise the caller calls feth_status_clear()
 * @return 0; FETH_ENAME, FETH_EUNIT, FETH_ENOIF, FETH_ENOTFETH, FETH_ENOTOURS
 */
int feth_ctl_ours(struct feth_ctl *ctl, const char *name, const char *op, struct feth_status *status,
                  struct feth_error *err);

/**
 * Check everything of a config that can be checked without the system.
 * @param config not NULL
 * @return 0; FETH_EINVAL, FETH_EUNIT, FETH_EMTU, FETH_EMAC, FETH_EADDR
 */
int feth_config_check(const struct feth_config *config, const char *op, struct feth_error *err);

/** What creation needs to know, from a checked config.  The name is chosen by feth_unit_choose(). */
int feth_config_spec(const struct feth_config *config, unsigned mtu, struct feth_os_spec *spec,
                     struct feth_error *err);

/** Addresses, IPv6 settings, state: what is set after creation. */
int feth_config_apply(struct feth_ctl *ctl, const char *name, const struct feth_config *config,
                      struct feth_error *err);

/** Units in use, to choose from the others. */
struct feth_units {
    uint8_t used[FETH_UNIT_MAX / 8 + 1];
};

/** Read which names there are, of whatever kind of interface.  @return 0; FETH_ENOMEM */
int feth_units_read(struct feth_units *units, const char *op, struct feth_error *err);

/** Name the lowest free unit, or the given one, and mark it as used.  @return 0; FETH_ENOUNIT, FETH_EEXIST */
int feth_units_take(struct feth_units *units, int unit, char name[FETH_NAME_SIZE], const char *op,
                    struct feth_error *err);

#endif
