/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation on frames, for tests in which something fails on the way. */
#ifndef FETH_TESTS_IO_OPS_H
#define FETH_TESTS_IO_OPS_H

#include "test_io_rig.h"

struct io_op {
    const char *name;
    enum feth_tx_path path; /* on the kernel of this way */
    bool opened;            /* there is a handle beforehand */
    void (*prepare)(void);  /* what else there is; may be NULL */
    /* @return as the library's call, which wrote its error to io_err */
    int (*run)(void);
    /* After run() came to ret, and with nothing failing any more: no frame is lost or comes twice, the handle works. */
    void (*check)(int ret);
};

extern const struct io_op io_ops[];
extern const unsigned io_n_ops;

extern struct feth_error io_err;

/* A fresh kernel with the pair, and all that the operation needs. */
void io_op_begin(const struct io_op *op);

/* Check, and close what there is. */
void io_op_end(const struct io_op *op, int ret);

#endif
