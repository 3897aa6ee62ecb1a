/* SPDX-License-Identifier: Apache-2.0 */
/** @file capture.h  The loop of "fethctl capture". */
#ifndef FETHCTL_CAPTURE_H
#define FETHCTL_CAPTURE_H

#include <stdbool.h>

struct capture_options {
    const char *program; /**< as it names itself in messages */
    const char *ifname;
    const char *path;    /**< of a capture file, "-" is standard output; NULL: a line for each frame */
    char *filter;        /**< an expression, or NULL */
    unsigned long count; /**< frames after which it ends; 0: none */
    unsigned snaplen;    /**< bytes kept of each frame */
    bool quiet;
};

/** Capture until a signal comes, the count is reached, or nobody reads on.  @return the exit status */
int capture(const struct capture_options *options);

#endif
