/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the interface under an open handle, and that nobody is woken where there is no news. */
#include "test_io_rig.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static void test_down(void **state)
{
    (void)state;
    struct feth_error err;

    for (unsigned i = 0; i < io_n_ways; i++) {
        struct feth_io *io = io_open_way(&io_ways[i]);
        struct feth_link link;

        model_set_up("feth1", false);
        io_host_sends(60, 1); /* what comes is received all the same, and first */
        io_comes(io, 60, 1);
        assert_int_equal(io_news(io, &err), FETH_EDOWN);
        io_host_sends(60, 2);
        io_comes(io, 60, 2);
        io_empty(io); /* told once */
        assert_int_equal(io_send(io, 60, 3), FETH_EDOWN);
        model_set_up("feth1", true);
        while (feth_io_get_link(io, &link), !link.up) {
            assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
            io_empty(io);
        }
        assert_true(link.carrier);
        assert_int_equal(io_send(io, 60, 4), 0);
        io_arrived(60, 4);
        model_set_up("feth1", false);
        assert_int_equal(io_news(io, &err), FETH_EDOWN); /* and once again */
        model_set_up("feth1", true);
        feth_io_close(io);
    }
}

/* There is always a frame waiting, and the handle is never found empty. */
static void test_down_under_constant_traffic(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_link link = {.up = true};
    unsigned n = 0;

    model_set_up("feth1", false);
    for (; n < 200 && link.up; n++) {
        io_host_sends(60, n);
        io_comes(io, 60, n);
        feth_io_get_link(io, &link);
    }
    assert_false(link.up);
    feth_io_close(io);
}

static void test_destroyed_with_frames_waiting(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_error err;
    struct feth_link link;

    io_host_sends(60, 1);
    io_host_sends(61, 2);
    model_destroy("feth1");
    io_comes(io, 60, 1);
    io_comes(io, 61, 2);
    for (int i = 0; i < 3; i++) {
        struct feth_frame frame;
        assert_int_equal(feth_io_recv_batch(io, &frame, 1, &err), FETH_EGONE);
        assert_int_equal(err.sys_errno, ENXIO);
    }
    feth_io_get_link(io, &link);
    assert_true(link.gone && !link.up && !link.carrier);
    feth_io_close(io);
}

/* By an event, or without such a socket by looking once a second. */
static void destroyed_silently(bool events)
{
    struct feth_error err;

    if (!events)
        model_fail_nth("event", 1, EPERM);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    io_empty(io);
    model_destroy("feth1");
    assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0); /* before any call could learn of it */
    assert_int_equal(io_news(io, &err), FETH_EGONE);
    assert_int_equal(io_send(io, 60, 1), FETH_EGONE);
    feth_io_close(io);
}

static void test_destroyed_silently(void **state)
{
    (void)state;
    destroyed_silently(true);
    model_reset();
    rig_pair();
    destroyed_silently(false);
}

static void *destroy_soon(void *arg)
{
    (void)arg;
    model_destroy("feth1");
    return NULL;
}

static void test_destroyed_while_blocked(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_frame frame;
    struct feth_error err;
    pthread_t thread;

    feth_io_set_nonblock(io, false);

    assert_int_equal(pthread_create(&thread, NULL, destroy_soon, NULL), 0);
    assert_int_equal(feth_io_recv_batch(io, &frame, 1, &err), FETH_EGONE);
    assert_int_equal(pthread_join(thread, NULL), 0);
    feth_io_close(io);
}

/* Whatever has the name now is not what was opened. */
static void test_made_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < io_n_ways; i++) {
        struct feth_io *io = io_open_way(&io_ways[i]);
        struct feth_error err;

        model_destroy("feth1");
        model_detached();
        assert_int_equal(rig_create("feth1"), 0);
        assert_int_equal(rig_peer("feth0", "feth1"), 0);
        assert_int_equal(rig_up("feth1", true), 0);
        /* sending first: nothing may have been learnt by then */
        assert_int_equal(io_send(io, 60, 1), FETH_EGONE);
        assert_int_equal(model_host_waiting("feth0"), 0);
        io_host_sends(60, 2);
        assert_int_equal(io_news(io, &err), FETH_EGONE);
        assert_int_equal(io_send(io, 60, 1), FETH_EGONE);
        feth_io_close(io);
        io = io_open_way(&io_ways[i]); /* a new handle is on the new one */
        assert_int_equal(io_send(io, 60, 3), 0);
        io_arrived(60, 3);
        io_host_sends(60, 4);
        io_comes(io, 60, 4);
        feth_io_close(io);
    }
}

static void test_other_changes(void **state)
{
    (void)state;
    static const uint8_t mac[14] = {2, 9, 9, 9, 9, 9};
    struct feth_io *io = io_open(FETH_TX_AUTO);
    struct feth_link link;

    assert_int_equal(rig_mtu("feth1", 2000), 0);
    assert_int_equal(rig_mac("feth1", mac, 6), 0);
    do {
        assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
        io_empty(io);
        feth_io_get_link(io, &link);
    } while (link.mtu != 2000 || memcmp(link.mac, mac, 6) != 0);
    assert_true(link.changes > 0);

    assert_int_equal(rig_up("feth0", false), 0); /* the far end */
    do {
        assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
        io_empty(io);
        feth_io_get_link(io, &link);
    } while (link.carrier);
    assert_true(link.up);
    assert_int_equal(rig_peer("feth1", ""), 0);
    assert_int_equal(rig_up("feth0", true), 0);
    assert_int_equal(rig_peer("feth0", "feth1"), 0);
    do {
        assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
        io_empty(io);
        feth_io_get_link(io, &link);
    } while (!link.carrier);
    feth_io_close(io);
}

/*
 * What was told to the queue behind the descriptor stays there until it is looked at, although the data have been read:
 * a handle that said "nothing now" has looked, so that nobody is woken for nothing.
 */
static void settled(struct feth_io *io)
{
    for (int tries = 0; tries < 5; tries++) { /* the second at which the handle looks may just have come */
        io_empty(io);
        if (feth_io_wait(io, 0, NULL) == FETH_ETIMEOUT)
            return;
    }
    fail_msg("readable, and nothing to receive");
}

static void test_no_wakeup_without_news(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);

    settled(io);
    for (unsigned i = 0; i < 3; i++) {
        io_host_sends(60, i);
        assert_int_equal(feth_io_wait(io, 0, NULL), 0);
        io_comes(io, 60, i);
        settled(io);
    }
    assert_int_equal(rig_mtu("feth1", 1400), 0); /* a kernel event */
    assert_int_equal(feth_io_wait(io, 0, NULL), 0);
    settled(io);
    assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0); /* the timer of once a second */
    settled(io);
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_down),
        IO_TEST(test_down_under_constant_traffic),
        IO_TEST(test_destroyed_with_frames_waiting),
        IO_TEST(test_destroyed_silently),
        IO_TEST(test_destroyed_while_blocked),
        IO_TEST(test_made_again),
        IO_TEST(test_other_changes),
        IO_TEST(test_no_wakeup_without_news),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
