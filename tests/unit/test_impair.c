/* SPDX-License-Identifier: Apache-2.0 */
/* The impairment layer, on the in-process cable. */
#include "cmocka_all.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <feth/io.h>

#include "layer_frames.h"

enum { MANY = 10000 };

static unsigned number_of(const struct feth_frame *frame)
{
    return (unsigned)(frame->data[14] << 8 | frame->data[15]);
}

static uint64_t clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What became of a run of frames. */
struct run {
    unsigned got;
    unsigned seen[MANY]; /* how often each came */
    unsigned order[2 * MANY];
    unsigned changed_bits;
    unsigned overtaken; /* frames that came after a later one */
};

static void note(struct run *run, const struct feth_frame *frame)
{
    uint8_t want[FRAME];
    unsigned number = number_of(frame), bits = 0;

    assert_int_equal(frame->len, FRAME);
    make_frame(want, number);
    for (size_t i = 0; i < FRAME; i++)
        bits += (unsigned)__builtin_popcount(frame->data[i] ^ want[i]);
    assert_memory_equal(frame->data, want, 14); /* the Ethernet header stays */
    run->changed_bits += bits;
    if (number < MANY) {
        run->seen[number]++;
        if (run->got && number < run->order[run->got - 1])
            run->overtaken++;
    }
    run->order[run->got++] = number;
    assert_true(run->got < 2 * MANY);
}

/* Receive until nothing comes for a moment: longer than anything is held back. */
static void collect(struct feth_io *io, struct run *run)
{
    struct feth_frame frames[64];

    while (feth_io_wait(io, 50, NULL) == 0)
        for (int n; (n = feth_io_recv_batch(io, frames, 64, NULL)) > 0;
             feth_frames_release(frames, (unsigned)n))
            for (int i = 0; i < n; i++)
                note(run, &frames[i]);
}

/* Send MANY frames from one end to the other, receiving on the way. */
static void send_many(struct feth_io *from, struct feth_io *to, struct run *run)
{
    uint8_t f[FRAME];

    memset(run, 0, sizeof(*run));
    for (unsigned i = 0; i < MANY; i++) {
        make_frame(f, i);
        assert_int_equal(feth_io_send(from, f, FRAME, NULL), 0);
        if (i % 64 == 63) {
            struct feth_frame frames[64];
            int n;
            while ((n = feth_io_recv_batch(to, frames, 64, NULL)) > 0) {
                for (int k = 0; k < n; k++)
                    note(run, &frames[k]);
                feth_frames_release(frames, (unsigned)n);
            }
        }
    }
    collect(to, run);
}

/* One impairment, on the receiving or the sending side of the layer. */
static struct run *run_with(const struct feth_impairment *impairment, bool sending, uint64_t seed,
                            struct feth_io_stats *stats)
{
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_error err;
    struct run *run = malloc(sizeof(*run));

    config.seed = seed;
    *(sending ? &config.tx : &config.rx) = *impairment;
    open_pair(ends);
    if (feth_io_impair(&ends[0], &config, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(feth_io_caps(ends[0]), 0);
    send_many(ends[sending ? 0 : 1], ends[sending ? 1 : 0], run);
    if (sending) /* what was delayed is sent when the layer is asked to receive */
        for (int i = 0; i < 3; i++) {
            struct feth_frame frame;
            assert_true(feth_io_wait(ends[0], 20, NULL) <= 0);
            assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), FETH_EAGAIN);
            collect(ends[1], run);
        }
    feth_io_get_stats(ends[0], stats);
    close_pair(ends);
    return run;
}

static void test_none(void **state)
{
    (void)state;
    struct feth_impairment none = {0};
    struct feth_io_stats stats;

    for (int sending = 0; sending < 2; sending++) {
        struct run *run = run_with(&none, sending, 1, &stats);
        assert_int_equal(run->got, MANY);
        assert_int_equal(run->overtaken, 0);
        assert_int_equal(run->changed_bits, 0);
        assert_int_equal(stats.rx_dropped + stats.tx_dropped, 0);
        free(run);
    }
}

/* 10000 draws of 5 %: 500 ± 22; six standard deviations, and the seed is fixed. */
static void assert_about(unsigned n, unsigned expected, unsigned slack)
{
    if (n + slack < expected || n > expected + slack)
        fail_msg("%u is not about %u", n, expected);
}

static void test_loss(void **state)
{
    (void)state;
    struct feth_impairment loss = {.loss = 0.05};
    struct feth_io_stats stats;

    for (int sending = 0; sending < 2; sending++) {
        struct run *run = run_with(&loss, sending, 1, &stats);
        assert_about(MANY - run->got, 500, 130);
        assert_int_equal(run->overtaken, 0);
        assert_int_equal(sending ? stats.tx_dropped : stats.rx_dropped,
                         MANY - run->got); /* each is counted */
        free(run);
    }
    loss.loss = 1;
    struct run *run = run_with(&loss, false, 1, &stats);
    assert_int_equal(run->got, 0);
    free(run);
}

