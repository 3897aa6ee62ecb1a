/* SPDX-License-Identifier: Apache-2.0 */
/* Interface names and ownership marks. */
#include "cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <feth/feth.h>

#include "core/ctl.h"
#include "core/mark.h"

static void test_name_of_unit(void **state)
{
    (void)state;
    char name[FETH_NAME_SIZE];
    struct feth_error err;

    assert_int_equal(feth_name_of_unit(0, name, &err), 0);
    assert_string_equal(name, "feth0");
    assert_int_equal(feth_name_of_unit(FETH_UNIT_MAX, name, &err), 0);
    assert_string_equal(name, "feth32767");
    assert_int_equal(feth_name_of_unit(FETH_UNIT_MAX + 1, name, &err), FETH_EUNIT);
    assert_non_null(strstr(err.text, "32768"));
    assert_int_equal(feth_name_of_unit(FETH_UNIT_AUTO, name, &err), FETH_EUNIT);
    assert_int_equal(feth_name_of_unit(-7, name, NULL), FETH_EUNIT);
}

static void test_every_unit_and_back(void **state)
{
    (void)state;
    char name[FETH_NAME_SIZE];

    for (int unit = 0; unit <= FETH_UNIT_MAX; unit++) {
        assert_int_equal(feth_name_of_unit(unit, name, NULL), 0);
        assert_int_equal(feth_unit_of_name(name, NULL), unit);
    }
}

static void test_refused_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int code;
        const char *says;
    } refused[] = {
        {NULL, FETH_ENAME, "\"\""},
        {"", FETH_ENAME, "does not start with"},
        {"foo0", FETH_ENAME, "does not start with"},
        {"FETH0", FETH_ENAME, "does not start with"},
        {" feth0", FETH_ENAME, "does not start with"},
        {"feth", FETH_ENAME, "a unit number must follow"},
        {"feth-1", FETH_ENAME, "a unit number must follow"},
        {"feth1 ", FETH_ENAME, "and nothing else"},
        {"feth1x", FETH_ENAME, "and nothing else"},
        {"feth1\n", FETH_ENAME, "and nothing else"},
        {"fetha", FETH_ENAME, "a unit number must follow"},
        {"feth01", FETH_ENAME, "starts with 0"},
        {"feth00", FETH_ENAME, "starts with 0"},
        {"feth123456789012", FETH_ENAME, "more than 15"},
        {"feth32768", FETH_EUNIT, "32767"},
        {"feth99999999999", FETH_EUNIT, "32767"},
    };
    struct feth_error err;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(feth_unit_of_name(refused[i].name, &err), refused[i].code);
        assert_int_equal(err.code, refused[i].code);
        if (!strstr(err.text, refused[i].says))
            fail_msg("%s does not say \"%s\"", err.text, refused[i].says);
    }
}

/* ---- marks -------------------------------------------------------------------------------------------------- */

static void test_mark_of_this_process(void **state)
{
    (void)state;
    char mark[FETH_MARK_SIZE];
    struct feth_error err;
    pid_t owner;

    assert_int_equal(feth_mark_make(mark, FETH_OWNED_BY_PROCESS, &err), 0);
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_ALIVE);
    assert_int_equal(owner, getpid());
    assert_int_equal(feth_mark_make(mark, FETH_PERSISTENT, &err), 0);
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_PERSISTENT);
    assert_int_equal(owner, 0);
    assert_int_equal(feth_mark_make(mark, (enum feth_lifetime)2, &err), FETH_EINVAL);
}

static void test_mark_of_a_dead_process(void **state)
{
    (void)state;
    char mark[FETH_MARK_SIZE];
    int pipefd[2];
    pid_t owner;

    assert_int_equal(pipe(pipefd), 0);
    pid_t child = fork();
    if (child == 0) {
        bool made = feth_mark_make(mark, FETH_OWNED_BY_PROCESS, NULL) == 0 &&
                    write(pipefd[1], mark, sizeof(mark)) == (ssize_t)sizeof(mark);
        _exit(made ? 0 : 1);
    }
    assert_int_equal(read(pipefd[0], mark, sizeof(mark)), sizeof(mark));
    /* a zombie until we look, and dead then: a leftover both times */
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_DEAD);
    assert_int_equal(owner, child);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_DEAD);
    close(pipefd[0]);
    close(pipefd[1]);
}

