/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each call that fails with each errno, held against a list that is checked in: a line for each call and
 * outcome, with the errnos that lead to it.  A call that several operations make can have several outcomes.
 */
#ifndef FETH_TESTS_FAULT_TABLE_H
#define FETH_TESTS_FAULT_TABLE_H

#include <stdbool.h>

/* The errnos that every call is made to fail with: those that the facts name, and those that any call may answer. */
int fault_error(unsigned i);
extern const unsigned fault_n_errors;

/* What failed last, with error; and its operation came to code, 0 or more: it could do without. */
void fault_note(int error, int code);

/* The name of what failed last: "SIOCSIFMTU", "net.link.fake.max_mtu", "writev bpf". */
const char *fault_call(void);

/* Hold what was noted against a file.  @return false: what differs is on stderr */
bool fault_table_is(const char *path);

/* How many descriptors this process has, those of Linux included. */
unsigned fault_descriptors(void);

#endif
