/* SPDX-License-Identifier: Apache-2.0 */
/* Sending by each of the ways, on each kernel: sizes, order, what is refused, what fails. */
#include "test_io_rig.h"

#include <errno.h>
#include <string.h>

static uint8_t frames[300][2100];
static struct iovec iov[300][4];
static struct feth_tx tx[300];

/* N frames of their numbers, len bytes or more, each in some pieces. */
static void prepare(unsigned n, size_t len)
{
    for (unsigned i = 0; i < n; i++) {
        size_t whole = len + i % 5;
        rig_frame(frames[i], whole, i);
        iov[i][0] = (struct iovec){frames[i], 14};
        iov[i][1] = (struct iovec){frames[i] + 14, 0}; /* a piece of nothing */
        iov[i][2] = (struct iovec){frames[i] + 14, 1};
        iov[i][3] = (struct iovec){frames[i] + 15, whole - 15};
        tx[i] = (struct feth_tx){.iov = iov[i], .iovcnt = 4};
    }
}

static void arrived(unsigned from, unsigned to, size_t len)
{
    for (unsigned i = from; i < to; i++)
        io_arrived(len + i % 5, i);
    assert_int_equal(model_host_waiting("feth0"), 0);
}

#define EACH_WAY(io, way)                                                                                    \
    for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++)                                  \
        for (struct feth_io *io = io_open_way(way); io; feth_io_close(io), io = NULL)

static void test_batch(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        struct feth_io_stats before, after;

        prepare(100, 60);
        feth_io_get_stats(io, &before);
        assert_int_equal(feth_io_send_batch(io, tx, 100, NULL), 100);
        feth_io_get_stats(io, &after);
        assert_int_equal(after.tx_calls - before.tx_calls, way->path == FETH_TX_NDRV_WRITEV ? 100 : 1);
        assert_int_equal(after.tx_frames - before.tx_frames, 100);
        arrived(0, 100, 60);
        for (size_t len = 15; len < 40; len++) { /* every padding */
            prepare(3, len);
            assert_int_equal(feth_io_send_batch(io, tx, 3, NULL), 3);
            arrived(0, 3, len);
        }
    }
}

/* More than a call takes, in frames, and in pieces. */
static void test_large_batch(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        static struct iovec pieces[300][FETH_IOV_MAX];

        feth_io_set_nonblock(io, false);
        prepare(300, 60);
        assert_int_equal(feth_io_send_batch(io, tx, 300, NULL), 300);
        arrived(0, 300, 60);
        prepare(30, 1400);
        for (unsigned i = 0; i < 30; i++) {
            size_t whole = 1400 + i % 5, at = 0;
            for (unsigned k = 0; k < FETH_IOV_MAX; k++) {
                size_t len = k == FETH_IOV_MAX - 1 ? whole - at : 10;
                pieces[i][k] = (struct iovec){frames[i] + at, len};
                at += len;
            }
            tx[i] = (struct feth_tx){.iov = pieces[i], .iovcnt = FETH_IOV_MAX};
        }
        assert_int_equal(feth_io_send_batch(io, tx, 30, NULL), 30);
        arrived(0, 30, 1400);
        assert_int_equal(model_queue_drops("feth1"), 0);
    }
}

/* ---- sizes -------------------------------------------------------------------------------------------------- */

static void test_mtu(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        struct feth_io_stats stats;

        assert_int_equal(rig_mtu("feth1", 1500), 0);
        while (feth_io_wait(io, 0, NULL) == 0)
            io_empty(io);
        for (size_t len = 0; len < FETH_FRAME_MIN; len++)
            assert_int_equal(io_send(io, len, 1), FETH_ESHORT);
        assert_int_equal(io_send(io, FETH_FRAME_MIN, 2), 0);
        io_arrived(FETH_FRAME_MIN, 2);
        assert_int_equal(io_send(io, 1518, 3), 0); /* with a VLAN tag */
        io_arrived(1518, 3);
        assert_int_equal(io_send(io, 1519, 4), FETH_ELONG);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_errors, FETH_FRAME_MIN + 1);
        /* a larger MTU counts at once, also for who has not heard of it */
        assert_int_equal(rig_mtu("feth1", 2000), 0);
        assert_int_equal(io_send(io, 2018, 5), 0);
        io_arrived(2018, 5);
        assert_int_equal(io_send(io, 2019, 6), FETH_ELONG);
        /* one too long: those before it are sent, then the caller hears of it */
        prepare(10, 2005);
        iov[7][3].iov_len += 12;
        assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), 7);
        assert_int_equal(feth_io_send_batch(io, tx + 7, 3, NULL), FETH_ELONG);
        arrived(0, 7, 2005);
    }
}

