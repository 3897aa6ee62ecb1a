/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of every operation fails once, with every errno that it might.  For each operation the first call
 * fails, then the second, and so on, until none was left to fail.  After a failure everything is as before: interfaces
 * with all they have, descriptors, sysctls; and the error says what was refused, and why.  Where all calls fail from
 * one on, what could not be undone is said.
 */
#include "ctl_ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "darwin/sys.h"
#include "model/model.h"

/* so many calls fail where all do from one on */
#define EVER_AFTER 30u

/* ---- failing ------------------------------------------------------------------------------------------------ */

/* Calls without which an operation can do: the mark, a counter, a setting that is only shown; and those whose failure
 * says nothing, as that of close. */
static bool can_do_without(const char *call)
{
    static const char *const names[] = {"SIOCSIFDESC", "SIOCGIFDESC", "SIOCGIFEFLAGS", "SIOCGIFINFO_IN6",
                                        "KERN_PROC", "NET_RT_IFLIST2", "if_nametoindex", "fcntl", "close",
                                        "inet",
                                        /* segmentation offload, which not every kernel has */
                                        "kern.osrelease",
                                        /* once more, where it is busy; attached already; gone already */
                                        "SIOCIFCREATE", "SIOCPROTOATTACH_IN6", "SIOCIFDESTROY"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], call) == 0)
            return true;
    return false;
}

static char failed[64]; /* the name of the call that failed last */

/* Use up what is still to fail. */
static void fail_none(void)
{
    (void)snprintf(failed, sizeof(failed), "%s", model_failed() ? model_failed() : "");
    for (int i = 0; i <= (int)EVER_AFTER; i++) {
        char text[64];
        size_t size = sizeof(text);
        (void)sysctlbyname("kern.osrelease", text, &size, NULL, 0);
    }
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

/* Whether the call was one that needs root; others have no reason to say EPERM. */
static bool asks_to_change(void)
{
    return (strncmp(failed, "SIOC", 4) == 0 && strncmp(failed, "SIOCG", 5) != 0) ||
           strncmp(failed, "net.link.", 9) == 0;
}

/* Which code an errno becomes where nothing better is known of it. */
static void check_code(const struct ctl_op *op, unsigned at, int error)
{
    int expected = 0;

    switch (error) {
    case EPERM:
        expected = FETH_EPERM;
        break;
    case ENOBUFS:
        expected = FETH_ENOMEM;
        break;
    default:
        break;
    }
    if (expected && err.code != expected && asks_to_change())
        describe(op, at, error, feth_code_name(err.code));
    if (err.code == FETH_EPERM && error == EPERM && !strstr(err.text, "sudo"))
        describe(op, at, error, "no advice");
}

/* Let each call fail in turn, and with ever_after all that follow.  Returns how often the operation failed. */
static unsigned fail_each(const struct ctl_op *op, int error, bool ever_after)
{
    unsigned refused = 0;

    ctl_ops_setup();
    char *before = rig_look(RIG_ALL);
    for (unsigned at = 1; at < 1000; at++) {
        unsigned had = model_all_calls();
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
        char *after = rig_look(RIG_ALL);
        bool same = strcmp(before, after) == 0;
        if (ret == 0) {
            rig_ok(ret);
            /* one that is gone, or no feth, is passed over, and needs not be destroyed */
            if (!ever_after && error != ENXIO && error != EOPNOTSUPP && !can_do_without(failed))
                describe(op, at, error, "it succeeded all the same");
        } else if (err.code != ret || err.text[0] == '\0') {
            describe(op, at, error, "not described");
        } else if (!same && !err.incomplete) {
            print_error("before:\n%s", before);
            print_error("after:\n%s", after);
            describe(op, at, error, "something was changed");
        } else if (err.incomplete && !ever_after && !op->no_way_back && !putting_back()) {
            describe(op, at, error, "incomplete");
        } else if (!ever_after && !putting_back()) {
            check_code(op, at, error);
        }
        free(after);
        if (ret < 0 && same)
            continue;
        free(before);
        (void)model_set_sysctl("net.link.fake.max_mtu", 2048);
        (void)model_set_sysctl("net.link.fake.hwcsum", 0);
        (void)model_set_sysctl("net.link.fake.tso_support", 0);
        ctl_ops_setup();
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
    /* what the facts name, and what any call may say */
    static const int errors[] = {EPERM, ENXIO,   EBUSY,      EINVAL,       EEXIST,
                                 EIO,   ENOBUFS, EOPNOTSUPP, EADDRNOTAVAIL};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        each_operation(errors[i], false, 50);
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