static void test_duplicates(void **state)
{
    (void)state;
    struct feth_impairment twice = {.duplicate = 0.05};
    struct feth_io_stats stats;
    struct run *run = run_with(&twice, false, 1, &stats);
    unsigned two = 0;

    for (unsigned i = 0; i < MANY; i++) {
        assert_true(run->seen[i] == 1 || run->seen[i] == 2);
        two += run->seen[i] == 2;
    }
    assert_about(two, 500, 130);
    free(run);
}

static void test_reordering(void **state)
{
    (void)state;
    struct feth_impairment reorder = {.reorder = 0.05};
    struct feth_io_stats stats;

    for (int sending = 0; sending < 2; sending++) {
        struct run *run = run_with(&reorder, sending, 1, &stats);
        assert_int_equal(run->got, MANY); /* nothing is lost, nor stuck at the end */
        for (unsigned i = 0; i < MANY; i++)
            assert_int_equal(run->seen[i], 1);
        assert_about(run->overtaken, 475, 150);
        free(run);
    }
}

static void test_corruption(void **state)
{
    (void)state;
    struct feth_impairment corrupt = {.corrupt = 0.05};
    struct feth_io_stats stats;
    struct run *run = run_with(&corrupt, false, 1, &stats);

    assert_int_equal(run->got, MANY);
    /* one bit each; those that hit the number itself show as another frame's difference */
    assert_about(run->changed_bits, 500, 180);
    free(run);
}

static void test_seed(void **state)
{
    (void)state;
    struct feth_impairment all = {.loss = 0.02, .duplicate = 0.02};
    struct feth_io_stats stats;
    struct run *a = run_with(&all, false, 42, &stats), *b = run_with(&all, false, 42, &stats);
    struct run *c = run_with(&all, false, 43, &stats);

    assert_int_equal(a->got, b->got);
    assert_memory_equal(a->order, b->order, a->got * sizeof(a->order[0]));
    assert_true(a->got != c->got || memcmp(a->order, c->order, a->got * sizeof(a->order[0])) != 0);
    free(a);
    free(b);
    free(c);
}

static bool readable(const struct feth_io *io)
{
    struct pollfd p = {.fd = feth_io_fd(io), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void test_delay(void **state)
{
    (void)state;
    enum { N = 20 };
    const uint64_t delay = 30000000;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_frame frame;
    uint8_t f[FRAME];

    config.rx.delay_ns = config.tx.delay_ns = delay;
    config.rx.jitter_ns = delay / 2;
    open_pair(ends);
    assert_int_equal(feth_io_impair(&ends[0], &config, NULL), 0);
    uint64_t start = clock_now();
    for (unsigned i = 0; i < N; i++) {
        make_frame(f, i);
        assert_int_equal(feth_io_send(ends[1], f, FRAME, NULL), 0);
    }
    assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), FETH_EAGAIN);
    if (clock_now() - start < delay / 2)
        assert_false(
            readable(ends[0])); /* the frames are in the layer: nothing to do until the first is due */
    for (unsigned i = 0; i < N; i++) {
        int n;
        while ((n = feth_io_recv_batch(ends[0], &frame, 1, NULL)) == FETH_EAGAIN)
            assert_int_equal(feth_io_wait(ends[0], 5000, NULL), 0);
        assert_int_equal(n, 1);
        assert_true(clock_now() - start >= delay / 2); /* never too early */
        assert_int_equal(number_of(&frame), i);        /* order is kept */
        feth_frames_release(&frame, 1);
    }

    /* the other way: the layer's descriptor tells when it wants to send */
    start = clock_now();
    make_frame(f, 1);
    assert_int_equal(feth_io_send(ends[0], f, FRAME, NULL), 0);
    int n;
    while ((n = feth_io_recv_batch(ends[1], &frame, 1, NULL)) == FETH_EAGAIN) {
        assert_int_equal(feth_io_wait(ends[0], 5000, NULL), 0);
        struct feth_frame none;
        assert_int_equal(feth_io_recv_batch(ends[0], &none, 1, NULL), FETH_EAGAIN);
    }
    assert_int_equal(n, 1);
    assert_true(clock_now() - start >= delay);
    feth_frames_release(&frame, 1);

    /* closed with frames on their way, both ways: they are lost, and their memory is not */
    assert_int_equal(feth_io_send(ends[0], f, FRAME, NULL), 0);
    assert_int_equal(feth_io_send(ends[1], f, FRAME, NULL), 0);
    assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), FETH_EAGAIN);
    close_pair(ends);
}

