/* SPDX-License-Identifier: Apache-2.0 */
/* Frames over a pair, as they are on every system: the handle that feth_io_open() gives. */
#include "packet_rig.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void test_every_size(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false);
    uint8_t out[1514];
    struct feth_frame frame;
    struct feth_error err;

    for (size_t len = FETH_FRAME_MIN; len <= sizeof(out); len += len < 100 ? 1 : 101) {
        make_frame(out, len, (uint8_t)len);
        ok(feth_io_send(a, out, len, &err), &err);
        assert_true(next_frame(b, is_ours, WAIT_MS, &frame));
        assert_int_equal(frame.len, len);
        assert_int_equal(frame.wire_len, len);
        assert_memory_equal(frame.data, out, len);
        feth_frames_release(&frame, 1);
    }
    /* our own frames are not echoed to us */
    assert_false(next_frame(a, is_ours, QUIET_MS, &frame));
    feth_io_close(a);
    feth_io_close(b);
}

static void test_batch(void **state)
{
    (void)state;
    enum { N = 64 };
    struct feth_io *a = open_io(pair.host, true), *b = open_io(pair.io, true);
    static uint8_t out[N][600];
    static struct iovec iov[N][2];
    static struct feth_tx tx[N];
    struct feth_io_stats before, after;
    struct feth_frame frame;

    for (unsigned i = 0; i < N; i++) {
        make_frame(out[i], sizeof(out[i]), (uint8_t)i);
        iov[i][0] = (struct iovec){out[i], 20};
        iov[i][1] = (struct iovec){out[i] + 20, sizeof(out[i]) - 20};
        tx[i] = (struct feth_tx){.iov = iov[i], .iovcnt = 2};
    }
    feth_io_get_stats(a, &before);
    assert_int_equal(feth_io_send_batch(a, tx, N, NULL), N);
    feth_io_get_stats(a, &after);
    /* one call, but on a macOS that has none for many */
    assert_int_equal(after.tx_calls - before.tx_calls,
                     strcmp(feth_io_backend(a), "ndrv-writev") == 0 ? N : 1);
    assert_int_equal(after.tx_frames - before.tx_frames, N);
    for (unsigned i = 0; i < N; i++) {
        assert_true(next_frame(b, is_ours, WAIT_MS, &frame));
        assert_memory_equal(frame.data, out[i], sizeof(out[i]));
        feth_frames_release(&frame, 1);
    }
    feth_io_close(a);
    feth_io_close(b);
}

static bool is_tagged(const struct feth_frame *frame)
{
    return memcmp(frame->data + 12, "\x81\x00", 2) == 0;
}

static void test_vlan_tag_survives(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false);
    uint8_t out[1518];
    struct feth_frame frame;
    struct feth_error err;

    make_frame(out, sizeof(out), 7);
    memcpy(out + 12, "\x81\x00\x60\x2a\x88\xb5", 6); /* priority 3, VLAN 42 */
    ok(feth_io_send(a, out, sizeof(out), &err), &err);
    assert_true(next_frame(b, is_tagged, WAIT_MS, &frame));
    assert_int_equal(frame.len, sizeof(out));
    assert_memory_equal(frame.data, out, sizeof(out));
    feth_frames_release(&frame, 1);
    feth_io_close(a);
    feth_io_close(b);
}

/* What a third program captures beside the two that talk: both ways where it asks for it, one where it does not. */
static void test_see_sent(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false), *beside[2];
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    uint8_t out[2][100];
    struct feth_frame frame;
    struct feth_error err;

    config.nonblock = true;
    for (int i = 0; i < 2; i++) {
        config.see_sent = i == 1;
        ok(feth_io_open(&beside[i], pair.io, &config, &err), &err);
    }
    make_frame(out[0], sizeof(out[0]), 1);
    make_frame(out[1], sizeof(out[1]), 2);
    ok(feth_io_send(b, out[0], sizeof(out[0]), &err), &err);
    ok(feth_io_send(a, out[1], sizeof(out[1]), &err), &err);
    for (int i = 0; i < 2; i++) {
        for (int k = i == 1 ? 0 : 1; k < 2; k++) {
            assert_true(next_frame(beside[i], is_ours, WAIT_MS, &frame));
            assert_int_equal(frame.len, sizeof(out[k]));
            assert_memory_equal(frame.data, out[k], sizeof(out[k]));
            feth_frames_release(&frame, 1);
        }
        assert_false(next_frame(beside[i], is_ours, QUIET_MS, &frame));
        feth_io_close(beside[i]);
    }
    feth_io_close(a);
    feth_io_close(b);
}

static void test_lengths(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false);
    static uint8_t out[70000];
    struct feth_error err;

    make_frame(out, sizeof(out), 1);
    for (size_t len = 0; len < FETH_FRAME_MIN; len++)
        assert_int_equal(feth_io_send(a, out, len, &err), FETH_ESHORT);
    assert_int_equal(feth_io_send(a, out, 1519, &err), FETH_ELONG);
    assert_int_equal(feth_io_send(a, out, sizeof(out), &err), FETH_ELONG);
    feth_io_close(a);
}

static void test_drops_are_counted(void **state)
{
    (void)state;
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *a = open_io(pair.host, false), *b;
    struct feth_error err;
    struct feth_io_stats stats;
    struct feth_frame frame;
    uint8_t out[1000];
    unsigned got = 0;

    config.nonblock = true;
    config.socket_buffer = 16384;
    ok(feth_io_open(&b, pair.io, &config, &err), &err);
    make_frame(out, sizeof(out), 3);
    for (int i = 0; i < 1000; i++)
        ok(feth_io_send(a, out, sizeof(out), &err), &err);
    while (next_frame(b, is_ours, QUIET_MS, &frame)) {
        feth_frames_release(&frame, 1);
        got++;
    }
    feth_io_get_stats(b, &stats);
    assert_true(got > 0 && got < 1000);
    assert_true(stats.rx_dropped >= 1000 - got);
    feth_io_close(a);
    feth_io_close(b);
}

static void ignore(int sig)
{
    (void)sig;
}

static void test_blocking_ends_with_a_signal(void **state)
{
    (void)state;
    struct feth_io *b;
    struct feth_error err;
    struct feth_frame frame;
    struct sigaction act = {.sa_handler = ignore}, old;
    int n;

    ok(feth_io_open(&b, pair.io, NULL, &err), &err);
    sigaction(SIGALRM, &act, &old);
    ualarm(100000, 100000); /* again and again: the first may come before the wait */
    while ((n = feth_io_recv_batch(b, &frame, 1, &err)) == 1)
        feth_frames_release(&frame, 1);
    ualarm(0, 0);
    sigaction(SIGALRM, &old, NULL);
    assert_int_equal(n, FETH_EAGAIN);
    assert_int_equal(err.sys_errno, EINTR);
    feth_io_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(test_every_size),
        WITH_PAIR(test_batch),
        WITH_PAIR(test_vlan_tag_survives),
        WITH_PAIR(test_see_sent),
        WITH_PAIR(test_lengths),
        WITH_PAIR(test_drops_are_counted),
        WITH_PAIR(test_blocking_ends_with_a_signal),
    };
    return RUN_WITH_CTL(tests);
}
