/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fail.h
 * Filling in struct feth_error.
 */
#ifndef FETH_CORE_FAIL_H
#define FETH_CORE_FAIL_H

#include <feth/error.h>

/**
 * Describe a failure.  The text becomes "OP IFNAME: REASON[: strerror]".
 * @param err may be NULL
 * @param code the FETH_E… code
 * @param sys_errno the system's errno, or 0
 * @param op the operation, "set peer"
 * @param ifname the interface, or NULL
 * @param fmt the reason, for a person: what is wrong and what to do; NULL: the code's general text
 * @return code
 */
int feth_fail(struct feth_error *err, int code, int sys_errno, const char *op, const char *ifname,
              const char *fmt, ...) __attribute__((format(printf, 6, 7), cold));

/** Pass on an error that was kept back.  @param err may be NULL  @return its code */
int feth_fail_as(struct feth_error *err, const struct feth_error *why);

/** Add to the text of an error that undoing failed too: what stays behind. */
void feth_fail_incomplete(struct feth_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), cold));

#endif
