/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"

const char *feth_code_name(int code)
{
    switch (code) {
#define NAME_CASE(name, number, text)                                                                        \
    case number:                                                                                             \
        return "FETH_E" #name;
        FETH_ERROR_MAP(NAME_CASE)
#undef NAME_CASE
    default:
        return code >= 0 ? "FETH_OK" : "FETH_EUNKNOWN";
    }
}

const char *feth_code_text(int code)
{
    switch (code) {
#define TEXT_CASE(name, number, text)                                                                        \
    case number:                                                                                             \
        return text;
        FETH_ERROR_MAP(TEXT_CASE)
#undef TEXT_CASE
    default:
        return code >= 0 ? "success" : "unknown error";
    }
}

/* Append to a text that may be full already: what does not fit is cut. */
static void append(struct feth_error *err, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static void append(struct feth_error *err, const char *fmt, va_list args)
{
    size_t used = strlen(err->text);

    (void)vsnprintf(err->text + used, sizeof(err->text) - used, fmt, args);
}

static void appendf(struct feth_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void appendf(struct feth_error *err, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    append(err, fmt, args);
    va_end(args);
}

/* strerror_r() comes in two forms, and strerror() is not for threads; of an errno it knows, either form fills the
 * buffer or returns a static text. */
static void append_errno(struct feth_error *err, int sys_errno)
{
    char text[96] = "";
#if defined(_GNU_SOURCE) && defined(__GLIBC__)
    appendf(err, ": %s", strerror_r(sys_errno, text, sizeof(text)));
#else
    if (strerror_r(sys_errno, text, sizeof(text)) == 0)
        appendf(err, ": %s", text);
#endif
}

int feth_fail(struct feth_error *err, int code, int sys_errno, const char *op, const char *ifname,
              const char *fmt, ...)
{
    static const char would_block[] = "there is nothing to do now: it would block";

    if (!err)
        return code;

    memset(err, 0, sizeof(*err));
    err->code = code;
    err->sys_errno = sys_errno;
    strncpy(err->op, op, sizeof(err->op) - 1);
    strncpy(err->ifname, ifname ? ifname : "", sizeof(err->ifname) - 1);
    if (code == FETH_EAGAIN &&
        !fmt) { /* every turn of an event loop ends with this one: no formatting for it */
        memcpy(err->text, would_block, sizeof(would_block));
        return code;
    }
    appendf(err, "%s%s%s: ", err->op, err->ifname[0] ? " " : "", err->ifname);
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        append(err, fmt, args);
        va_end(args);
    } else {
        appendf(err, "%s", feth_code_text(code));
    }
    /* where we say what to do, the system's own words add nothing but where they are all there is */
    if (sys_errno && (code == FETH_ESYS || !fmt))
        append_errno(err, sys_errno);
    return code;
}

int feth_fail_as(struct feth_error *err, const struct feth_error *why)
{
    if (err)
        *err = *why;
    return why->code;
}

void feth_fail_incomplete(struct feth_error *err, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return;
    err->incomplete = true;
    appendf(err, "; what was half done could not be undone: ");
    va_start(args, fmt);
    append(err, fmt, args);
    va_end(args);
}
