/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every step fails once.  The linker (--wrap) puts the functions below before libmnl's send, before write (settings in
 * /proc) and before the allocator; for each operation the first call fails, then the second, and so on, until nothing
 * was left to fail.  After a failure everything is as before, or the error says that it is not.
 */
#include "ctl_ops.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

/* ---- faults ------------------------------------------------------------------------------------------------- */

enum { SEND = 1, WRITE = 2, ALLOC = 4 };

static struct fault {
    int kinds;       /* which calls are counted; 0: none */
    unsigned at;     /* which of them fails, from 1 on */
    bool ever_after; /* and all that follow */
    int error;       /* with this errno */
    unsigned calls;  /* so many were made */
    unsigned failed; /* so many failed */
} fault;

static bool fails(int kind)
{
    if (!(fault.kinds & kind))
        return false;
    fault.calls++;
    if (fault.calls != fault.at && !(fault.ever_after && fault.calls > fault.at))
        return false;
    fault.failed++;
    errno = kind == ALLOC ? ENOMEM : fault.error;
    return true;
}

ssize_t __real_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len);
ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
    return fails(SEND) ? -1 : __real_mnl_socket_sendto(nl, buf, len);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
    return fails(WRITE) ? -1 : __real_write(fd, buf, len);
}

void *__wrap_malloc(size_t size)
{
    return fails(ALLOC) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(ALLOC) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails(ALLOC) ? NULL : __real_realloc(old, size);
}

/* ---- the tests ---------------------------------------------------------------------------------------------- */

/* What failed says so, and what is not as before is said to be so.  Returns whether all is as before. */
static bool check_failure(const struct ctl_op *op, const struct fault *f, int ret, const char *before)
{
    char *after = rig_look(RIG_ALL);
    bool same = strcmp(before, after) == 0;

    if (err.code != ret || err.text[0] == '\0')
        fail_msg("%s, call %u: the error is not described", op->name, f->at);
    if (!same && !err.incomplete)
        fail_msg("%s, call %u (%s):\nbefore:\n%safter:\n%s", op->name, f->at, err.text, before, after);
    if (err.incomplete && !f->ever_after && !(op->no_way_back & CTL_LASTS_ON_LINUX))
        fail_msg("%s, call %u: %s", op->name, f->at, err.text);
    free(after);
    return same;
}

/* Let each call of these kinds fail in turn.  Returns how often the operation failed. */
static unsigned fail_each(const struct ctl_op *op, int kinds, int error, bool ever_after)
{
    unsigned refused = 0;

    ctl_ops_setup(op);
    char *before = rig_look(RIG_ALL);
    for (unsigned at = 1; at < 1000; at++) {
        memset(&err, 0x5a, sizeof(err));
        fault = (struct fault){.kinds = kinds, .at = at, .error = error, .ever_after = ever_after};
        int ret = op->run();
        struct fault was = fault;
        fault = (struct fault){0};
        if (was.failed == 0) {
            rig_ok(ret);
            break;
        }
        refused += ret < 0;
        if (ret < 0 && check_failure(op, &was, ret, before))
            continue;
        if (ret == 0)
            rig_ok(ret); /* it could do without */
        free(before);
        ctl_ops_setup(op);
        before = rig_look(RIG_ALL);
    }
    free(before);
    return refused;
}

static void each_operation(int kinds, int error, bool ever_after, unsigned at_least)
{
    unsigned refused = 0;

    for (unsigned i = 0; i < ctl_n_ops; i++)
        refused += fail_each(&ctl_ops[i], kinds, error, ever_after);
    print_message("%u failures\n", refused);
    assert_true(refused >= at_least);
}

static void test_one_request_fails(void **state)
{
    (void)state;
    each_operation(SEND, EPERM, false, 100);
}

static void test_requests_fail_from_then_on(void **state)
{
    (void)state;
    each_operation(SEND, ENOBUFS, true, 100);
}

/* Also the way of kernels before Linux 6.2, which rename no interface that is up. */
static void test_kernel_is_busy(void **state)
{
    (void)state;
    static const char *const names[] = {"set_peer", "remove_peer", "destroy_end"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(fail_each(ctl_op(names[i]), SEND, EBUSY, false) > 0);
}

static void test_settings_cannot_be_written(void **state)
{
    (void)state;
    each_operation(WRITE, EROFS, false, 3);
    each_operation(WRITE, EACCES, false, 3);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    each_operation(ALLOC, ENOMEM, false, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_request_fails), RIG_TEST(test_requests_fail_from_then_on),
        RIG_TEST(test_kernel_is_busy),    RIG_TEST(test_settings_cannot_be_written),
        RIG_TEST(test_out_of_memory),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
