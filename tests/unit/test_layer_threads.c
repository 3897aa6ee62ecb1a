/* SPDX-License-Identifier: Apache-2.0 */
/* One thread receives through the layers while another sends: for the thread sanitizer, and for the order of things. */
#include "cmocka_all.h"

#include <pthread.h>

#include <feth/io.h>

#include "layer_frames.h"

enum { MANY = 2000, BATCH = 16 };

static void *sender(void *arg)
{
    struct feth_io *io = arg;
    uint8_t f[FRAME];

    for (unsigned i = 0; i < MANY; i++) {
        make_frame(f, i);
        if (feth_io_send(io, f, FRAME, NULL) < 0)
            return NULL;
    }
    return io; /* not NULL: all were taken */
}

/* Receives until all have come, in order. */
static void *receiver(void *arg)
{
    struct feth_io *io = arg;
    struct feth_frame frames[BATCH];
    unsigned got = 0;
    bool good = true;

    while (good && got < MANY) {
        int n = feth_io_recv_batch(io, frames, BATCH, NULL);
        good = n > 0;
        for (int i = 0; i < n; i++, got++)
            good = good && (unsigned)(frames[i].data[14] << 8 | frames[i].data[15]) == got;
        if (n > 0)
            feth_frames_release(frames, (unsigned)n);
    }
    return good ? io : NULL;
}

/* The far end sends everything back. */
static void echo(struct feth_io *io)
{
    struct feth_frame frames[BATCH];

    for (unsigned got = 0; got < MANY;) {
        assert_int_equal(feth_io_wait(io, 10000, NULL), 0);
        int n = feth_io_recv_batch(io, frames, BATCH, NULL);
        assert_true(n > 0 || n == FETH_EAGAIN);
        for (int i = 0; i < n; i++, got++)
            assert_int_equal(feth_io_send(io, frames[i].data, frames[i].len, NULL), 0);
        if (n > 0)
            feth_frames_release(frames, (unsigned)n);
    }
}

static void test_both_ways_at_once(void **state)
{
    (void)state;
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_io_stats stats;
    pthread_t threads[2];
    void *good[2];

    config.rx.delay_ns = config.tx.delay_ns = 1000000;
    config.tx.jitter_ns = 500000;
    open_pair(ends);
    feth_io_set_nonblock(ends[0], false);
    assert_int_equal(feth_io_impair(&ends[0], &config, NULL), 0);
#ifdef FETH_TEST_PCAP
    assert_int_equal(feth_io_pcap(&ends[0], "/dev/null", 0, NULL), 0);
#endif
    assert_int_equal(pthread_create(&threads[0], NULL, receiver, ends[0]), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, sender, ends[0]), 0);
    echo(ends[1]);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], &good[i]), 0);
    assert_non_null(good[0]);
    assert_non_null(good[1]);
    feth_io_get_stats(ends[0], &stats);
    assert_int_equal(stats.rx_frames, MANY);
    assert_int_equal(stats.tx_frames, MANY);
    assert_int_equal(stats.rx_dropped + stats.tx_dropped, 0);
    close_pair(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_ways_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
