/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output queue holds 128 frames, and what comes to a full one is lost without a word to the sender.  Over TAP devices:
 * what reaches the host is what Linux has counted.  The library asks how full the queue is, and loses nothing where
 * it is emptied in time; where it is not, every frame that is lost is counted.
 */
#include "test_io_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tap_rig.h"

enum { QUEUE = 128, LEN = 60, MANY = 1000 };

static uint8_t frame[LEN];
static struct iovec iov = {frame, LEN};
static struct feth_tx tx[MANY];

/* Frames that came in at feth0, as Linux counts. */
static unsigned long received(void)
{
    FILE *file = fopen("/proc/net/dev", "r");
    unsigned long bytes, n = 0;
    char line[256];

    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, " feth0: %lu %lu", &bytes, &n) == 2)
            break;
    assert_int_equal(fclose(file), 0);
    return n;
}

static int setup(void **state)
{
    (void)state;
    model_reset();
    rig_pair();
    rig_frame(frame, sizeof(frame), 1);
    for (unsigned i = 0; i < MANY; i++)
        tx[i] = (struct feth_tx){.iov = &iov, .iovcnt = 1};
    return 0;
}

static int teardown(void **state)
{
    model_starter(0);
    return io_teardown(state);
}

/* What a program sees that does not ask: RUN11. */
static void test_lost_without_a_word(void **state)
{
    (void)state;
    const int sockets[] = {rig_ndrv("feth1"), rig_bpf_on("feth1", 4096)};

    for (unsigned s = 0; s < 2; s++) {
        unsigned long before = received();
        unsigned drops = model_queue_drops("feth1");
        model_stall("feth1", true);
        for (unsigned i = 0; i < MANY; i++)
            assert_int_equal(write(sockets[s], frame, LEN), LEN);
        model_stall("feth1", false);
        assert_int_equal(received() - before, QUEUE);
        assert_int_equal(model_queue_drops("feth1") - drops, MANY - QUEUE);
        assert_int_equal(close(sockets[s]), 0);
    }
}

#define EACH_WAY(io, way)                                                                                    \
    for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++)                                  \
        for (struct feth_io *io = io_open_way(way); io; feth_io_close(io), io = NULL)

/* The queue is emptied whenever the handle says that it is full, and not before. */
static void test_nothing_is_lost(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        unsigned long before = received();
        unsigned times_full = 0;
        struct feth_io_stats stats;

        model_stall("feth1", true);
        for (unsigned sent = 0; sent < MANY;) {
            int n = feth_io_send_batch(io, tx + sent, MANY - sent, NULL);
            assert_true(n > 0 || n == FETH_EAGAIN);
            sent += n > 0 ? (unsigned)n : 0;
            if (n == FETH_EAGAIN) {
                times_full++;
                assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0); /* to try again */
                io_empty(io);
                model_stall("feth1", false);
                model_stall("feth1", true);
            }
        }
        model_stall("feth1", false);
        assert_int_equal(times_full, (MANY - 1) / QUEUE);
        assert_int_equal(received() - before, MANY);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_frames, MANY);
        assert_int_equal(stats.tx_dropped, 0);
    }
    assert_int_equal(model_queue_drops("feth1"), 0);
}

/* Each frame has reached the host or is counted as dropped. */
static void expect_account(const struct feth_io *io, unsigned long before, unsigned sent, unsigned drops)
{
    struct feth_io_stats stats;

    feth_io_get_stats(io, &stats);
    assert_int_equal(stats.tx_frames, sent);
    assert_int_equal(stats.tx_errors, 0);
    assert_int_equal(stats.tx_dropped, model_queue_drops("feth1") - drops);
    assert_int_equal(received() - before + stats.tx_dropped, sent);
}

/* Nobody empties it for a while: a blocking sender goes on after some patience; and the account holds also afterwards,
 * when a thread empties it, which on a busy machine may come too late. */
static void test_what_is_lost_is_counted(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        unsigned long before = received();
        unsigned drops = model_queue_drops("feth1");
        struct feth_io_stats stats;

        feth_io_set_nonblock(io, false);
        model_stall("feth1", true);
        assert_int_equal(feth_io_send_batch(io, tx, 300, NULL), 300);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_dropped, 300 - QUEUE);
        model_stall("feth1", false);
        assert_int_equal(received() - before, QUEUE);
        expect_account(io, before, 300, drops);

        model_starter(2000);
        assert_int_equal(feth_io_send_batch(io, tx, MANY, NULL), MANY);
        model_starter(0); /* what is in it still leaves */
        expect_account(io, before, 300 + MANY, drops);
        assert_int_equal(feth_io_send_batch(io, tx, QUEUE, NULL), QUEUE);
        expect_account(io, before, 300 + MANY + QUEUE, drops);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_lost_without_a_word),
        TEST(test_nothing_is_lost),
        TEST(test_what_is_lost_is_counted),
    };

    int status = tap_rig_enter();
    if (status)
        return status;
    return tap_rig_leave(cmocka_run_group_tests(tests, NULL, NULL));
}
