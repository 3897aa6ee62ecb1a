/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of every operation fails once, with every errno that it might.  For each operation the first call
 * fails, then the second, and so on, until none was left to fail.  After a failure everything is as before: interfaces
 * with all they have, descriptors, sysctls; and the error says what was refused, and why.  Where all calls fail from
 * one on, what could not be undone is said.
 */
#include "../system/ctl_ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_table.h"
#include "model/model.h"

#define TABLE FETH_SOURCE_DIR "/tests/darwin/ctl_faults.txt"

/* so many calls fail where all do from one on */
#define EVER_AFTER 30u

/* ---- failing ------------------------------------------------------------------------------------------------ */

static char failed[64]; /* the name of the call that failed last */

/* What is still to fail shall not. */
static void fail_none(void)
{
    (void)snprintf(failed, sizeof(failed), "%s", fault_call());
    model_forget_failures();
}

static void describe(const struct ctl_op *op, unsigned at, int error, const char *what)
{
    fail_msg("%s, call %u (%s: %s): %s: %s", op->name, at, failed, strerror(error), what, err.text);
}

/* The one call whose failure cannot be made good: then the error says so. */
static bool putting_back(void)
{
    return strncmp(failed, "net.link.fake.", 14) == 0 && strstr(err.text, "cannot be set back");
}

/* Whether the call was a request about an interface. */
static bool concerns_interface(void)
{
    return strncmp(failed, "SIOC", 4) == 0;
}

/* Which code an errno becomes is in the table.  The text names the interface, and what is wrong with it; for want of
 * root it says what to do. */
static void check_text(const struct ctl_op *op, unsigned at, int error)
{
    if (op->about && concerns_interface() && strncmp(err.ifname, op->about, strlen(op->about)) != 0)
        describe(op, at, error, "about something else");
    if (!strstr(err.text, err.op) || !strstr(err.text, err.ifname))
        describe(op, at, error, "not what was done, and to what");
    if (err.code == FETH_EPERM && !strstr(err.text, "sudo"))
        describe(op, at, error, "no advice");
    if (err.code == FETH_ESYS && err.sys_errno && !strstr(err.text, strerror(err.sys_errno)))
        describe(op, at, error, "not the system's own words");
    if (err.sys_errno == 0 && err.code != FETH_ENOTOURS && concerns_interface())
        describe(op, at, error, "no errno");
}

/* Let each call fail in turn, and with ever_after all that follow.  Returns how often the operation failed. */
static unsigned fail_each(const struct ctl_op *op, int error, bool ever_after)
{
    unsigned refused = 0;

    ctl_ops_setup(op);
    char *before = rig_look(RIG_ALL);
    for (unsigned at = 1; at < 1000; at++) {
        unsigned had = model_all_calls(), descriptors = fault_descriptors();
        rig_poison();
        for (unsigned i = 0; i < (ever_after ? EVER_AFTER : 1u); i++)
            model_fail_any(at + i, error);
        int ret = op->run();
        bool reached = model_all_calls() - had >= at;
        fail_none();
        if (!reached) {
            rig_ok(ret);
            break;
        }
        refused += ret < 0;
        if (!ever_after)
            fault_note(error, ret);
        assert_int_equal(fault_descriptors(), descriptors);
        char *after = rig_look(RIG_ALL);
        bool same = strcmp(before, after) == 0;
        if (ret == 0) {
            rig_ok(ret); /* whether it may do without this call, the table says */
        } else if (err.code != ret || err.text[0] == '\0') {
            describe(op, at, error, "not described");
        } else if (!same && !err.incomplete) {
            print_error("before:\n%s", before);
            print_error("after:\n%s", after);
            describe(op, at, error, "something was changed");
        } else if (err.incomplete && !ever_after && !(op->no_way_back & CTL_LASTS_ON_MACOS) &&
                   !putting_back()) {
            describe(op, at, error, "incomplete");
        } else if (!ever_after && !putting_back()) {
            check_text(op, at, error);
        }
        free(after);
        if (ret < 0 && same)
            continue;
        free(before);
        (void)model_set_sysctl("net.link.fake.max_mtu", 2048);
        (void)model_set_sysctl("net.link.fake.hwcsum", 0);
        (void)model_set_sysctl("net.link.fake.tso_support", 0);
        ctl_ops_setup(op);
        before = rig_look(RIG_ALL);
    }
    free(before);
    return refused;
}

static void each_operation(int error, bool ever_after, unsigned at_least)
{
    unsigned refused = 0;

    for (unsigned i = 0; i < ctl_n_ops; i++)
        refused += fail_each(&ctl_ops[i], error, ever_after);
    print_message("%s: %u failures\n", strerror(error), refused);
    assert_true(refused >= at_least);
}

static void test_one_call_fails(void **state)
{
    (void)state;
    for (unsigned i = 0; i < fault_n_errors; i++)
        each_operation(fault_error(i), false, fault_error(i) == EINTR ? 0 : 50);
    assert_true(fault_table_is(TABLE));
}

static void test_calls_fail_from_then_on(void **state)
{
    (void)state;
    each_operation(EPERM, true, 100);
    each_operation(ENOBUFS, true, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_call_fails),
        RIG_TEST(test_calls_fail_from_then_on),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
