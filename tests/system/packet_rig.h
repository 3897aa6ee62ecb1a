/* SPDX-License-Identifier: Apache-2.0 */
/** @file packet_rig.h  What the tests of frames over a real pair share: the pair, handles on it, frames of our own. */
#ifndef FETH_TESTS_PACKET_RIG_H
#define FETH_TESTS_PACKET_RIG_H

#include "../unit/cmocka_all.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <feth/feth.h>
#include <feth/io.h>

/** Milliseconds: longer than anything takes that must come; long enough for what must not come to show. */
enum { WAIT_MS = 5000, QUIET_MS = 50 };

/** The handle and the pair that the tests use. */
extern struct feth_ctl *ctl;
extern struct feth_pair pair;

/** Fail the test, with the text of the error, if a call failed. */
void ok(int ret, const struct feth_error *err);

/** cmocka setup and teardown: the pair, both ends up. */
int make_pair(void **state);
int destroy_pair(void **state);

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, make_pair, destroy_pair)

/** A non-blocking handle.  Fails the test if it cannot be had. */
struct feth_io *open_io(const char *ifname, bool offload);

/** Write a broadcast frame of our own, its payload filled with a number. */
void make_frame(uint8_t *frame, size_t len, uint8_t number);

/** Whether a frame is one of make_frame()'s. */
bool is_ours(const struct feth_frame *frame);

/**
 * Wait for the next frame that pick() wants; others, such as the kernel's multicast reports, are passed over.
 * @return whether one came within wait_ms milliseconds
 */
bool next_frame(struct feth_io *io, bool (*pick)(const struct feth_frame *), int wait_ms,
                struct feth_frame *frame);

/** Run a group of tests with ctl open.  @return the exit status */
#define RUN_WITH_CTL(tests)                                                                                  \
    (feth_ctl_open(&ctl, NULL) < 0 ? 1 : close_ctl(cmocka_run_group_tests(tests, NULL, NULL)))

/** Close ctl.  @return failed */
int close_ctl(int failed);

#endif