/* The largest frames that there can be: a real kernel never sends again after one above 16384 bytes, until macOS 15. */
static void test_largest(void **state)
{
    (void)state;
    for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++) {
        struct feth_error err;
        static uint8_t frame[17000];

        model_reset();
        assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16370), 0);
        rig_pair();
        assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
        assert_int_equal(rig_mtu("feth1", 16370), 0);
        struct feth_io *io = io_open_way(way);
        assert_int_equal(io_send(io, 9014, 1), 0);
        io_arrived(9014, 1);
        assert_int_equal(io_send(io, 16384, 2), 0);
        io_arrived(16384, 2);
        assert_int_equal(io_send(io, 16385, 3), way->major >= 15 ? 0 : FETH_ELONG);
        if (way->major >= 15) {
            io_arrived(16385, 3);
            assert_int_equal(io_send(io, 16388, 4), 0); /* and a VLAN tag */
            io_arrived(16388, 4);
        } else {
            assert_int_equal(feth_io_send(io, frame, 16385, &err), FETH_ELONG);
            assert_non_null(strstr(err.text, "16384"));
        }
        assert_int_equal(io_send(io, 16389, 5), FETH_ELONG);
        feth_io_close(io);
    }
}

/* Frames that the kernel has no memory for at first leave with the next one, in order; none is lost, or counted so. */
static void test_large_frames_may_wait(void **state)
{
    (void)state;
    for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++) {
        struct feth_io_stats stats;

        model_reset();
        assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16370), 0);
        rig_pair();
        assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
        assert_int_equal(rig_mtu("feth1", 9000), 0);
        struct feth_io *io = io_open_way(way);
        model_starve(1);
        assert_int_equal(io_send(io, 9014, 1), 0);
        assert_int_equal(model_host_waiting("feth0"), way->major >= 15);
        assert_int_equal(io_send(io, 60, 2), 0);
        io_arrived(9014, 1);
        io_arrived(60, 2);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_dropped + stats.tx_errors, 0);
        feth_io_close(io);
    }
}

/* A version that cannot be read is taken for an old one. */
static void test_unknown_kernel(void **state)
{
    (void)state;
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16370), 0);
    model_destroy("feth0");
    model_destroy("feth1");
    model_detached();
    rig_pair();
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
    assert_int_equal(rig_mtu("feth1", 16370), 0);
    model_fail_nth("kern.osrelease", 1, ENOENT);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    assert_int_equal(io_send(io, 16385, 3), FETH_ELONG);
    feth_io_close(io);
}

/* ---- the output queue --------------------------------------------------------------------------------------- */

static void test_full_queue(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        struct feth_io_stats stats;
        struct feth_error err;

        prepare(300, 60);
        model_stall("feth1", true);
        assert_int_equal(feth_io_send_batch(io, tx, 300, NULL), 128);
        unsigned calls = model_calls("kevent");
        assert_int_equal(feth_io_send_batch(io, tx + 128, 172, &err), FETH_EAGAIN);
        /* somebody who waits for the handle is woken to try again: a timer is set for it */
        assert_true(model_calls("kevent") > calls);
        assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
        io_empty(io);
        model_stall("feth1", false);
        arrived(0, 128, 60);
        assert_int_equal(feth_io_send_batch(io, tx + 128, 128, NULL), 128);
        arrived(128, 256, 60);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_dropped, 0);
    }
    assert_int_equal(model_queue_drops("feth1"), 0);
}

/* Nobody empties the queue: a blocking sender does not wait for ever, and what is lost is counted. */
static void test_stuck_queue(void **state)
{
    (void)state;
    EACH_WAY(io, way)
    {
        struct feth_io_stats stats;

        feth_io_set_nonblock(io, false);
        prepare(300, 60);
        model_stall("feth1", true);
        unsigned asked = model_calls("NET_RT_IFLIST2");
        assert_int_equal(feth_io_send_batch(io, tx, 300, NULL), 300);
        /* for 50 ms, with a pause of 0.2 ms at least between two tries */
        assert_true(model_calls("NET_RT_IFLIST2") - asked < 270);
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.tx_frames, 300);
        assert_int_equal(stats.tx_dropped, 300 - 128);
        model_stall("feth1", false);
        arrived(0, 128, 60);
    }
}

/* A kernel that does not tell of its queue: frames are sent as they come. */
static void test_untold_queue(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_AUTO);

    prepare(300, 60);
    model_fail_nth("NET_RT_IFLIST2", 1, EPERM);
    assert_int_equal(feth_io_send_batch(io, tx, 128, NULL), 128);
    assert_int_equal(feth_io_send_batch(io, tx + 128, 128, NULL), 128);
    assert_int_equal(feth_io_send_batch(io, tx + 256, 44, NULL), 44);
    arrived(0, 300, 60);
    feth_io_close(io);
}

/* ---- calls that fail ---------------------------------------------------------------------------------------- */

