/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of every operation on interfaces fails once: the operation says so, has changed nothing, and has
 * freed what it had.
 */
#include "../system/ctl_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "model/model.h"

/* The kernel takes no marks: the handle remembers them, in memory. */
static bool marks_are_kept;

static void refuse_marks(void)
{
    for (unsigned i = 1; marks_are_kept && i <= 8; i++)
        model_fail_nth("SIOCSIFDESC", i, EOPNOTSUPP);
}

/* @return how often the operation failed */
static unsigned fail_each(const struct ctl_op *op)
{
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        ctl_ops_setup(op);
        char *before = rig_look(RIG_ALL);
        long live = alloc_live();
        refuse_marks();
        rig_poison();
        alloc_fail_nth(n);
        int ret = op->run();
        bool failed = alloc_has_failed();
        alloc_fail_nth(0);
        model_forget_failures();
        if (!failed) {
            free(before);
            rig_ok(ret);
            return refused;
        }
        if (ret != FETH_ENOMEM || err.code != FETH_ENOMEM)
            fail_msg("%s, allocation %u: %s", op->name, n, ret < 0 ? err.text : "it succeeded all the same");
        assert_false(err.incomplete);
        if (!strstr(err.text, "memory"))
            fail_msg("%s, allocation %u: \"%s\" does not say of what there is too little", op->name, n,
                     err.text);
        if (alloc_live() != live)
            fail_msg("%s, allocation %u: %ld pieces of memory more than before", op->name, n,
                     alloc_live() - live);
        rig_same(before, RIG_ALL);
        refused++;
    }
}

static void test_one_allocation_fails(void **state)
{
    (void)state;
    unsigned refused = 0;

    marks_are_kept = false;
    for (unsigned i = 0; i < ctl_n_ops; i++)
        refused += fail_each(&ctl_ops[i]);
    print_message("%u failures\n", refused);
    assert_true(refused >= 200);
}

static void test_marks_that_are_kept(void **state)
{
    (void)state;
    marks_are_kept = true;
    assert_true(fail_each(ctl_op("create")) > 0);
    assert_true(fail_each(ctl_op("pair_create")) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_allocation_fails),
        RIG_TEST(test_marks_that_are_kept),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
