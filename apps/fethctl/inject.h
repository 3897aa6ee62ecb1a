/* SPDX-License-Identifier: Apache-2.0 */
/** @file inject.h  The loop of "fethctl inject". */
#ifndef FETHCTL_INJECT_H
#define FETHCTL_INJECT_H

#include <stdbool.h>

struct inject_options {
    const char *program; /**< as it names itself in messages */
    const char *ifname;
    const char *path; /**< of a capture file; "-": standard input */
    double rate;      /**< frames a second; 0: as fast as the interface takes them */
    bool as_recorded; /**< with the file's own pauses */
};

/** Send a file's frames.  @return the exit status: CLI_OK where all were sent */
int inject(const struct inject_options *options);

#endif
