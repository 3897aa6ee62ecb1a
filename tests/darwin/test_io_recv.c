/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving: many frames of one read, lent out, cut, lost. */
#include "test_io_rig.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static struct feth_io *open_with(unsigned rx_buffers, size_t socket_buffer, bool nonblock)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *io;
    struct feth_error err;

    config.nonblock = nonblock;
    config.rx_buffers = rx_buffers;
    config.socket_buffer = socket_buffer;
    if (feth_io_open(&io, "feth1", &config, &err) < 0)
        fail_msg("%s", err.text);
    return io;
}

static void expect_frame(const struct feth_frame *frame, size_t len, unsigned number)
{
    static uint8_t want[70000];

    rig_frame(want, len, number);
    assert_int_equal(frame->len, len);
    assert_int_equal(frame->wire_len, len);
    assert_memory_equal(frame->data, want, len);
}

/* ---- lent out ----------------------------------------------------------------------------------------------- */

static void test_many_of_one_read(void **state)
{
    (void)state;
    enum { N = 100 };
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_frame frames[N];
    struct feth_io_stats stats;
    unsigned got = 0;

    assert_int_equal(feth_io_wait(io, 0, NULL), FETH_ETIMEOUT);
    for (unsigned i = 0; i < N; i++) {
        io_host_sends(14 + i, i);
        assert_int_equal(feth_io_wait(io, 0, NULL), 0); /* from the first one on */
    }
    for (unsigned take = 1; got < N; take++) {
        int n = feth_io_recv_batch(io, frames + got, take < N - got ? take : N - got, NULL);
        assert_true(n > 0);
        got += (unsigned)n;
        /* the descriptor says nothing of what the handle holds, so the handle does */
        assert_int_equal(feth_io_pending(io), got < N);
        if (got < N)
            assert_int_equal(feth_io_wait(io, 0, NULL), 0);
    }
    io_empty(io);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.rx_calls, 1); /* with them all: that there is nothing more the kqueue tells */
    assert_int_equal(stats.rx_frames, N);
    for (unsigned i = 0; i < N; i++) {
        expect_frame(&frames[i], 14 + i, i);
        assert_ptr_equal(frames[i].buf, frames[0].buf);
        assert_int_equal(((uintptr_t)frames[i].data + 14) % 4, 0); /* the IP header is aligned */
    }
    feth_frames_release(frames, N);
    feth_io_close(io);
}

static void test_lent_frames_stay(void **state)
{
    (void)state;
    enum { N = 8 };
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_frame frames[N];

    /* one is kept of each read, others come and go in between */
    for (unsigned i = 0; i < N; i++) {
        io_host_sends(200, i);
        io_host_sends(300, 100);
        io_host_sends(5, 100); /* no frame: not handed out */
        assert_int_equal(feth_io_recv_batch(io, &frames[i], 1, NULL), 1);
        io_comes(io, 300, 100);
        io_empty(io);
    }
    feth_io_close(io);
    for (unsigned i = 0; i < N; i++) {
        expect_frame(&frames[i], 200, i);
        memset(frames[i].data, 0, frames[i].len); /* ours to change */
    }
    feth_frames_release(frames, N);
}

static void *release(void *arg)
{
    feth_frames_release(arg, 1);
    return NULL;
}

static void test_released_by_another_thread(void **state)
{
    (void)state;
    struct feth_io *io = open_with(2, 0, true);
    struct feth_frame frame;
    pthread_t thread;

    for (unsigned i = 0; i < 50; i++) {
        io_host_sends(100, i);
        assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), 1);
        expect_frame(&frame, 100, i);
        assert_int_equal(pthread_create(&thread, NULL, release, &frame), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    feth_io_close(io);
}

static void test_all_buffers_borrowed(void **state)
{
    (void)state;
    enum { BUFFERS = 3 };
    struct feth_io *io = open_with(BUFFERS, 0, true);
    struct feth_frame frames[BUFFERS], frame;
    struct feth_error err;

    assert_int_equal(feth_io_rx_buffers(io), BUFFERS);
    for (unsigned i = 0; i < BUFFERS; i++) {
        io_host_sends(100, i);
        assert_int_equal(feth_io_recv_batch(io, &frames[i], 1, NULL), 1);
    }
    io_host_sends(100, 77);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, &err), FETH_ENOBUFS);
    feth_frames_release(&frames[1], 1);
    io_comes(io, 100, 77); /* nothing was lost */
    expect_frame(&frames[0], 100, 0);
    expect_frame(&frames[2], 100, 2);
    feth_frames_release(&frames[0], 1);
    feth_frames_release(&frames[2], 1);
    feth_io_close(io);
}

static void test_copying(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    uint8_t small[60], large[200], want[100];
    size_t len;

    io_host_sends(100, 1);
    io_host_sends(60, 2);
    assert_int_equal(feth_io_recv(io, small, sizeof(small), &len, NULL, NULL), FETH_ENOSPACE);
    assert_int_equal(len, 100);
    assert_true(feth_io_pending(io));
    assert_int_equal(feth_io_recv(io, large, sizeof(large), &len, NULL, NULL), 0);
    rig_frame(want, 100, 1);
    assert_memory_equal(large, want, 100);
    assert_int_equal(feth_io_recv(io, small, sizeof(small), &len, NULL, NULL), 0);
    assert_int_equal(len, 60);
    io_empty(io);
    feth_io_close(io);
}

