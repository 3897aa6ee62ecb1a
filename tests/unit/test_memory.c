/* SPDX-License-Identifier: Apache-2.0 */
/* The front of a frame handle and the in-process cable under it. */
#include "cmocka_all.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <feth/io.h>

#include "memory_frames.h"

/* How many system calls n frames may take: one for many, but on macOS, which has no such call for local sockets. */
#ifdef FETH_TEST_CALLS_FOR_EACH
#define CALLS(n) (3 * (n))
#else
#define CALLS(n) ((n) / 10)
#endif

static struct feth_memory_config nonblocking(void)
{
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;

    config.io[0].nonblock = config.io[1].nonblock = true;
    return config;
}

static bool readable(const struct feth_io *io)
{
    struct pollfd p = {.fd = feth_io_fd(io), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void test_every_size(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    uint8_t out[1600], in[1600];
    size_t len;

    config.mtu = 1500;
    open_pair(ends, &config);
    for (size_t size = FETH_FRAME_MIN; size <= 1518; size++) {
        make_frame(out, size, (unsigned)size);
        assert_int_equal(feth_io_send(ends[size & 1], out, size, NULL), 0);
        assert_int_equal(feth_io_recv(ends[~size & 1], in, sizeof(in), &len, NULL, NULL), 0);
        assert_int_equal(len, size);
        assert_frame(in, len, (unsigned)size);
    }
    close_pair(ends);
}

static void test_largest(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    uint8_t *out = malloc(FETH_FRAME_MAX), *in = malloc(FETH_FRAME_MAX);
    size_t len;

    config.mtu = 65535;
    open_pair(ends, &config);
    make_frame(out, FETH_FRAME_MAX, 3);
    assert_int_equal(feth_io_send(ends[0], out, FETH_FRAME_MAX, NULL), 0);
    assert_int_equal(feth_io_recv(ends[1], in, FETH_FRAME_MAX, &len, NULL, NULL), 0);
    assert_int_equal(len, FETH_FRAME_MAX);
    assert_frame(in, len, 3);
    close_pair(ends);
    free(out);
    free(in);
}

static void test_batches(void **state)
{
    (void)state;
    enum { N = 200 };
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    static uint8_t out[N][200];
    static struct iovec iov[N][3];
    static struct feth_tx tx[N];
    static struct feth_frame frames[N];
    struct feth_io_stats stats;

    open_pair(ends, &config);
    for (unsigned i = 0; i < N; i++) {
        size_t len = make_frame(out[i], 60 + i % 100, i);
        iov[i][0] = (struct iovec){out[i], 14};
        iov[i][1] = (struct iovec){out[i] + 14, 6};
        iov[i][2] = (struct iovec){out[i] + 20, len - 20};
        tx[i] = (struct feth_tx){.iov = iov[i], .iovcnt = 3};
    }
    unsigned sent = 0, got = 0;
    while (sent < N) {
        int n = feth_io_send_batch(ends[0], tx + sent, N - sent, NULL);
        assert_true(n > 0);
        sent += (unsigned)n;
    }
    assert_true(readable(ends[1]));
    while (got < N) {
        int n = feth_io_recv_batch(ends[1], frames + got, N - got, NULL);
        assert_true(n > 0);
        got += (unsigned)n;
    }
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 1, NULL), FETH_EAGAIN);
    assert_false(readable(ends[1]));
    uint64_t bytes = 0;
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(frames[i].len, 60 + i % 100);
        assert_int_equal(frames[i].wire_len, frames[i].len);
        assert_frame(frames[i].data, frames[i].len, i);
        bytes += frames[i].len;
    }
    feth_io_get_stats(ends[1], &stats);
    assert_int_equal(stats.rx_frames, N);
    assert_int_equal(stats.rx_bytes, bytes);
    assert_true(stats.rx_calls < CALLS(N));
    feth_io_get_stats(ends[0], &stats);
    assert_int_equal(stats.tx_frames, N);
    assert_int_equal(stats.tx_bytes, bytes);
    assert_true(stats.tx_calls < CALLS(N));

    /* borrowed frames outlive the handle */
    close_pair(ends);
    for (unsigned i = 0; i < N; i++)
        assert_frame(frames[i].data, frames[i].len, i);
    feth_frames_release(frames, N);
}

