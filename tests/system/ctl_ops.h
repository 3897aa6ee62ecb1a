/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation on interfaces, for tests in which something fails on the way. */
#ifndef FETH_TESTS_CTL_OPS_H
#define FETH_TESTS_CTL_OPS_H

#include "ctl_rig.h"

/** Two interfaces are destroyed one after the other: between them it cannot be undone. */
enum ctl_no_way_back {
    CTL_UNDONE = 0,
    CTL_LASTS_ON_LINUX = 1,
    CTL_LASTS_ON_MACOS = 2,
    CTL_LASTS = CTL_LASTS_ON_LINUX | CTL_LASTS_ON_MACOS,
};

struct ctl_op {
    const char *name;
    const char *about; /* an error that concerns an interface names one that begins so; NULL: it need not */
    /* @return as the library's call, which wrote its error to err */
    int (*run)(void);
    enum ctl_no_way_back no_way_back;
    bool leftover; /* it is about one */
};

extern const struct ctl_op ctl_ops[];
extern const unsigned ctl_n_ops;

/* One of them.  Fails the test if there is none. */
const struct ctl_op *ctl_op(const char *name);

/*
 * Begin afresh for an operation: feth0 and feth1, a pair; feth2, with all that an interface can have, and feth3, without
 * peers; feth4, a leftover, where it is about one.
 */
void ctl_ops_setup(const struct ctl_op *op);

#endif
