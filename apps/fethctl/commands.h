/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file commands.h
 * The commands of fethctl.  Each one's description stands in its own file; the table drives dispatch, help and
 * completion.
 */
#ifndef FETHCTL_COMMANDS_H
#define FETHCTL_COMMANDS_H

#include <feth/error.h>

#include "args.h"

#define PROGRAM "fethctl"

extern const struct args_command capture_command, complete_command, create_command, destroy_command,
    doctor_command, gc_command, help_command, icmp_command, inject_command, list_command, set_command,
    status_command;

/** All of them, in the order of help; ends with NULL. */
extern const struct args_command *const commands[];

/** @return the command of that name, hidden ones included, or NULL */
const struct args_command *command_find(const char *name);

/**
 * Say what libfeth says.
 * @return the exit status: that of wrong usage where libfeth has refused an argument before the system was asked
 */
int command_fail(const struct feth_error *err);

#endif