static void test_refused_lengths(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_io_stats stats;
    uint8_t frame[2000] = {0};

    open_pair(ends, &config);
    for (size_t len = 0; len < FETH_FRAME_MIN; len++)
        assert_int_equal(feth_io_send(ends[0], frame, len, &err), FETH_ESHORT);
    assert_non_null(strstr(err.text, "13 bytes"));
    assert_int_equal(feth_io_send(ends[0], frame, 1519, &err), FETH_ELONG);
    assert_non_null(strstr(err.text, "1500"));
    struct iovec huge[2] = {{frame, 100}, {frame, SIZE_MAX}};
    assert_int_equal(feth_io_sendv(ends[0], huge, 2, NULL, &err), FETH_ELONG);
    assert_int_equal(feth_io_sendv(ends[0], huge, 0, NULL, &err), FETH_EINVAL);
    assert_int_equal(feth_io_sendv(ends[0], huge, FETH_IOV_MAX + 1, NULL, &err), FETH_EINVAL);
    assert_int_equal(feth_io_send_batch(ends[0], NULL, 1, &err), FETH_EINVAL);
    assert_false(readable(ends[1]));
    feth_io_get_stats(ends[0], &stats);
    assert_int_equal(stats.tx_frames, 0);
    assert_int_equal(stats.tx_errors, FETH_FRAME_MIN + 4);

    /* a bad frame in a batch: those before it leave, and the next call says why it did not */
    struct iovec good = {frame, 60}, bad = {frame, 13};
    struct feth_tx tx[3] = {
        {.iov = &good, .iovcnt = 1}, {.iov = &bad, .iovcnt = 1}, {.iov = &good, .iovcnt = 1}};
    assert_int_equal(feth_io_send_batch(ends[0], tx, 3, &err), 1);
    assert_int_equal(feth_io_send_batch(ends[0], tx + 1, 2, &err), FETH_ESHORT);
    bad.iov_len = 1519;
    assert_int_equal(feth_io_send_batch(ends[0], tx, 3, &err), 1);
    assert_int_equal(feth_io_send_batch(ends[0], tx + 1, 2, &err), FETH_ELONG);
    close_pair(ends);
}

static void test_copy_keeps_what_does_not_fit(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    uint8_t out[200], in[200];
    size_t len = 0;

    open_pair(ends, &config);
    assert_int_equal(feth_io_recv(ends[1], in, sizeof(in), &len, NULL, &err), FETH_EAGAIN);
    make_frame(out, 200, 1);
    assert_int_equal(feth_io_send(ends[0], out, 200, NULL), 0);
    assert_int_equal(feth_io_recv(ends[1], in, 199, &len, NULL, &err), FETH_ENOSPACE);
    assert_int_equal(len, 200);
    assert_true(feth_io_pending(ends[1]));
    assert_int_equal(feth_io_wait(ends[1], 0, NULL), 0);
    assert_int_equal(feth_io_recv(ends[1], in, 200, &len, NULL, &err), 0);
    assert_frame(in, len, 1);
    assert_false(feth_io_pending(ends[1]));

    /* the batch call finds it too, and closing frees one that nobody took */
    assert_int_equal(feth_io_send(ends[0], out, 200, NULL), 0);
    assert_int_equal(feth_io_recv(ends[1], in, 10, &len, NULL, &err), FETH_ENOSPACE);
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), 1);
    assert_frame(frame.data, frame.len, 1);
    feth_frames_release(&frame, 1);
    assert_int_equal(feth_io_send(ends[0], out, 200, NULL), 0);
    assert_int_equal(feth_io_recv(ends[1], NULL, 0, &len, NULL, &err), FETH_ENOSPACE);
    assert_int_equal(feth_io_recv(ends[1], NULL, 1, &len, NULL, &err), FETH_EINVAL);
    assert_int_equal(feth_io_recv(ends[1], in, 1, NULL, NULL, &err), FETH_EINVAL);
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 0, &err), FETH_EINVAL);
    assert_int_equal(feth_io_recv_batch(ends[1], NULL, 1, &err), FETH_EINVAL);
    close_pair(ends);
}

static void test_buffers_run_out(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_frame frames[4];
    uint8_t out[100];

    config.io[1].rx_buffers = 3;
    open_pair(ends, &config);
    assert_int_equal(feth_io_rx_buffers(ends[1]), 3);
    for (unsigned i = 0; i < 4; i++) {
        make_frame(out, sizeof(out), i);
        assert_int_equal(feth_io_send(ends[0], out, sizeof(out), NULL), 0);
    }
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 4, NULL), 3);
    assert_int_equal(feth_io_recv_batch(ends[1], frames + 3, 1, NULL), FETH_ENOBUFS);
    feth_frames_release(&frames[1], 1);
    assert_int_equal(feth_io_recv_batch(ends[1], frames + 3, 1, NULL), 1);
    assert_frame(frames[0].data, frames[0].len, 0);
    assert_frame(frames[2].data, frames[2].len, 2);
    assert_frame(frames[3].data, frames[3].len, 3);
    feth_frames_release(&frames[0], 1);
    feth_frames_release(&frames[2], 2);
    close_pair(ends);
}

static void test_full_cable(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frames[64];
    uint8_t out[1000];
    unsigned sent = 0, got = 0;
    int n;

    config.io[0].socket_buffer = config.io[1].socket_buffer = 65536;
    open_pair(ends, &config);
    while (sent < 100000 && (n = feth_io_send(ends[0], out, make_frame(out, sizeof(out), sent), &err)) == 0)
        sent++;
    assert_int_equal(n, FETH_EAGAIN);
    /* all that was accepted is there, in order */
    while ((n = feth_io_recv_batch(ends[1], frames, 64, &err)) > 0) {
        for (int i = 0; i < n; i++)
            assert_frame(frames[i].data, frames[i].len, got++);
        feth_frames_release(frames, (unsigned)n);
    }
    assert_int_equal(n, FETH_EAGAIN);
    assert_int_equal(got, sent);
    close_pair(ends);
}

