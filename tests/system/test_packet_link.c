/* SPDX-License-Identifier: Apache-2.0 */
/* What an open handle learns of its interface: down, up, another MTU, destroyed. */
#include "packet_rig.h"

/* Receive until the handle says something other than a frame or "nothing now". */
static int next_news(struct feth_io *io, struct feth_error *err)
{
    struct feth_frame frame;

    for (int tries = 0; tries < 10000; tries++) {
        int n = feth_io_recv_batch(io, &frame, 1, err);
        if (n == 1)
            feth_frames_release(&frame, 1);
        else if (n != FETH_EAGAIN)
            return n;
        else if (feth_io_wait(io, WAIT_MS, err) < 0)
            return FETH_ETIMEOUT;
    }
    return FETH_EAGAIN;
}

/* Learn until the link is as wanted. */
static bool link_becomes(struct feth_io *io, bool up, bool carrier, unsigned mtu)
{
    struct feth_link link;

    for (int tries = 0; tries < 100; tries++) {
        struct feth_frame frame;
        int n = feth_io_recv_batch(io, &frame, 1, NULL);
        if (n == 1)
            feth_frames_release(&frame, 1);
        feth_io_get_link(io, &link);
        if (link.up == up && link.carrier == carrier && link.mtu == mtu)
            return true;
        if (n == FETH_EAGAIN && feth_io_wait(io, WAIT_MS, NULL) < 0)
            return false;
    }
    return false;
}

/* Whether the descriptor falls silent: late news of the link may wake it a few times, an unread one for ever. */
static bool falls_silent(struct feth_io *io)
{
    for (int wakes = 0; wakes < 10; wakes++) {
        struct feth_frame frame;
        if (feth_io_wait(io, QUIET_MS, NULL) == FETH_ETIMEOUT)
            return true;
        if (feth_io_recv_batch(io, &frame, 1, NULL) != FETH_EAGAIN)
            return false;
    }
    return false;
}

static void test_down_and_up(void **state)
{
    (void)state;
    struct feth_io *b = open_io(pair.io, false), *a = open_io(pair.host, false);
    struct feth_error err;
    struct feth_frame frame;
    uint8_t out[60];

    make_frame(out, sizeof(out), 3);
    assert_true(link_becomes(b, true, true, 1500));
    ok(feth_set_up(ctl, pair.io, false, &err), &err);
    assert_int_equal(next_news(b, &err), FETH_EDOWN);
    assert_int_equal(feth_io_recv_batch(b, &frame, 1, &err), FETH_EAGAIN); /* told once */
    assert_true(falls_silent(b));                                          /* and no spin */
    assert_int_equal(feth_io_send(b, out, sizeof(out), &err), FETH_EDOWN);
    assert_true(link_becomes(a, true, false, 1500));
    ok(feth_set_up(ctl, pair.io, true, &err), &err);
    assert_true(link_becomes(b, true, true, 1500));
    assert_true(link_becomes(a, true, true, 1500));
    ok(feth_io_send(a, out, sizeof(out), &err), &err);
    assert_true(next_frame(b, is_ours, WAIT_MS, &frame));
    feth_frames_release(&frame, 1);
    /* a second time down is told again */
    ok(feth_set_up(ctl, pair.io, false, &err), &err);
    assert_int_equal(next_news(b, &err), FETH_EDOWN);
    feth_io_close(a);
    feth_io_close(b);
    /* opening what is down is no error */
    b = open_io(pair.io, false);
    assert_int_equal(feth_io_recv_batch(b, &frame, 1, &err), FETH_EAGAIN);
    feth_io_close(b);
}

static void test_mtu_change(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false);
    static uint8_t out[2014];
    struct feth_error err;
    struct feth_link link;

    make_frame(out, sizeof(out), 3);
    assert_int_equal(feth_io_send(a, out, sizeof(out), &err), FETH_ELONG);
    feth_io_get_link(a, &link);
    unsigned changes = link.changes;
    ok(feth_set_mtu(ctl, pair.host, 2000, &err), &err);
    ok(feth_set_mtu(ctl, pair.io, 2000, &err), &err);
    assert_true(link_becomes(a, true, true, 2000));
    feth_io_get_link(a, &link);
    assert_true(link.changes > changes);
    ok(feth_io_send(a, out, sizeof(out), &err), &err);
    feth_io_close(a);
}

static void test_destroyed(void **state)
{
    (void)state;
    struct feth_io *b = open_io(pair.io, false);
    struct feth_error err;
    struct feth_link link;
    uint8_t out[60];

    make_frame(out, sizeof(out), 3);
    ok(feth_pair_destroy(ctl, &pair, &err), &err);
    int news = next_news(b, &err);
    assert_int_equal(news == FETH_EDOWN ? next_news(b, &err) : news, FETH_EGONE);
    assert_int_equal(next_news(b, &err), FETH_EGONE); /* from then on */
    assert_int_equal(feth_io_send(b, out, sizeof(out), &err), FETH_EGONE);
    feth_io_get_link(b, &link);
    assert_true(link.gone);
    /* a new interface of the same name is not the one that was opened */
    make_pair(NULL);
    assert_int_equal(feth_io_send(b, out, sizeof(out), &err), FETH_EGONE);
    feth_io_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(test_down_and_up),
        WITH_PAIR(test_mtu_change),
        WITH_PAIR(test_destroyed),
    };
    return RUN_WITH_CTL(tests);
}
