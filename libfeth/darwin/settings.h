/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/settings.h  An interface's flags. */
#ifndef FETH_DARWIN_SETTINGS_H
#define FETH_DARWIN_SETTINGS_H

#include "darwin/ctl.h"

/** Read the IFF_… flags.  @return 0; FETH_ENOIF, … */
int feth_flags_read(struct feth_os_ctl *ctl, const char *name, unsigned *flags, const char *op,
                    struct feth_error *err);

/** Set or clear IFF_UP.  @return 0; FETH_ENOIF, FETH_EPERM, … */
int feth_flags_set_up(struct feth_os_ctl *ctl, const char *name, bool up, const char *op,
                      struct feth_error *err);

#endif
