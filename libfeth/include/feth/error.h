/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file feth/error.h
 * Error codes and the description that accompanies them.
 *
 * Every libfeth call that can fail returns 0 or more on success and one of the negative codes below on
 * failure.  It also takes an optional `struct feth_error *` (NULL is allowed everywhere) which it fills in on
 * failure, and leaves alone on success.
 */
#ifndef FETH_ERROR_H
#define FETH_ERROR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what a shared library exports: everything else is built hidden. */
#if defined(__GNUC__)
#define FETH_API        __attribute__((visibility("default")))
#define FETH_MUST_CHECK __attribute__((warn_unused_result))
#else
#define FETH_API
#define FETH_MUST_CHECK
#endif

/** Room for an interface name with its terminating NUL: IFNAMSIZ on Linux and on macOS. */
#define FETH_NAME_SIZE 16

/**
 * The one table of error codes: XX(NAME, number, text).  The numbers are part of the ABI: append, never renumber.
 */
#define FETH_ERROR_MAP(XX)                                                                                   \
    XX(INVAL, -1, "invalid argument")                                                                        \
    XX(NAME, -2, "not a feth interface name")                                                                \
    XX(UNIT, -3, "interface unit out of range")                                                              \
    XX(ADDR, -4, "not an IP address with a prefix length")                                                   \
    XX(FAMILY, -5, "wrong address family")                                                                   \
    XX(MTU, -6, "MTU out of range")                                                                          \
    XX(MAC, -7, "not a usable MAC address")                                                                  \
    XX(NOIF, -8, "no such interface")                                                                        \
    XX(EXIST, -9, "interface exists already")                                                                \
    XX(NOUNIT, -10, "no free interface unit")                                                                \
    XX(NOTFETH, -11, "not a feth interface")                                                                 \
    XX(NOTOURS, -12, "interface was not created by this library")                                            \
    XX(PEERED, -13, "interface already has a peer")                                                          \
    XX(SELF, -14, "an interface cannot be its own peer")                                                     \
    XX(NOADDR, -15, "the interface has no such address")                                                     \
    XX(PERM, -16, "not permitted")                                                                           \
    XX(NOMEM, -17, "out of memory")                                                                          \
    XX(NOSUP, -18, "not supported here")                                                                     \
    XX(BUSY, -19, "resource busy")                                                                           \
    XX(AGAIN, -20, "would block")                                                                            \
    XX(TIMEOUT, -21, "timed out")                                                                            \
    XX(DOWN, -22, "interface is down")                                                                       \
    XX(GONE, -23, "interface is gone")                                                                       \
    XX(SHORT, -24, "frame shorter than an Ethernet header")                                                  \
    XX(LONG, -25, "frame too long")                                                                          \
    XX(NOSPACE, -26, "buffer too small for the frame")                                                       \
    XX(NOBUFS, -27, "every receive buffer is borrowed")                                                      \
    XX(SYS, -28, "system call failed")

/** Error codes: FETH_EINVAL, FETH_ENAME, … */
enum feth_code {
    FETH_OK = 0,
#define FETH_ERROR_ENUM(name, number, text) FETH_E##name = (number),
    FETH_ERROR_MAP(FETH_ERROR_ENUM)
#undef FETH_ERROR_ENUM
};

/** What went wrong, for a person and for a program. */
struct feth_error {
    int code;        /**< the FETH_E… code that the call returned */
    int sys_errno;   /**< the system's errno behind it, or 0 where libfeth itself refused */
    bool incomplete; /**< true: undoing what was half done failed too; the text says what stays behind */
    char op[32];     /**< the operation, for example "set peer" */
    char ifname[FETH_NAME_SIZE]; /**< the interface that it concerned, or "" */
    char text[320];              /**< one sentence to print: operation, interface, reason, what to do */
};

/**
 * The symbolic name of a code.
 * @param code a FETH_E… code, or 0
 * @return a static string such as "FETH_EPEERED"; "FETH_OK" for 0 or more; "FETH_EUNKNOWN" for any other value.
 * Any thread.
 */
FETH_API const char *feth_code_name(int code);

/**
 * The general text of a code; `struct feth_error::text` is more precise.
 * @param code a FETH_E… code, or 0
 * @return a static string.  Any thread.
 */
FETH_API const char *feth_code_text(int code);

#ifdef __cplusplus
}
#endif
#endif
