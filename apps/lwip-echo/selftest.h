/* SPDX-License-Identifier: Apache-2.0 */
/** @file selftest.h  The whole program against a second lwIP, on an in-process cable. */
#ifndef LWIP_ECHO_SELFTEST_H
#define LWIP_ECHO_SELFTEST_H

#include "options.h"

/**
 * Run it, printing one line for each check.
 * @param signals the descriptor of cli_catch_signals()
 * @return the exit status: 0 only if all held
 */
int selftest(const struct options *o, int signals);

#endif
