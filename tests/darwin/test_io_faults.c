/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of every operation on frames fails once, with every errno.  The error says what was refused and why,
 * nothing stays behind, no frame is lost or comes twice, and the handle works as soon as nothing fails any more.
 */
#include "io_ops.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fault_table.h"

#define TABLE FETH_SOURCE_DIR "/tests/darwin/io_faults.txt"

static void describe(const struct io_op *op, int error, const char *what)
{
    fail_msg("%s, %s failing with %s: %s: \"%s\"", op->name, fault_call(), strerror(error), what,
             io_err.text);
}

static void check_text(const struct io_op *op, int ret, int error)
{
    if (io_err.code != ret || io_err.text[0] == '\0')
        describe(op, error, "not described");
    if (ret == FETH_EAGAIN)
        return;
    /* the descriptor behind a handle knows of no interface */
    if (!strstr(io_err.text, io_err.op) || (!strstr(io_err.text, "feth1") && !strstr(io_err.text, "waitset")))
        describe(op, error, "not what was done, and to what");
    if (ret == FETH_EPERM && !strstr(io_err.text, "sudo"))
        describe(op, error, "no advice");
    if (ret == FETH_ESYS && !strstr(io_err.text, strerror(error)))
        describe(op, error, "not the system's own words");
    if (io_err.incomplete)
        describe(op, error, "incomplete");
}

/* so many calls fail where all do from one on */
#define EVER_AFTER 30u

/* Let each call fail in turn, and with ever_after all that follow.  @return how often the operation failed */
static unsigned fail_each(const struct io_op *op, int error, bool ever_after)
{
    unsigned refused = 0;

    for (unsigned n = 1;; n++) {
        unsigned before = fault_descriptors(), mtu;
        int flags;
        uint8_t mac[6];
        io_op_begin(op);
        unsigned opened = fault_descriptors();
        for (unsigned i = 0; i < (ever_after ? EVER_AFTER : 1u); i++)
            model_fail_any(n + i, error);
        int ret = op->run();
        bool reached = model_failed() != NULL;
        model_forget_failures();
        if (reached && !ever_after)
            fault_note(error, ret);
        if (reached && ret < 0) {
            refused++;
            check_text(op, ret, error);
            if (fault_descriptors() != opened)
                describe(op, error, "a descriptor stays behind");
        }
        if (model_interface("feth1", &mtu, &flags, mac) && !(flags & XNU_IFF_UP))
            describe(op, error, "the interface was changed");
        io_op_end(op, ret);
        assert_int_equal(fault_descriptors(), before);
        if (!reached)
            return refused;
    }
}

static void test_one_call_fails(void **state)
{
    (void)state;
    for (unsigned e = 0; e < fault_n_errors; e++) {
        unsigned refused = 0;
        for (unsigned i = 0; i < io_n_ops; i++)
            refused += fail_each(&io_ops[i], fault_error(e), false);
        print_message("%s: %u failures\n", strerror(fault_error(e)), refused);
    }
    assert_true(fault_table_is(TABLE));
}

static void test_calls_fail_from_then_on(void **state)
{
    (void)state;
    static const int errors[] = {EPERM, ENOBUFS, EIO};

    for (unsigned e = 0; e < sizeof(errors) / sizeof(errors[0]); e++) {
        unsigned refused = 0;
        for (unsigned i = 0; i < io_n_ops; i++)
            refused += fail_each(&io_ops[i], errors[e], true);
        assert_true(refused >= 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_one_call_fails),
        IO_TEST(test_calls_fail_from_then_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
