/* SPDX-License-Identifier: Apache-2.0 */
/** @file run.h  The responder on an interface: what icmp-responder and "fethctl icmp" share. */
#ifndef FETH_RESPONDER_RUN_H
#define FETH_RESPONDER_RUN_H

#include "responder.h"

/** Where and how to answer. */
struct responder_options {
    const char *program; /**< who speaks in error lines */
    const char *ifname;
    struct responder_config config;
    bool quiet; /**< no line for each answer */
};

/**
 * Read the arguments NAME ADDR [ADDR6] [--mac MAC] [-q]; argv[0] is the program or the command.
 * @return 0, or an exit status after the error was printed; -1: help was asked for
 */
int responder_parse(int argc, char **argv, const char *program, struct responder_options *options);

/** Answer until a signal comes.  @return the exit status */
int responder_run(const struct responder_options *options);

/** Print how to call it. */
void responder_usage(const char *program);

#endif
