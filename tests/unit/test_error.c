/* SPDX-License-Identifier: Apache-2.0 */
/* The table of error codes, and the sentence that describes a failure. */
#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

#include <feth/error.h>

#include "core/fail.h"

/* The numbers are the ABI: a program built yesterday compares with them. */
static void test_numbers_are_fixed(void **state)
{
    (void)state;
    static const int numbers[] = {
#define NUMBER(name, number, text) FETH_E##name,
        FETH_ERROR_MAP(NUMBER)
#undef NUMBER
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_int_equal(numbers[i], -(int)i - 1);
    assert_int_equal(FETH_EINVAL, -1);
    assert_int_equal(FETH_EPERM, -16);
    assert_int_equal(FETH_ESYS, -28);
}

static void test_names_and_texts(void **state)
{
    (void)state;
    assert_string_equal(feth_code_name(FETH_EPEERED), "FETH_EPEERED");
    assert_string_equal(feth_code_name(FETH_OK), "FETH_OK");
    assert_string_equal(feth_code_name(7), "FETH_OK"); /* a count is a success */
    assert_string_equal(feth_code_name(-1000), "FETH_EUNKNOWN");
    assert_string_equal(feth_code_text(FETH_EPEERED), "interface already has a peer");
    assert_string_equal(feth_code_text(FETH_OK), "success");
    assert_string_equal(feth_code_text(-1000), "unknown error");
    for (int a = FETH_EINVAL; a >= FETH_ESYS; a--) {
        assert_int_equal(strncmp(feth_code_name(a), "FETH_E", 6), 0);
        for (int b = a - 1; b >= FETH_ESYS; b--) {
            assert_string_not_equal(feth_code_name(a), feth_code_name(b));
            assert_string_not_equal(feth_code_text(a), feth_code_text(b));
        }
    }
}

static void test_sentence(void **state)
{
    (void)state;
    struct feth_error err;

    assert_int_equal(
        feth_fail(&err, FETH_EPEERED, EBUSY, "set peer", "feth1", "it has %s: remove it", "feth2"),
        FETH_EPEERED);
    assert_int_equal(err.code, FETH_EPEERED);
    assert_int_equal(err.sys_errno, EBUSY);
    assert_false(err.incomplete);
    assert_string_equal(err.op, "set peer");
    assert_string_equal(err.ifname, "feth1");
    assert_string_equal(err.text, "set peer feth1: it has feth2: remove it");
}

static void test_sentence_without_interface(void **state)
{
    (void)state;
    struct feth_error err;

    assert_int_equal(feth_fail(&err, FETH_ENOMEM, 0, "list", NULL, NULL), FETH_ENOMEM);
    assert_string_equal(err.ifname, "");
    assert_string_equal(err.text, "list: out of memory");
}

static void test_system_error_is_told(void **state)
{
    (void)state;
    struct feth_error err;

    assert_int_equal(feth_fail(&err, FETH_ESYS, ENOSPC, "create", "feth1", "the kernel refuses"), FETH_ESYS);
    assert_string_equal(err.text, "create feth1: the kernel refuses: No space left on device");
    assert_int_equal(feth_fail(&err, FETH_ENOIF, ENODEV, "destroy", "feth1", NULL), FETH_ENOIF);
    assert_string_equal(err.text, "destroy feth1: no such interface: No such device");
}

static void test_nobody_asks(void **state)
{
    (void)state;
    assert_int_equal(feth_fail(NULL, FETH_EINVAL, 0, "create", NULL, "%s", "why"), FETH_EINVAL);
    feth_fail_incomplete(NULL, "%s", "feth1 stays");
}

static void test_incomplete_is_added(void **state)
{
    (void)state;
    struct feth_error err;

    (void)feth_fail(&err, FETH_EADDR, 0, "create", "feth1", "no");
    feth_fail_incomplete(&err, "%s stays", "feth1");
    assert_true(err.incomplete);
    assert_int_equal(err.code, FETH_EADDR);
    assert_non_null(strstr(err.text, "create feth1: no; "));
    assert_non_null(strstr(err.text, "feth1 stays"));
}

static void test_kept_back_and_passed_on(void **state)
{
    (void)state;
    struct feth_error why, err;

    (void)feth_fail(&why, FETH_EEXIST, EEXIST, "create", "feth1", "taken");
    assert_int_equal(feth_fail_as(NULL, &why), FETH_EEXIST);
    assert_int_equal(feth_fail_as(&err, &why), FETH_EEXIST);
    assert_string_equal(err.text, "create feth1: taken");
    assert_int_equal(err.sys_errno, EEXIST);
}

/* Whatever the pieces' lengths, the texts are cut and end with a NUL. */
static void test_long_pieces_are_cut(void **state)
{
    (void)state;
    struct feth_error err;
    char piece[1000];

    memset(piece, 'x', sizeof(piece));
    piece[sizeof(piece) - 1] = '\0';
    memset(&err, 0xff, sizeof(err));
    assert_int_equal(feth_fail(&err, FETH_ESYS, EIO, piece, piece, "%s", piece), FETH_ESYS);
    assert_int_equal(strlen(err.op), sizeof(err.op) - 1);
    assert_int_equal(strlen(err.ifname), sizeof(err.ifname) - 1);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    feth_fail_incomplete(&err, "%s", piece);
    assert_true(err.incomplete);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_fixed),
        cmocka_unit_test(test_names_and_texts),
        cmocka_unit_test(test_sentence),
        cmocka_unit_test(test_sentence_without_interface),
        cmocka_unit_test(test_system_error_is_told),
        cmocka_unit_test(test_nobody_asks),
        cmocka_unit_test(test_incomplete_is_added),
        cmocka_unit_test(test_kept_back_and_passed_on),
        cmocka_unit_test(test_long_pieces_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
