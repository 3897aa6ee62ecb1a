/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of every operation on frames fails once: the operation says so, nothing stays behind, and the handle
 * works.
 */
#include "io_ops.h"

#include <string.h>

#include "alloc_fail.h"
#include "fault_table.h"

static void check_refused(const char *what, unsigned n, int ret, long more)
{
    if (ret != FETH_ENOMEM || io_err.code != FETH_ENOMEM)
        fail_msg("%s, allocation %u: %s", what, n, ret < 0 ? io_err.text : "it succeeded all the same");
    if (!strstr(io_err.text, "memory"))
        fail_msg("%s, allocation %u: \"%s\" does not say of what there is too little", what, n, io_err.text);
    if (more)
        fail_msg("%s, allocation %u: %ld pieces of memory more than before", what, n, more);
}

static void test_one_allocation_fails(void **state)
{
    (void)state;
    unsigned refused = 0;

    for (unsigned i = 0; i < io_n_ops; i++) {
        for (unsigned n = 1;; n++) {
            io_op_begin(&io_ops[i]);
            unsigned descriptors = fault_descriptors();
            long live = alloc_live();
            alloc_fail_nth(n);
            int ret = io_ops[i].run();
            bool failed = alloc_has_failed();
            alloc_fail_nth(0);
            if (failed) {
                check_refused(io_ops[i].name, n, ret, alloc_live() - live);
                assert_int_equal(fault_descriptors(), descriptors);
                refused++;
            }
            io_op_end(&io_ops[i], ret);
            if (!failed)
                break;
        }
    }
    print_message("%u failures\n", refused);
    assert_true(refused >= 20);
}

/* A cable within the process. */
static void test_memory_pair(void **state)
{
    (void)state;
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;
    struct feth_io *ends[2];

    config.io[0].rx_buffers = config.io[1].rx_buffers = 4;
    for (unsigned n = 1;; n++) {
        unsigned descriptors = fault_descriptors();
        long live = alloc_live();
        alloc_fail_nth(n);
        int ret = feth_memory_pair(ends, &config, &io_err);
        bool failed = alloc_has_failed();
        alloc_fail_nth(0);
        if (failed) {
            check_refused("memory pair", n, ret, alloc_live() - live);
        } else {
            assert_int_equal(ret, 0);
            feth_io_close(ends[0]);
            feth_io_close(ends[1]);
        }
        assert_int_equal(alloc_live(), live);
        assert_int_equal(fault_descriptors(), descriptors);
        if (!failed)
            break;
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_one_allocation_fails),
        IO_TEST(test_memory_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
