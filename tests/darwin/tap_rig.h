/* SPDX-License-Identifier: Apache-2.0 */
/* A model over TAP devices, in a network namespace of this program's own: the host's stack is at the other end. */
#ifndef FETH_TESTS_TAP_RIG_H
#define FETH_TESTS_TAP_RIG_H

/* @return 0; or the status to exit with: 77 where the machine forbids it, and says so */
int tap_rig_enter(void);

/* @return the status to exit with */
int tap_rig_leave(int status);

#endif
