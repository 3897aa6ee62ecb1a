/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of frames on the model have in common: feth0, the host side, and feth1 with a handle on it. */
#ifndef FETH_TESTS_IO_RIG_H
#define FETH_TESTS_IO_RIG_H

#include "../unit/cmocka_all.h"

#include <feth/io.h>

#include "model_rig.h"

/* Milliseconds: longer than anything takes that must come. */
enum { WAIT_MS = 5000 };

/* A kernel just booted with the pair up; and at the end that nothing is left but the pair. */
int io_setup(void **state);
int io_teardown(void **state);

#define IO_TEST(test) cmocka_unit_test_setup_teardown(test, io_setup, io_teardown)

/* A way to send, and a kernel that has it. */
struct way {
    enum feth_tx_path path;
    const char *name;
    int major, minor;
};

extern const struct way io_ways[];
extern const unsigned io_n_ways;

/* A non-blocking handle on feth1. */
struct feth_io *io_open(enum feth_tx_path path);

/* The same on a kernel of the way's. */
struct feth_io *io_open_way(const struct way *way);

/* Send len bytes of a frame of this number.  @return as feth_io_send() */
int io_send(struct feth_io *io, size_t len, unsigned number);

/* The oldest frame on the host side is of this length and number. */
void io_arrived(size_t len, unsigned number);

/* Receive until the handle says something other than a frame or "nothing now". */
int io_news(struct feth_io *io, struct feth_error *err);

/* Wait for a frame of this length and number.  It is released. */
void io_comes(struct feth_io *io, size_t len, unsigned number);

/* The host sends len bytes, at most 70000, of a frame of this number to feth1. */
void io_host_sends(size_t len, unsigned number);

/* Nothing to receive. */
void io_empty(struct feth_io *io);

#endif
