/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking calls on the in-process cable: between threads, and across a fork. */
#include "cmocka_all.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <feth/io.h>

#include "memory_frames.h"

enum { STREAM = 20000 };

static void *send_stream(void *arg)
{
    struct feth_io *io = arg;
    uint8_t out[300];

    for (unsigned i = 0; i < STREAM; i++)
        if (feth_io_send(io, out, make_frame(out, 60 + i % 200, i), NULL) < 0)
            return (void *)1;
    return NULL;
}

static int receive_stream(struct feth_io *io)
{
    struct feth_frame frames[32];
    unsigned got = 0;

    while (got < STREAM) {
        int n = feth_io_recv_batch(io, frames, 32, NULL);
        if (n < 0)
            return n;
        for (int i = 0; i < n; i++, got++)
            for (size_t b = 0; b < frames[i].len; b++)
                if (frames[i].len != 60 + got % 200 || frames[i].data[b] != (uint8_t)(got + b * 7))
                    return -1000;
        feth_frames_release(frames, (unsigned)n);
    }
    return 0;
}

static void test_threads(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    pthread_t threads[2];
    void *failed;

    /* both ways at once: a thread sends on each end, this one receives on both */
    open_pair(ends, NULL);
    assert_int_equal(pthread_create(&threads[0], NULL, send_stream, ends[0]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, send_stream, ends[1]), 0);
    /* take turns, so that neither sender can wait for ever */
    struct feth_frame frames[32];
    unsigned got[2] = {0, 0};
    while (got[0] < STREAM || got[1] < STREAM) {
        for (unsigned e = 0; e < 2; e++) {
            if (got[e] == STREAM || feth_io_wait(ends[e], 1, NULL) < 0)
                continue;
            int n = feth_io_recv_batch(ends[e], frames, 32, NULL);
            assert_true(n > 0);
            for (int i = 0; i < n; i++)
                assert_frame(frames[i].data, frames[i].len, got[e]++);
            feth_frames_release(frames, (unsigned)n);
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    close_pair(ends);
}

static void test_processes(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    int status;

    open_pair(ends, NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        feth_io_close(ends[0]);
        int failed = send_stream(ends[1]) != NULL;
        feth_io_close(ends[1]);
        _exit(failed);
    }
    feth_io_close(ends[1]);
    assert_int_equal(receive_stream(ends[0]), 0);
    struct feth_frame frame;
    assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), FETH_EGONE);
    feth_io_close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The contract of struct feth_error: it is left alone on success, whatever happened on the way. */
static void *send_later(void *arg)
{
    uint8_t out[100];

    usleep(20000);
    return (void *)(intptr_t)feth_io_send(arg, out, make_frame(out, sizeof(out), 1), NULL);
}

static void test_success_leaves_the_error_alone(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    struct feth_error err = {0};
    struct feth_frame frame;
    pthread_t thread;
    void *failed;

    open_pair(ends, NULL);
    assert_int_equal(pthread_create(&thread, NULL, send_later, ends[0]), 0);
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), 1); /* waits */
    feth_frames_release(&frame, 1);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_int_equal(err.code, 0);
    assert_string_equal(err.text, "");
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_success_leaves_the_error_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