static void test_rate(void **state)
{
    (void)state;
    enum { N = 10 };
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_frame frame;
    uint8_t f[FRAME];
    const uint64_t one = 5000000; /* nanoseconds for a frame */

    config.rx.rate_bps = FRAME * 8 * (1000000000u / one);
    open_pair(ends);
    assert_int_equal(feth_io_impair(&ends[0], &config, NULL), 0);
    for (unsigned i = 0; i < N; i++) {
        make_frame(f, i);
        assert_int_equal(feth_io_send(ends[1], f, FRAME, NULL), 0);
    }
    uint64_t start = clock_now();
    for (unsigned i = 0; i < N; i++) {
        int n;
        while ((n = feth_io_recv_batch(ends[0], &frame, 1, NULL)) == FETH_EAGAIN)
            assert_int_equal(feth_io_wait(ends[0], 5000, NULL), 0);
        assert_int_equal(n, 1);
        assert_int_equal(number_of(&frame), i);
        assert_true(clock_now() - start >= (i + 1) * one); /* the line was busy as long */
        feth_frames_release(&frame, 1);
    }
    close_pair(ends);
}

static void test_queue_limit(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_frame frames[64];
    struct feth_io_stats stats;
    uint8_t f[FRAME];
    unsigned got = 0;

    config.rx.delay_ns = 20000000;
    config.rx.queue = 10;
    open_pair(ends);
    assert_int_equal(feth_io_impair(&ends[0], &config, NULL), 0);
    for (unsigned i = 0; i < 50; i++) {
        make_frame(f, i);
        assert_int_equal(feth_io_send(ends[1], f, FRAME, NULL), 0);
    }
    for (int n; feth_io_wait(ends[0], 200, NULL) == 0;)
        while ((n = feth_io_recv_batch(ends[0], frames, 64, NULL)) > 0) {
            got += (unsigned)n;
            feth_frames_release(frames, (unsigned)n);
        }
    feth_io_get_stats(ends[0], &stats);
    assert_int_equal(got, 10);
    assert_int_equal(stats.rx_dropped, 40);
    close_pair(ends);
}

static void test_closed_far_end(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_frame frame;
    uint8_t f[FRAME];

    config.rx.delay_ns = UINT64_C(3600) * 1000000000u;
    open_pair(ends);
    assert_int_equal(feth_io_impair(&ends[0], &config, NULL), 0);
    make_frame(f, 1);
    assert_int_equal(feth_io_send(ends[1], f, FRAME, NULL), 0);
    feth_io_close(ends[1]);
    assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), 1); /* what was sent comes, and at once */
    feth_frames_release(&frame, 1);
    assert_int_equal(feth_io_recv_batch(ends[0], &frame, 1, NULL), FETH_EGONE);
    assert_int_equal(feth_io_send(ends[0], f, FRAME, NULL), FETH_EGONE);
    feth_io_close(ends[0]);
}

static void test_impair_errors(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2], *before;
    struct feth_error err;
    uint8_t f[2000] = {0};

    open_pair(ends);
    before = ends[0];
    double *const probabilities[] = {&config.rx.loss, &config.tx.duplicate, &config.rx.reorder,
                                     &config.tx.corrupt};
    for (size_t i = 0; i < 4; i++) {
        const double bad[] = {-0.1, 1.1, (double)NAN};
        for (size_t k = 0; k < 3; k++) {
            *probabilities[i] = bad[k];
            assert_int_equal(feth_io_impair(&ends[0], &config, &err), FETH_EINVAL);
        }
        *probabilities[i] = 0;
    }
    config.tx.delay_ns = UINT64_MAX;
    assert_int_equal(feth_io_impair(&ends[0], &config, &err), FETH_EINVAL);
    config.tx.delay_ns = 0;
    config.size = 0;
    assert_int_equal(feth_io_impair(&ends[0], &config, &err), FETH_EINVAL);
    assert_int_equal(feth_io_impair(&ends[0], NULL, &err), FETH_EINVAL);
    assert_ptr_equal(ends[0], before); /* what it was, and in working order */
    assert_int_equal(feth_io_send(ends[0], f, 60, &err), 0);

    config.size = sizeof(config);
    assert_int_equal(feth_io_impair(&ends[0], &config, &err), 0);
    assert_int_equal(feth_io_send(ends[0], f, 1519, &err), FETH_ELONG);
    assert_int_equal(feth_io_send(ends[0], f, 13, &err), FETH_ESHORT);
    close_pair(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),          cmocka_unit_test(test_loss),
        cmocka_unit_test(test_duplicates),    cmocka_unit_test(test_reordering),
        cmocka_unit_test(test_corruption),    cmocka_unit_test(test_seed),
        cmocka_unit_test(test_delay),         cmocka_unit_test(test_rate),
        cmocka_unit_test(test_queue_limit),   cmocka_unit_test(test_closed_far_end),
        cmocka_unit_test(test_impair_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
