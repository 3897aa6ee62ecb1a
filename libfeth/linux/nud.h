/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/nud.h  IPv6 neighbour unreachability detection. */
#ifndef FETH_LINUX_NUD_H
#define FETH_LINUX_NUD_H

#include "linux/ifaces.h"

/** Fill in every interface's setting, by one dump.  @return 0, or -1 with the answer filled in */
int feth_nud_read(struct feth_os_ctl *ctl, struct feth_ifaces *ifaces, struct feth_nl_answer *answer);

#endif