static void test_closed_far_end(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    struct feth_link link;
    uint8_t out[64];

    open_pair(ends, &config);
    feth_io_get_link(ends[1], &link);
    assert_true(link.up && link.carrier && !link.gone);
    assert_int_equal(link.mtu, 1500);
    assert_int_equal(link.mac[0] & 3, 2); /* locally administered unicast */
    make_frame(out, sizeof(out), 9);
    assert_int_equal(feth_io_send(ends[0], out, sizeof(out), NULL), 0);
    feth_io_close(ends[0]);
    assert_true(readable(ends[1]));
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), 1);
    assert_frame(frame.data, frame.len, 9);
    feth_frames_release(&frame, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), FETH_EGONE);
        assert_int_equal(feth_io_send(ends[1], out, sizeof(out), &err), FETH_EGONE);
    }
    feth_io_get_link(ends[1], &link);
    assert_true(link.gone && !link.carrier);
    assert_int_equal(link.changes, 1);
    feth_io_close(ends[1]);
}

static void test_metadata(void **state)
{
    (void)state;
    struct feth_memory_config config = nonblocking();
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    static uint8_t out[40000], in[40000];
    size_t len;
    struct feth_offload meta = {.flags = FETH_CSUM_NEEDED,
                                .gso_type = FETH_GSO_TCPV4,
                                .hdr_len = 54,
                                .gso_size = 1460,
                                .csum_start = 34,
                                .csum_offset = 16};
    struct iovec iov = {out, sizeof(out)};

    /* where both ends take it, it passes unchanged, and lifts the MTU */
    config.io[0].offload = config.io[1].offload = true;
    open_pair(ends, &config);
    assert_true(feth_io_caps(ends[0]) & FETH_CAP_TX_TSO4);
    make_frame(out, sizeof(out), 5);
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &meta, &err), 0);
    assert_int_equal(feth_io_recv(ends[1], in, sizeof(in), &len, NULL, &err),
                     FETH_EINVAL); /* metadata would be lost */
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), 1);
    assert_int_equal(frame.len, sizeof(out));
    assert_memory_equal(&frame.offload, &meta, sizeof(meta));
    feth_frames_release(&frame, 1);
    /* what points outside the frame is refused */
    meta.csum_start = 39999;
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &meta, &err), FETH_EINVAL);
    close_pair(ends);

    /* where one end did not ask for it, nobody can send it */
    meta.csum_start = 34;
    config.io[1].offload = false;
    open_pair(ends, &config);
    assert_int_equal(feth_io_caps(ends[0]), 0);
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &meta, &err), FETH_ENOSUP);
    assert_false(readable(ends[1]));
    close_pair(ends);
}

static void test_config_errors(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_memory_config config = {0};

    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EINVAL);
    assert_null(ends[0]);
    config = (struct feth_memory_config)FETH_MEMORY_CONFIG_INIT;
    config.mtu = 67;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EMTU);
    config.mtu = 65536;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EMTU);
    config.mtu = 0;
    config.io[1].rx_buffers = 1u << 20;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EINVAL);
    config.io[1].rx_buffers = 0;
    config.io[1].size = 0;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EINVAL);
    config.io[1] = (struct feth_io_config)FETH_IO_CONFIG_INIT;
    config.io[1].socket_buffer = (size_t)1 << 40;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_EINVAL);
    config.io[1].socket_buffer = 0;
    config.io[1].see_sent = true;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_ENOSUP);
    config.io[1].see_sent = false;
    config.io[1].tx_path = FETH_TX_NDRV_WRITEV;
    assert_int_equal(feth_memory_pair(ends, &config, &err), FETH_ENOSUP);
    config.io[1].tx_path = FETH_TX_AUTO;
    assert_int_equal(feth_memory_pair(ends, &config, &err), 0);
    assert_string_equal(feth_io_backend(ends[0]), "memory");
    assert_int_equal(feth_io_impair(&ends[0], &(struct feth_impair_config)FETH_IMPAIR_CONFIG_INIT, &err), 0);
    assert_string_equal(feth_io_backend(ends[0]), "memory");
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    feth_io_close(NULL);

    struct feth_io *io;
    assert_int_equal(feth_io_open(&io, NULL, NULL, &err), FETH_ENAME);
    assert_int_equal(feth_io_open(&io, "", NULL, &err), FETH_ENAME);
    assert_int_equal(feth_io_open(&io, "feth0123456789ab", NULL, &err), FETH_ENAME);
    assert_null(io);
}

static void test_wait_times_out(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    struct feth_error err;

    open_pair(ends, NULL);
    assert_int_equal(feth_io_wait(ends[0], 1, &err), FETH_ETIMEOUT);
    close_pair(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_refused_lengths),
        cmocka_unit_test(test_copy_keeps_what_does_not_fit),
        cmocka_unit_test(test_buffers_run_out),
        cmocka_unit_test(test_full_cable),
        cmocka_unit_test(test_closed_far_end),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_config_errors),
        cmocka_unit_test(test_wait_times_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
