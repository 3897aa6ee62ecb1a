/* SPDX-License-Identifier: Apache-2.0 */
/** @file command.h  The command that plays the host in a namespace. */
#ifndef LWIP_ECHO_COMMAND_H
#define LWIP_ECHO_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/** Run a command.  @return its process, or -1 after an error was printed */
pid_t command_start(char **argv);

/** @return whether it has ended; *status is then what lwip-echo exits with: 128 and the signal where one ended it */
bool command_ended(pid_t pid, int *status);

/** Pass a signal on to it and wait for its end; after some seconds it is killed.  @return its status, as above */
int command_stop(pid_t pid, int sig);

#endif
