/* SPDX-License-Identifier: Apache-2.0 */
/** @file command.h  The command that plays the host in a namespace. */
#ifndef LWIP_ECHO_COMMAND_H
#define LWIP_ECHO_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/** A command, and what it starts. */
struct command {
    pid_t pid;  /**< 0: none runs */
    bool group; /**< it leads a process group of its own */
};

/** Run a command.  @return 0, or -1 after an error was printed */
int command_start(struct command *command, char **argv);

/**
 * Whether the command has ended; then what it left running in its process group is told to end (SIGTERM).
 * @param[out] status what lwip-echo exits with: the command's status, or 128 and the signal that ended it
 */
bool command_ended(struct command *command, int *status);

/**
 * End the command: pass a signal on to its process group, wait for its end, and kill what is still there after a
 * moment.
 * @param signals the descriptor of cli_catch_signals()
 * @return its status, as above
 */
int command_stop(struct command *command, int sig, int signals);

#endif
