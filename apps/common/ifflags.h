/* SPDX-License-Identifier: Apache-2.0 */
/** @file ifflags.h  The names of an interface's flags, which are the operating system's own. */
#ifndef FETH_IFFLAGS_H
#define FETH_IFFLAGS_H

struct ifflag {
    unsigned bit;
    const char *name; /**< NULL ends the table */
};

extern const struct ifflag ifflags[];

#endif
