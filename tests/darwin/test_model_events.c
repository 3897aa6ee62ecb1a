/* SPDX-License-Identifier: Apache-2.0 */
/* The model by itself: kqueues, kernel events, and what the model does for tests. */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model_rig.h"

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static int change(int kq, int ident, int filter, int flags, unsigned fflags, long data)
{
    struct kevent k = {.ident = (uintptr_t)ident,
                       .filter = (int16_t)filter,
                       .flags = (uint16_t)flags,
                       .fflags = fflags,
                       .data = data,
                       .udata = &change};

    return kevent(kq, &k, 1, NULL, 0, NULL) < 0 ? errno : 0;
}

static int look(int kq, struct kevent *event)
{
    return kevent(kq, NULL, 0, event, 1, &(struct timespec){0, 0});
}

static void send_host(void)
{
    uint8_t frame[60];

    rig_frame(frame, sizeof(frame), 1);
    assert_true(model_host_send("feth0", frame, sizeof(frame)));
}

/* ---- kqueues ------------------------------------------------------------------------------------------------ */

static void test_read_filter(void **state)
{
    (void)state;
    uint8_t buf[4096];
    struct kevent event;
    int kq = kqueue(), fd = rig_bpf();

    rig_pair();
    assert_int_equal(change(kq, fd, XNU_EVFILT_READ, XNU_EV_ADD, 0, 0), ENXIO); /* attached to nothing */
    assert_int_equal(close(fd), 0);
    fd = rig_bpf_on("feth1", sizeof(buf));
    assert_int_equal(change(kq, fd, XNU_EVFILT_READ, XNU_EV_ADD, 0, 0), 0);
    assert_int_equal(change(kq, fd, XNU_EVFILT_WRITE, XNU_EV_ADD, 0, 0), EINVAL);
    assert_int_equal(look(kq, &event), 0);
    send_host();
    assert_true(readable(kq));
    assert_int_equal(look(kq, &event), 1);
    assert_int_equal(event.ident, fd);
    assert_int_equal(event.filter, XNU_EVFILT_READ);
    assert_int_equal(event.data, 78);
    assert_ptr_equal(event.udata, &change);
    /* the queue stays readable until somebody looks again */
    assert_int_equal(read(fd, buf, sizeof(buf)), 78);
    assert_true(readable(kq));
    assert_int_equal(look(kq, &event), 0);
    assert_false(readable(kq));
    /* a destroyed interface is no news to it */
    assert_int_equal(rig_destroy("feth1"), 0);
    assert_false(readable(kq));
    assert_int_equal(look(kq, &event), 0);
    assert_int_equal(read(fd, buf, sizeof(buf)), -1);
    assert_int_equal(errno, ENXIO);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(kq), 0);
}

static void test_low_water_mark(void **state)
{
    (void)state;
    struct kevent event;
    int kq = kqueue();

    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    assert_int_equal(change(kq, fd, XNU_EVFILT_READ, XNU_EV_ADD, XNU_NOTE_LOWAT, 200), 0);
    for (int i = 0; i < 2; i++) {
        send_host();
        assert_false(readable(kq));
        assert_true(readable(fd));
    }
    send_host();
    assert_int_equal(look(kq, &event), 1);
    assert_int_equal(event.data, 80 + 80 + 78);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(kq), 0);
}

static void test_timer_and_user_event(void **state)
{
    (void)state;
    struct kevent event;
    int kq = kqueue(), other = kqueue();

    assert_int_equal(change(kq, 1, XNU_EVFILT_TIMER, XNU_EV_DELETE, 0, 0), ENOENT);
    assert_int_equal(change(kq, 1, XNU_EVFILT_TIMER, XNU_EV_ADD | XNU_EV_ONESHOT, XNU_NOTE_NSECONDS, 1000),
                     0);
    assert_int_equal(change(other, kq, XNU_EVFILT_READ, XNU_EV_ADD, 0, 0), 0);
    assert_int_equal(kevent(other, NULL, 0, &event, 1, NULL), 1); /* a queue within a queue */
    assert_int_equal(kevent(kq, NULL, 0, &event, 1, NULL), 1);
    assert_int_equal(event.filter, XNU_EVFILT_TIMER);
    assert_int_equal(change(kq, 1, XNU_EVFILT_TIMER, XNU_EV_DELETE, 0, 0),
                     ENOENT); /* gone with its one shot */
    assert_int_equal(change(kq, 1, XNU_EVFILT_TIMER, XNU_EV_ADD | XNU_EV_ONESHOT, XNU_NOTE_SECONDS, 1000), 0);
    assert_false(readable(kq));
    assert_int_equal(change(kq, 1, XNU_EVFILT_TIMER, XNU_EV_DELETE, 0, 0), 0);

    assert_int_equal(change(kq, 5, XNU_EVFILT_USER, XNU_EV_ADD | XNU_EV_CLEAR, 0, 0), 0);
    assert_false(readable(kq));
    assert_int_equal(change(kq, 5, XNU_EVFILT_USER, 0, XNU_NOTE_TRIGGER, 0), 0);
    assert_true(readable(kq));
    assert_int_equal(look(kq, &event), 1);
    assert_int_equal(event.ident, 5);
    assert_int_equal(look(kq, &event), 0);
    assert_int_equal(close(other), 0);
    assert_int_equal(close(kq), 0);
}