/* ---- cut and lost ------------------------------------------------------------------------------------------- */

static void test_cut(void **state)
{
    (void)state;
    struct feth_io *io = open_with(4, 1, true); /* the least there is */
    struct feth_io_stats stats;
    struct feth_frame frame;

    io_host_sends(FETH_FRAME_MAX, 3); /* fits all the same */
    io_comes(io, FETH_FRAME_MAX, 3);
    io_host_sends(FETH_FRAME_MAX + 1, 4);
    io_host_sends(70000, 5);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), 1);
        assert_int_equal(frame.len, FETH_FRAME_MAX);
        assert_int_equal(frame.wire_len, i ? 70000 : FETH_FRAME_MAX + 1);
        feth_frames_release(&frame, 1);
    }
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.rx_truncated, 2);
    assert_int_equal(stats.rx_frames, 3);
    feth_io_close(io);
}

/* The host announces a new address: a stack at the I/O side hears of it. */
static void test_announcement(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_frame frame;

    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), 1);
    assert_int_equal(frame.len, 42);
    assert_memory_equal(frame.data + 12, "\x08\x06", 2);
    assert_memory_equal(frame.data + 38, "\x0a\0\0\x01", 4);
    feth_frames_release(&frame, 1);
    feth_io_close(io);
}

static void test_no_frames(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_io_stats stats;

    for (unsigned len = 0; len < FETH_FRAME_MIN; len++)
        io_host_sends(len, len);
    io_empty(io);
    io_host_sends(FETH_FRAME_MIN, 1);
    io_host_sends(3, 1);
    io_comes(io, FETH_FRAME_MIN, 1);
    io_empty(io);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.rx_errors, FETH_FRAME_MIN + 1);
    assert_int_equal(stats.rx_frames, 1);
    feth_io_close(io);
}

static void test_drops(void **state)
{
    (void)state;
    struct feth_io *io = open_with(4, 1, true);
    struct feth_io_stats stats;
    struct feth_frame frames[64];
    unsigned got = 0;
    int n;

    for (unsigned i = 0; i < 500; i++)
        io_host_sends(1500, i);
    while ((n = feth_io_recv_batch(io, frames, 64, NULL)) > 0) {
        for (int i = 0; i < n; i++)
            expect_frame(&frames[i], 1500, got + (unsigned)i); /* the first ones */
        got += (unsigned)n;
        feth_frames_release(frames, (unsigned)n);
    }
    feth_io_get_stats(io, &stats);
    assert_int_equal(n, FETH_EAGAIN);
    assert_true(got > 0 && got < 500);
    assert_int_equal(stats.rx_dropped, 500 - got);
    feth_io_close(io);
}

static void test_own_frames_are_not_seen(void **state)
{
    (void)state;
    for (unsigned i = 0; i < io_n_ways; i++) {
        struct feth_io *io = io_open_way(&io_ways[i]), *other = io_open(FETH_TX_AUTO);
        assert_int_equal(io_send(io, 60, 1), 0);
        io_arrived(60, 1);
        io_empty(io);
        io_empty(other);
        feth_io_close(io);
        feth_io_close(other);
    }
}

/* ---- calls that fail ---------------------------------------------------------------------------------------- */

static void test_read_fails(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_frame frame;
    struct feth_error err;

    io_host_sends(60, 1);
    model_fail_nth("read", 1, EINTR);
    io_comes(io, 60, 1);
    io_empty(io);
    model_fail_nth("read", 1, EIO);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, &err), FETH_ESYS);
    assert_int_equal(err.sys_errno, EIO);
    assert_non_null(strstr(err.text, "receive feth1"));
    io_host_sends(60, 2);
    io_comes(io, 60, 2);
    /* nothing about the interface is learnt from requests that fail */
    struct feth_link before, after;
    feth_io_get_link(io, &before);
    model_fail_nth("SIOCGIFFLAGS", 1, EPERM);
    model_fail_nth("SIOCGIFMTU", 1, EPERM);
    assert_int_equal(rig_mtu("feth1", 1400), 0);
    io_empty(io);
    feth_io_get_link(io, &after);
    assert_memory_equal(&before, &after, sizeof(before));
    feth_io_close(io);
    /* a far end that the kernel does not tell of is taken to be there */
    model_fail_nth("SIOCGDRVSPEC", 1, EPERM);
    io = io_open(FETH_TX_AUTO);
    feth_io_get_link(io, &after);
    assert_true(after.carrier);
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_many_of_one_read),
        IO_TEST(test_lent_frames_stay),
        IO_TEST(test_released_by_another_thread),
        IO_TEST(test_all_buffers_borrowed),
        IO_TEST(test_copying),
        IO_TEST(test_cut),
        IO_TEST(test_announcement),
        IO_TEST(test_no_frames),
        IO_TEST(test_drops),
        IO_TEST(test_own_frames_are_not_seen),
        IO_TEST(test_read_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
