/* SPDX-License-Identifier: Apache-2.0 */
/** @file run.h  The responder on an interface: what icmp-responder and "fethctl icmp" share. */
#ifndef FETH_RESPONDER_RUN_H
#define FETH_RESPONDER_RUN_H

#include <feth/io.h>

#include "args.h"
#include "responder.h"

/** Where and how to answer. */
struct responder_options {
    const char *program; /**< who speaks in error lines */
    const char *ifname;
    struct responder_config config;
    enum feth_tx_path tx_path;
    bool quiet; /**< no line for each answer */
};

/** "fethctl icmp". */
extern const struct args_command icmp_command;

/**
 * Read the arguments and answer until a signal comes.
 * @param program as it is typed before the arguments; argv[0] is not looked at
 * @return the exit status
 */
int responder_main(const char *program, int argc, char **argv);

/** Answer until a signal comes.  @return the exit status */
int responder_run(const struct responder_options *options);

#endif
