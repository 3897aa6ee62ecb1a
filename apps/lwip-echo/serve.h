/* SPDX-License-Identifier: Apache-2.0 */
/** @file serve.h  The loop: frames, timers, signals, the command. */
#ifndef LWIP_ECHO_SERVE_H
#define LWIP_ECHO_SERVE_H

#include "options.h"
#include "setup.h"
#include "stack.h"

/**
 * Serve until a signal comes, the interface goes, or the command ends.  Prints the ready line once the cable is whole.
 * @param signals the descriptor of cli_catch_signals()
 * @return the exit status
 */
int serve(struct stack *stack, const struct setup *setup, const struct options *o, int signals);

#endif
