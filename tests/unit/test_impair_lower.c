/* SPDX-License-Identifier: Apache-2.0 */
/* The impairment layer over a handle that fails on demand: what a real one does only when its interface changes. */
#include "cmocka_all.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <feth/io.h>

#include "core/buf.h"
#include "core/fail.h"
#include "core/io_ops.h"

#include "layer_frames.h"

/* A handle that hands out what it was given, and keeps count of what it was sent. */
struct fake {
    struct feth_io io;
    struct feth_pool *pool;
    int fds[2];          /* readable while there is something to receive, as a real one */
    unsigned to_receive; /* frames */
    uint32_t len, wire_len;
    int then; /* after those, once */
    int send; /* what sending answers; 0: taken */
    int sent;
};

static int fake_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct fake *fake = (struct fake *)io;
    struct feth_buf *buf;
    unsigned n = 0;

    for (; n < max && fake->to_receive && feth_pool_get(fake->pool, &buf, 1); n++, fake->to_receive--) {
        frames[n] =
            (struct feth_frame){.data = buf->data, .len = fake->len, .wire_len = fake->wire_len, .buf = buf};
        memset(buf->data, 0x5a, fake->len);
    }
    if (n)
        return (int)n;
    int ret = fake->then ? fake->then : FETH_EAGAIN;
    char byte;
    if (fake->then)
        assert_int_equal(read(fake->fds[0], &byte, 1), 1);
    fake->then = 0;
    return feth_fail(err, ret, 0, "receive", io->name, NULL);
}

static int fake_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct fake *fake = (struct fake *)io;

    (void)frames;
    if (fake->send)
        return feth_fail(err, fake->send, 0, "send", io->name, NULL);
    fake->sent += (int)n;
    return (int)n;
}

static void fake_close(struct feth_io *io)
{
    struct fake *fake = (struct fake *)io;

    feth_pool_close(fake->pool);
    close(fake->fds[0]);
    close(fake->fds[1]);
}

static const struct feth_io_ops fake_ops = {
    .name = "fake", .recv = fake_recv, .send = fake_send, .close = fake_close};

static struct fake *fake_open(struct feth_io **io, const struct feth_impair_config *config)
{
    struct fake *fake = (struct fake *)feth_io_new(sizeof(*fake), &fake_ops, "fake0");

    assert_non_null(fake);
    fake->pool = feth_pool_new(64, 2 * FETH_FRAME_MAX);
    assert_non_null(fake->pool);
    assert_int_equal(pipe(fake->fds), 0);
    fake->io.fd = fake->fds[0];
    fake->io.nonblock = true;
    fake->io.rx_buffers = 64;
    fake->io.link = (struct feth_link){.up = true, .carrier = true, .mtu = 1500};
    fake->len = fake->wire_len = FRAME;
    *io = &fake->io;
    assert_int_equal(feth_io_impair(io, config, NULL), 0);
    return fake;
}

