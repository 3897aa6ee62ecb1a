/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/settings.h  An interface's flags. */
#ifndef FETH_DARWIN_SETTINGS_H
#define FETH_DARWIN_SETTINGS_H

#include "darwin/ctl.h"

/** Read the IFF_… flags.  @return 0; FETH_ENOIF, … */
int feth_flags_read(struct feth_os_ctl *ctl, const char *name, unsigned *flags, const char *op,
                    struct feth_error *err);

/** Write the flags; the kernel takes only those that a program may change.  @return 0, or the errno */
int feth_flags_write(struct feth_os_ctl *ctl, const char *name, unsigned flags);

#endif