/* The number of a dead process is given to a new one: the start time tells them apart. */
static void test_mark_of_a_reused_number(void **state)
{
    (void)state;
    char mark[FETH_MARK_SIZE];
    uint64_t start;
    pid_t owner;

    assert_int_equal(feth_os_process_start(getpid(), &start), FETH_PROCESS_THERE);
    (void)snprintf(mark, sizeof(mark), "libfeth:1 pid=%ld start=%" PRIu64 " space=%" PRIu64, (long)getpid(),
                   start + 1, feth_os_process_space());
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_DEAD);
    /* of another container: nothing is known, so it is not called dead */
    (void)snprintf(mark, sizeof(mark), "libfeth:1 pid=%ld start=%" PRIu64 " space=%" PRIu64, (long)getpid(),
                   start + 1, feth_os_process_space() + 1);
    assert_int_equal(feth_mark_read(mark, &owner), FETH_OURS_ALIVE);
}

/* Out of descriptors, Linux tells nothing of a process: one that is there is not called dead for it. */
static void test_mark_where_nothing_is_told(void **state)
{
    (void)state;
    char mark[FETH_MARK_SIZE];
    struct rlimit before, none;
    pid_t owner;

    assert_int_equal(feth_mark_make(mark, FETH_OWNED_BY_PROCESS, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum feth_ownership ownership = feth_mark_read(mark, &owner);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(ownership, FETH_OURS_ALIVE);
}

static void test_texts_that_are_no_mark(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "uplink",
        "libfeth",
        "libfeth:1",
        "libfeth:1 ",
        "libfeth:2 persistent",
        "libfeth:1 persistent ",
        "libfeth:1 persistently",
        "libfeth:1 pid=1",
        "libfeth:1 pid=1 start=2",
        "libfeth:1 pid=1 start=2 space=",
        "libfeth:1 pid=0 start=2 space=3",
        "libfeth:1 pid=-1 start=2 space=3",
        "libfeth:1 pid=x start=2 space=3",
        "libfeth:1 pid=1 start=2 space=3 ",
        "libfeth:1 pid=1 start=2 space=3x",
        "libfeth:1 pid=99999999999 start=2 space=3",
        " libfeth:1 persistent",
    };
    pid_t owner;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (feth_mark_read(texts[i], &owner) != FETH_FOREIGN)
            fail_msg("\"%s\" is taken for a mark", texts[i]);
        assert_int_equal(owner, 0);
    }
}

static void test_process_start(void **state)
{
    (void)state;
    uint64_t a, b;

    assert_int_equal(feth_os_process_start(getpid(), &a), FETH_PROCESS_THERE);
    assert_int_equal(feth_os_process_start(getpid(), &b), FETH_PROCESS_THERE);
    assert_true(a == b && a > 0);
    assert_int_equal(feth_os_process_start(0, &a), FETH_PROCESS_UNTOLD);
    assert_int_equal(feth_os_process_start(-1, &a), FETH_PROCESS_UNTOLD);
    /* above every kernel's highest */
    assert_int_equal(feth_os_process_start((pid_t)0x7fffffff, &a), FETH_PROCESS_UNTOLD);
}

static void test_units_run_out(void **state)
{
    (void)state;
    static struct feth_units units;
    struct feth_error err;
    char name[FETH_NAME_SIZE];

    memset(&units, 0xff, sizeof(units));
    units.used[FETH_UNIT_MAX / 8] = 0x7f; /* all but the last */
    assert_int_equal(feth_units_take(&units, FETH_UNIT_AUTO, name, "create", &err), 0);
    assert_string_equal(name, "feth32767");
    assert_int_equal(feth_units_take(&units, FETH_UNIT_AUTO, name, "create", &err), FETH_ENOUNIT);
    assert_non_null(strstr(err.text, "32767"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_run_out),           cmocka_unit_test(test_name_of_unit),
        cmocka_unit_test(test_every_unit_and_back),     cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_mark_of_this_process),    cmocka_unit_test(test_mark_of_a_dead_process),
        cmocka_unit_test(test_mark_of_a_reused_number), cmocka_unit_test(test_mark_where_nothing_is_told),
        cmocka_unit_test(test_texts_that_are_no_mark),  cmocka_unit_test(test_process_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