static bool readable(const struct feth_io *io)
{
    struct pollfd p = {.fd = feth_io_fd(io), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

/* Whoever stops at feth_io_pending() still hears that the interface went down. */
static void test_down_behind_frames(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frames[64];
    struct feth_error err;
    struct fake *fake = fake_open(&io, &config);

    fake->to_receive = 3;
    fake->then = FETH_EDOWN;
    assert_int_equal(write(fake->fds[1], "", 1), 1);
    assert_true(readable(io));
    assert_int_equal(feth_io_recv_batch(io, frames, 64, &err), 3);
    feth_frames_release(frames, 3);
    assert_true(feth_io_pending(io) || readable(io));
    assert_int_equal(feth_io_recv_batch(io, frames, 64, &err), FETH_EDOWN);
    assert_int_equal(err.code, FETH_EDOWN);
    assert_int_equal(feth_io_recv_batch(io, frames, 64, &err), FETH_EAGAIN);
    assert_false(feth_io_pending(io));
    assert_false(readable(io));
    feth_io_close(io);
}

/* More than one call takes from below: nobody may be told to wait for a descriptor that stays silent. */
static void test_more_below_than_a_call_takes(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frames[64];
    struct feth_io_stats stats;

    config.rx.loss = 1;
    struct fake *fake = fake_open(&io, &config);
    fake->to_receive = 10000; /* and the descriptor does not say so */
    int turns = 0;
    do {
        assert_int_equal(feth_io_recv_batch(io, frames, 64, NULL), FETH_EAGAIN);
        assert_true(++turns < 100);
    } while (readable(io));
    assert_int_equal(fake->to_receive, 0);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.rx_dropped, 10000);
    feth_io_close(io);
}

/* Frames that were reported as not sent do not leave when the interface is back. */
static void test_down_while_sending(void **state)
{
    (void)state;
    enum { N = 200 };
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frame;
    struct feth_tx batch[N];
    uint8_t f[FRAME];
    struct iovec iov = {f, FRAME};
    struct fake *fake = fake_open(&io, &config);

    make_frame(f, 1);
    for (unsigned i = 0; i < N; i++)
        batch[i] = (struct feth_tx){.iov = &iov, .iovcnt = 1};
    fake->send = FETH_EDOWN;
    assert_int_equal(feth_io_send_batch(io, batch, N, NULL), FETH_EDOWN);
    fake->send = 0;
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    assert_int_equal(fake->sent, 0);
    assert_false(readable(io));
    assert_int_equal(feth_io_send_batch(io, batch, N, NULL), N);
    assert_int_equal(fake->sent, N);
    feth_io_close(io);
}

/* The same with a delay: what waited is lost, what is offered is refused and does not wait. */
static void test_down_while_sending_later(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frame;
    struct feth_io_stats stats;
    uint8_t f[FRAME];

    config.tx.delay_ns = 1000000;
    struct fake *fake = fake_open(&io, &config);
    make_frame(f, 1);
    assert_int_equal(feth_io_send(io, f, FRAME, NULL), 0);
    assert_int_equal(feth_io_wait(io, 5000, NULL), 0);
    fake->send = FETH_EDOWN;
    assert_int_equal(feth_io_send(io, f, FRAME, NULL), FETH_EDOWN);
    fake->send = 0;
    assert_int_equal(feth_io_wait(io, 20, NULL), FETH_ETIMEOUT);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    assert_int_equal(fake->sent, 0);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.tx_dropped, 1);
    assert_int_equal(stats.tx_errors, 1);
    assert_int_equal(feth_io_send(io, f, FRAME, NULL), 0);
    assert_int_equal(feth_io_wait(io, 5000, NULL), 0);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    assert_int_equal(fake->sent, 1);
    feth_io_close(io);
}

/* A handle that is full: frames wait, and leave when there is room, without a spin in between. */
static void test_full_below(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frame;
    uint8_t f[FRAME];
    struct fake *fake = fake_open(&io, &config);

    make_frame(f, 1);
    fake->send = FETH_EAGAIN;
    for (int i = 0; i < 10; i++)
        assert_int_equal(feth_io_send(io, f, FRAME, NULL), 0);
    fake->send = 0;
    assert_int_equal(feth_io_wait(io, 5000, NULL), 0);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    assert_int_equal(fake->sent, 10);
    assert_false(readable(io));
    feth_io_close(io);
}

/* One frame that the handle refuses is lost; those behind it are not. */
static void test_refused_below(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_io_stats stats;
    uint8_t f[FRAME];
    struct fake *fake = fake_open(&io, &config);

    make_frame(f, 1);
    fake->send = FETH_ELONG;
    assert_int_equal(feth_io_send(io, f, FRAME, NULL), 0);
    fake->send = 0;
    assert_int_equal(feth_io_send(io, f, FRAME, NULL), 0);
    assert_int_equal(fake->sent, 1);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.tx_dropped, 1);
    feth_io_close(io);
}

/* A frame that was cut, or is larger than any, does not pass for a whole one. */
static void test_cut_below(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_frame frame;
    struct feth_io_stats stats;
    struct fake *fake = fake_open(&io, &config);

    fake->to_receive = 1;
    fake->wire_len = FRAME + 1;
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    fake->to_receive = 1;
    fake->len = fake->wire_len = FETH_FRAME_MAX + 1;
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    fake->to_receive = 1;
    fake->len = fake->wire_len = FETH_FRAME_MAX;
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), 1);
    assert_int_equal(frame.len, FETH_FRAME_MAX);
    feth_frames_release(&frame, 1);
    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.rx_errors, 2);
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_down_behind_frames), cmocka_unit_test(test_more_below_than_a_call_takes),
        cmocka_unit_test(test_down_while_sending), cmocka_unit_test(test_down_while_sending_later),
        cmocka_unit_test(test_full_below),         cmocka_unit_test(test_refused_below),
        cmocka_unit_test(test_cut_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
