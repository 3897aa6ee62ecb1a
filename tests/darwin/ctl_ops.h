/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation on interfaces, for tests in which something fails on the way. */
#ifndef FETH_TESTS_CTL_OPS_H
#define FETH_TESTS_CTL_OPS_H

#include "../system/ctl_rig.h"

struct ctl_op {
    const char *name;
    const char *about; /* an error that concerns an interface names one that begins so; NULL: it need not */
    /* @return as the library's call, which wrote its error to err */
    int (*run)(void);
    bool no_way_back; /* two interfaces are destroyed: between them it cannot be undone */
};

extern const struct ctl_op ctl_ops[];
extern const unsigned ctl_n_ops;

/* Begin afresh: feth0 and feth1, a pair; feth2, with all that an interface can have, and feth3, without peers; feth4, a
 * leftover. */
void ctl_ops_setup(void);

#endif