static void test_descriptors_of_linux(void **state)
{
    (void)state;
    struct kevent event;
    int fds[2], kq = kqueue();

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(change(kq, fds[0], XNU_EVFILT_READ, XNU_EV_ADD, 0, 0), 0);
    assert_int_equal(look(kq, &event), 0);
    assert_int_equal(write(fds[1], "hello", 5), 5);
    assert_int_equal(look(kq, &event), 1);
    assert_int_equal(event.data, 5);
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(look(kq, &event), 0);
    assert_int_equal(close(fds[1]), 0);
    assert_int_equal(change(kq, 500, XNU_EVFILT_READ, XNU_EV_ADD, 0, 0), EBADF);
    assert_int_equal(close(kq), 0);
}

/* ---- kernel events ------------------------------------------------------------------------------------------ */

struct message {
    struct xnu_kern_event_msg head; /* its first word of data lies over the next member's place */
    uint8_t rest[64];
};

static void expect_event(int fd, unsigned code, unsigned unit)
{
    struct xnu_net_event_data data;
    struct message msg;

    assert_true(readable(fd));
    assert_int_equal(read(fd, &msg, sizeof(msg)), 24 + sizeof(data));
    assert_int_equal(msg.head.total_size, 24 + sizeof(data));
    assert_int_equal(msg.head.kev_subclass, XNU_KEV_DL_SUBCLASS);
    assert_int_equal(msg.head.event_code, code);
    memcpy(&data, (const uint8_t *)&msg + 24, sizeof(data));
    assert_string_equal(data.if_name, "feth");
    assert_int_equal(data.if_unit, unit);
}

static void test_kernel_events(void **state)
{
    (void)state;
    const struct xnu_kev_request filter = {.vendor_code = XNU_KEV_VENDOR_APPLE,
                                           .kev_class = XNU_KEV_NETWORK_CLASS,
                                           .kev_subclass = XNU_KEV_DL_SUBCLASS};
    struct message msg;
    int fd = socket(XNU_PF_SYSTEM, SOCK_RAW, XNU_SYSPROTO_EVENT);

    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(rig_create("feth4"), 0);
    assert_false(readable(fd)); /* without a filter nothing is told */
    assert_int_equal(ioctl(fd, XNU_SIOCSKEVFILT, &filter), 0);
    while (read(fd, &msg, sizeof(msg)) > 0)
        ;
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(rig_create("feth5"), 0);
    expect_event(fd, XNU_KEV_DL_IF_ATTACHED, 5);
    assert_int_equal(rig_peer("feth4", "feth5"), 0);
    expect_event(fd, XNU_KEV_DL_LINK_ON, 4);
    expect_event(fd, XNU_KEV_DL_LINK_ON, 5);
    assert_int_equal(rig_up("feth5", true), 0);
    expect_event(fd, XNU_KEV_DL_SIFFLAGS, 5);
    assert_int_equal(rig_mtu("feth5", 1400), 0);
    expect_event(fd, XNU_KEV_DL_SIFMTU, 5);
    assert_int_equal(rig_destroy("feth5"), 0);
    expect_event(fd, XNU_KEV_DL_LINK_OFF, 5);
    expect_event(fd, XNU_KEV_DL_LINK_OFF, 4);
    expect_event(fd, XNU_KEV_DL_IF_DETACHING, 5);
    expect_event(fd, XNU_KEV_DL_IF_DETACHED, 5);
    assert_false(readable(fd));
    assert_int_equal(close(fd), 0);
}

/* ---- what the model does for tests -------------------------------------------------------------------------- */

static void test_failures_and_counters(void **state)
{
    (void)state;
    model_fail_nth("SIOCIFCREATE", 2, ENOBUFS);
    model_fail_nth("ioctl", 4, EIO);
    assert_null(model_failed());
    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_create("feth1"), ENOBUFS);
    assert_string_equal(model_failed(), "SIOCIFCREATE");
    assert_int_equal(rig_create("feth1"), 0);
    assert_int_equal(rig_mtu("feth1", 1000), EIO);
    assert_string_equal(model_failed(), "SIOCSIFMTU");
    assert_int_equal(rig_mtu("feth1", 1000), 0);
    assert_int_equal(model_calls("ioctl"), 5);
    assert_int_equal(model_calls("SIOCIFCREATE"), 3);
    assert_int_equal(model_calls("socket"), 5);
    assert_int_equal(model_calls("never"), 0);
    unsigned before = model_all_calls();
    model_fail_any(2, EINTR);
    assert_int_equal(rig_mtu("feth1", 1000), EINTR);
    assert_int_equal(model_all_calls() - before, 3); /* socket, ioctl, close */
}

static void test_leaks_are_seen(void **state)
{
    (void)state;
    int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

    assert_int_equal(dup2(null, STDERR_FILENO), STDERR_FILENO);
    assert_true(model_is_clean());
    assert_int_equal(rig_create("feth0"), 0);
    assert_false(model_is_clean());
    assert_int_equal(rig_destroy("feth0"), 0);
    assert_true(model_is_clean());
    int kq = kqueue();
    assert_false(model_is_clean());
    assert_int_equal(close(kq), 0);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 9000), 0);
    assert_false(model_is_clean());
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
    assert_true(model_is_clean());
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(saved), 0);
    assert_int_equal(close(null), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_read_filter),          TEST(test_low_water_mark), TEST(test_timer_and_user_event),
        TEST(test_descriptors_of_linux), TEST(test_kernel_events),  TEST(test_failures_and_counters),
        TEST(test_leaks_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