static const char *call_of(const struct way *way)
{
    return way->path == FETH_TX_NDRV_SENDMSG_X ? "sendmsg_x" : "writev";
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        int error, code;
        const char *says;
    } cases[] = {
        {ENETDOWN, FETH_EDOWN, "bring it up"}, {ENXIO, FETH_EGONE, "destroyed"},
        {ENODEV, FETH_EGONE, "destroyed"},     {EPIPE, FETH_EGONE, "destroyed"},
        {ENOBUFS, FETH_EAGAIN, "no room"},     {ENOMEM, FETH_EAGAIN, "no room"},
        {EAGAIN, FETH_EAGAIN, "no room"},      {EMSGSIZE, FETH_ELONG, "too long"},
        {EIO, FETH_ELONG, "too long"},         {EHOSTUNREACH, FETH_ESYS, "send feth1"},
        {EINVAL, FETH_EINVAL, "refuses"},
    };

    EACH_WAY(io, way)
    {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct feth_error err;
            uint8_t frame[60];

            rig_frame(frame, sizeof(frame), 1);
            model_fail_nth(call_of(way), 1, cases[i].error);
            assert_int_equal(feth_io_send(io, frame, sizeof(frame), &err), cases[i].code);
            assert_int_equal(err.sys_errno, cases[i].error);
            if (!strstr(err.text, cases[i].says) || !strstr(err.text, "send feth1"))
                fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
            assert_int_equal(feth_io_send(io, frame, sizeof(frame), NULL), 0);
            io_arrived(60, 1);
            assert_string_equal(feth_io_backend(io), way->name);
        }
        model_fail_nth(call_of(way), 1, EINTR);
        assert_int_equal(io_send(io, 60, 2), 0);
        io_arrived(60, 2);
    }
}

/* Of a batch that the kernel refuses as a whole, the first frame is told from the others. */
static void test_refused_batch(void **state)
{
    (void)state;
    struct feth_io *io = io_open(FETH_TX_BPF_BATCH);

    prepare(10, 60);
    for (int i = 0; i < 2; i++) {
        model_fail_nth("writev", 1, i ? EINVAL : EMSGSIZE);
        assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), 1);
        assert_int_equal(feth_io_send_batch(io, tx + 1, 9, NULL), 9);
        arrived(0, 10, 60);
    }
    model_fail_nth("writev", 1, EINVAL);
    model_fail_nth("writev", 2, EINVAL);
    assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), FETH_EINVAL);
    assert_int_equal(model_host_waiting("feth0"), 0);
    feth_io_close(io);
}

/* A kernel whose sendmsg_x() is not for NDRV sockets. */
static void test_sendmsg_x_is_not_for_us(void **state)
{
    (void)state;
    static const int errors[] = {EOPNOTSUPP, EINVAL, ENOSYS, EPROTOTYPE};

    model_set_macos(13, 0);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct feth_io *io = io_open(FETH_TX_AUTO);
        assert_string_equal(feth_io_backend(io), "ndrv-sendmsg_x");
        model_fail_nth("sendmsg_x", 1, errors[i]);
        prepare(10, 60);
        feth_io_set_nonblock(io, false);
        assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), 10);
        arrived(0, 10, 60);
        assert_string_equal(feth_io_backend(io), "ndrv-writev");
        feth_io_close(io);
    }
}

/* One that is bad for every call is no reason to change. */
static void test_sendmsg_x_stays(void **state)
{
    (void)state;
    model_set_macos(13, 0);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    model_fail_nth("sendmsg_x", 1, EINVAL);
    model_fail_nth("writev", 1, EINVAL);
    assert_int_equal(io_send(io, 60, 1), FETH_EINVAL);
    assert_string_equal(feth_io_backend(io), "ndrv-sendmsg_x");
    assert_int_equal(io_send(io, 60, 1), 0);
    io_arrived(60, 1);
    feth_io_close(io);
}

static void test_partly_sent(void **state)
{
    (void)state;
    model_set_macos(13, 0);
    struct feth_io *io = io_open(FETH_TX_NDRV_WRITEV);

    prepare(10, 60);
    model_fail_nth("writev", 5, ENOBUFS);
    assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), 4);
    assert_int_equal(feth_io_send_batch(io, tx + 4, 6, NULL), 6);
    arrived(0, 10, 60);
    feth_io_set_nonblock(io, false); /* a blocking caller does not see it */
    model_fail_nth("writev", 5, ENOBUFS);
    assert_int_equal(feth_io_send_batch(io, tx, 10, NULL), 10);
    arrived(0, 10, 60);
    feth_io_close(io);
}

/* The send buffer is not granted: what fits is sent. */
static void test_small_send_buffer(void **state)
{
    (void)state;
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16370), 0);
    model_destroy("feth0");
    model_destroy("feth1");
    model_detached();
    rig_pair();
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
    assert_int_equal(rig_mtu("feth1", 9000), 0);
    model_set_macos(13, 0);
    model_fail_nth("setsockopt", 1, ENOBUFS);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    assert_int_equal(io_send(io, 8192, 1), 0);
    io_arrived(8192, 1);
    assert_int_equal(io_send(io, 8193, 1), FETH_ELONG);
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_batch),
        IO_TEST(test_large_batch),
        IO_TEST(test_mtu),
        IO_TEST(test_largest),
        IO_TEST(test_large_frames_may_wait),
        IO_TEST(test_unknown_kernel),
        IO_TEST(test_full_queue),
        IO_TEST(test_stuck_queue),
        IO_TEST(test_untold_queue),
        IO_TEST(test_errors),
        IO_TEST(test_refused_batch),
        IO_TEST(test_sendmsg_x_is_not_for_us),
        IO_TEST(test_sendmsg_x_stays),
        IO_TEST(test_partly_sent),
        IO_TEST(test_small_send_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
