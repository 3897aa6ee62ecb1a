/* SPDX-License-Identifier: Apache-2.0 */
/* Several descriptors and a timer behind one descriptor. */
#include "cmocka_all.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "core/os.h"

#define SECOND UINT64_C(1000000000)

static struct feth_os_waitset *ws;

static int setup(void **state)
{
    (void)state;
    return feth_os_waitset_open(&ws, NULL);
}

static int teardown(void **state)
{
    (void)state;
    feth_os_waitset_close(ws);
    feth_os_waitset_close(NULL);
    return 0;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static bool readable(int timeout_ms)
{
    struct pollfd p = {.fd = feth_os_waitset_fd(ws), .events = POLLIN};

    return poll(&p, 1, timeout_ms) == 1;
}

static void test_descriptors(void **state)
{
    (void)state;
    int fds[2][2];
    char byte;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(fds[i]), 0);
        assert_int_equal(feth_os_waitset_add(ws, fds[i][0], NULL), 0);
    }
    assert_false(readable(0));
    for (int round = 0; round < 4; round++) {
        const int *fd = fds[round % 2];
        assert_int_equal(write(fd[1], "ab", 2), 2);
        assert_true(readable(10000));
        assert_int_equal(read(fd[0], &byte, 1), 1);
        assert_true(feth_os_waitset_settle(ws)); /* there is more: it stays */
        assert_true(readable(10000));
        assert_int_equal(read(fd[0], &byte, 1), 1);
        (void)feth_os_waitset_settle(ws); /* read empty: it does not */
        assert_false(readable(0));
    }
    close(fds[0][1]); /* an end is something to read, too */
    assert_true(readable(10000));
    close(fds[0][0]);
    close(fds[1][0]);
    close(fds[1][1]);
}

static void test_bad_descriptor(void **state)
{
    (void)state;
    struct feth_error err;
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(feth_os_waitset_add(ws, fds[0], &err), FETH_ESYS);
    assert_int_equal(err.code, FETH_ESYS);
}

static void test_timer(void **state)
{
    (void)state;
    feth_os_waitset_timer(ws, now() + SECOND / 100);
    assert_true(readable(10000));
    for (int i = 0; i < 3; i++) { /* until it is set again */
        assert_true(feth_os_waitset_settle(ws));
        assert_true(readable(10000));
    }
    feth_os_waitset_timer(ws, now() + 3600 * SECOND);
    assert_false(readable(0));
    feth_os_waitset_timer(ws, 1); /* long ago */
    assert_true(readable(10000));
    feth_os_waitset_timer(ws, 0);
    assert_false(readable(20));
    feth_os_waitset_timer(ws, now() + SECOND / 100);
    feth_os_waitset_timer(ws, 0);
    assert_false(readable(50));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_descriptors), TEST(test_bad_descriptor), TEST(test_timer)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
