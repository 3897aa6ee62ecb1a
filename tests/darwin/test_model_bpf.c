/* SPDX-License-Identifier: Apache-2.0 */
/* The model by itself: receiving by BPF. */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#include "model_rig.h"

#define BUFSIZE 4096

static int read_errno(int fd, unsigned size)
{
    static uint8_t buf[64 << 10];

    return read(fd, buf, size) < 0 ? errno : 0;
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

/* The record at an offset; returns the offset behind it, unpadded. */
static size_t record(const uint8_t *buf, size_t at, const uint8_t *frame, size_t len)
{
    struct xnu_bpf_hdr head;

    memcpy(&head, buf + at, 18);
    assert_int_equal(head.bh_hdrlen, 18);
    assert_int_equal(head.bh_caplen, len);
    assert_int_equal(head.bh_datalen, len);
    assert_true(head.bh_tstamp.tv_sec > 0);
    assert_memory_equal(buf + at + 18, frame, len);
    return at + 18 + len;
}

static void test_devices(void **state)
{
    (void)state;
    int fds[256];

    for (int i = 0; i < 256; i++) {
        fds[i] = rig_bpf();
        assert_true(fds[i] >= 0);
    }
    assert_int_equal(open("/dev/bpf17", O_RDWR), -1);
    assert_int_equal(errno, EBUSY);
    assert_int_equal(rig_bpf(), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(close(fds[17]), 0);
    fds[17] = open("/dev/bpf17", O_RDWR);
    assert_true(fds[17] >= 0);
    for (int i = 0; i < 256; i++)
        assert_int_equal(close(fds[i]), 0);

    model_bpf_busy(-1, true);
    assert_int_equal(rig_bpf(), -1);
    assert_int_equal(errno, ENOENT);
    model_bpf_busy(3, false);
    int fd = rig_bpf();
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    model_bpf_busy(-1, false);
    model_deny(true);
    assert_int_equal(rig_bpf(), -1);
    assert_int_equal(errno, EACCES);
    model_deny(false);
}

static void test_before_an_interface(void **state)
{
    (void)state;
    struct xnu_ifreq req;
    int fd = rig_bpf();

    assert_int_equal(read_errno(fd, BUFSIZE), ENXIO);
    assert_int_equal(write(fd, "0123456789abcdef", 16), -1);
    assert_int_equal(errno, ENXIO);
    assert_int_equal(ioctl(fd, XNU_BIOCPROMISC, NULL) < 0 ? errno : 0, EINVAL);
    memset(&req, 0, sizeof(req));
    memcpy(req.ifr_name, "feth5", 6);
    assert_int_equal(ioctl(fd, XNU_BIOCSETIF, &req) < 0 ? errno : 0, ENXIO);
    assert_int_equal(rig_create("feth5"), 0); /* and it is down */
    assert_int_equal(ioctl(fd, XNU_BIOCSETIF, &req), 0);
    assert_int_equal(ioctl(fd, XNU_BIOCPROMISC, NULL), 0);
    assert_int_equal(close(fd), 0);
}

static void buffer(unsigned asked, unsigned granted)
{
    int fd = rig_bpf();
    unsigned size = asked;

    assert_int_equal(ioctl(fd, XNU_BIOCSBLEN, &size), 0);
    assert_int_equal(size, granted);
    assert_int_equal(ioctl(fd, XNU_BIOCGBLEN, &size), 0);
    assert_int_equal(size, granted);
    assert_int_equal(close(fd), 0);
}

static void test_buffer_length(void **state)
{
    (void)state;
    unsigned size;

    int fd = rig_bpf();
    assert_int_equal(ioctl(fd, XNU_BIOCGBLEN, &size), 0);
    assert_int_equal(size, 4096);
    assert_int_equal(close(fd), 0);
    buffer(1, 32);
    buffer(64 << 20, 32 << 20);
    model_set_macos(13, 0);
    buffer(64 << 20, 32 << 20);
    model_set_macos(11, 0);
    buffer(64 << 20, 512 << 10);
    buffer(65536, 65536);

    rig_pair();
    fd = rig_bpf_on("feth1", BUFSIZE);
    assert_int_equal(ioctl(fd, XNU_BIOCSBLEN, &size) < 0 ? errno : 0, EINVAL);
    assert_int_equal(read_errno(fd, BUFSIZE - 1), EINVAL);
    assert_int_equal(read_errno(fd, BUFSIZE + 1), EINVAL);
    assert_int_equal(read_errno(fd, BUFSIZE), EAGAIN);
    assert_int_equal(close(fd), 0);
}

static void test_records(void **state)
{
    (void)state;
    uint8_t frames[3][101], buf[BUFSIZE];

    rig_pair();
    int fd = rig_bpf_on("feth1", BUFSIZE);
    assert_false(readable(fd));
    for (unsigned i = 0; i < 3; i++) {
        rig_frame(frames[i], sizeof(frames[i]), i);
        assert_true(model_host_send("feth0", frames[i], sizeof(frames[i])));
    }
    assert_true(readable(fd));
    /* 18 + 101 bytes, padded to a multiple of 4, but for the last */
    assert_int_equal(read(fd, buf, sizeof(buf)), 120 + 120 + 119);
    for (size_t i = 0; i < 3; i++)
        record(buf, i * 120, frames[i], sizeof(frames[i]));
    assert_false(readable(fd));
    assert_int_equal(read_errno(fd, BUFSIZE), EAGAIN);
    assert_int_equal(close(fd), 0);
}

static void test_frame_larger_than_the_buffer(void **state)
{
    (void)state;
    uint8_t frame[1514], buf[512];
    struct xnu_bpf_hdr head;

    rig_pair();
    int fd = rig_bpf_on("feth1", sizeof(buf));
    rig_frame(frame, sizeof(frame), 1);
    assert_true(model_host_send("feth0", frame, sizeof(frame)));
    assert_int_equal(read(fd, buf, sizeof(buf)), sizeof(buf));
    memcpy(&head, buf, 18);
    assert_int_equal(head.bh_caplen, sizeof(buf) - 18);
    assert_int_equal(head.bh_datalen, sizeof(frame));
    assert_int_equal(close(fd), 0);
}

static void test_both_buffers_full(void **state)
{
    (void)state;
    uint8_t frame[982], buf[2000]; /* two of 1000 bytes to a buffer */
    struct xnu_bpf_stat stat;

    rig_pair();
    int fd = rig_bpf_on("feth1", sizeof(buf));
    for (unsigned i = 0; i < 7; i++) {
        rig_frame(frame, sizeof(frame), i);
        assert_true(model_host_send("feth0", frame, sizeof(frame)));
    }
    assert_int_equal(ioctl(fd, XNU_BIOCGSTATS, &stat), 0);
    assert_int_equal(stat.bs_recv, 7);
    assert_int_equal(stat.bs_drop, 3);
    for (unsigned i = 0; i < 4; i += 2) {
        assert_int_equal(read(fd, buf, sizeof(buf)), 2000);
        for (unsigned k = 0; k < 2; k++) {
            rig_frame(frame, sizeof(frame), i + k);
            record(buf, k * 1000, frame, sizeof(frame));
        }
    }
    assert_int_equal(read_errno(fd, sizeof(buf)), EAGAIN);
    assert_int_equal(close(fd), 0);
}

static void test_see_sent(void **state)
{
    (void)state;
    uint8_t frame[60];

    rig_pair();
    int fd = rig_bpf_on("feth1", BUFSIZE), ndrv = rig_ndrv("feth1"), other = rig_bpf_on("feth1", BUFSIZE);
    rig_frame(frame, sizeof(frame), 1);
    assert_int_equal(write(fd, frame, sizeof(frame)), sizeof(frame));
    assert_int_equal(write(ndrv, frame, sizeof(frame)), sizeof(frame));
    assert_false(readable(fd));
    assert_int_equal(rig_bpf_set(other, XNU_BIOCSSEESENT, 1), 0);
    assert_int_equal(write(fd, frame, sizeof(frame)), sizeof(frame));
    assert_false(readable(fd));
    assert_true(readable(other));
    assert_int_equal(model_host_waiting("feth0"), 3);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(ndrv), 0);
    assert_int_equal(close(other), 0);
}

static void test_io_side_down(void **state)
{
    (void)state;
    uint8_t frame[60];

    rig_pair();
    int fd = rig_bpf_on("feth1", BUFSIZE);
    rig_frame(frame, sizeof(frame), 1);
    assert_int_equal(rig_up("feth1", false), 0);
    assert_true(model_host_send("feth0", frame, sizeof(frame)));
    assert_true(readable(fd));
    assert_int_equal(write(fd, frame, sizeof(frame)), -1);
    assert_int_equal(errno, ENETDOWN);
    assert_int_equal(close(fd), 0);
}

static void test_destroyed(void **state)
{
    (void)state;
    uint8_t frame[60], buf[BUFSIZE];

    rig_pair();
    int fd = rig_bpf_on("feth1", BUFSIZE);
    rig_frame(frame, sizeof(frame), 1);
    assert_true(model_host_send("feth0", frame, sizeof(frame)));
    assert_int_equal(rig_destroy("feth1"), 0);
    assert_int_equal(read(fd, buf, sizeof(buf)), 18 + 60);
    assert_int_equal(read_errno(fd, BUFSIZE), ENXIO);
    model_detached();
    assert_int_equal(rig_create("feth1"), 0); /* of the same name: another one */
    assert_int_equal(read_errno(fd, BUFSIZE), ENXIO);
    assert_int_equal(close(fd), 0);
}

static void *destroy_it(void *arg)
{
    (void)arg;
    model_destroy("feth1");
    return NULL;
}

/* select() answers where there is no interface, before and after one; poll() on a Mac does not. */
static void test_select(void **state)
{
    (void)state;
    struct timeval at_once = {0}, patience = {.tv_sec = 5};
    struct xnu_ifreq req = {.ifr_name = "feth1"};
    pthread_t thread;
    fd_set set;

    rig_pair();
    int fd = rig_bpf();
    FD_ZERO(&set);
    FD_SET(fd, &set);
    assert_int_equal(select(fd + 1, &set, NULL, NULL, &at_once), 1);
    assert_int_equal(ioctl(fd, XNU_BIOCSETIF, &req), 0);
    assert_int_equal(select(fd + 1, &set, NULL, NULL, &at_once), 0);
    FD_SET(fd, &set);
    assert_int_equal(pthread_create(&thread, NULL, destroy_it, NULL), 0);
    assert_int_equal(select(fd + 1, &set, NULL, NULL, &patience), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(read_errno(fd, BUFSIZE), ENXIO);
    assert_int_equal(close(fd), 0);
}

static void test_blocked_read(void **state)
{
    (void)state;
    const struct xnu_timeval timeout = {.tv_sec = 0, .tv_usec = 20000};
    pthread_t thread;

    rig_pair();
    int fd = rig_bpf_on("feth1", BUFSIZE);
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    assert_int_equal(ioctl(fd, XNU_BIOCSRTIMEOUT, &timeout), 0);
    assert_int_equal(read_errno(fd, BUFSIZE), 0);
    const struct xnu_timeval never = {.tv_sec = 0};
    assert_int_equal(ioctl(fd, XNU_BIOCSRTIMEOUT, &never), 0);
    assert_int_equal(pthread_create(&thread, NULL, destroy_it, NULL), 0);
    assert_int_equal(read_errno(fd, BUFSIZE), ENXIO);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(close(fd), 0);
}

static void test_not_immediate(void **state)
{
    (void)state;
    uint8_t frame[982], buf[2000];

    rig_pair();
    int fd = rig_bpf_on("feth1", sizeof(buf));
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCIMMEDIATE, 0), 0);
    rig_frame(frame, sizeof(frame), 0);
    for (int i = 0; i < 2; i++)
        assert_true(model_host_send("feth0", frame, sizeof(frame)));
    assert_false(readable(fd));
    assert_true(model_host_send("feth0", frame, sizeof(frame)));
    assert_true(readable(fd));
    assert_int_equal(read(fd, buf, sizeof(buf)), 2000);
    assert_int_equal(close(fd), 0);
}

/* The private requests: the newer frames are kept, and there are no times. */
static void test_head_drop_and_no_times(void **state)
{
    (void)state;
    uint8_t frame[982], buf[2000];
    struct xnu_bpf_stat stat;
    struct xnu_bpf_hdr head;

    rig_pair();
    int fd = rig_bpf_on("feth1", sizeof(buf));
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHEADDROP, 1), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSNOTSTAMP, 1), 0);
    for (unsigned i = 0; i < 7; i++) {
        rig_frame(frame, sizeof(frame), i);
        assert_true(model_host_send("feth0", frame, sizeof(frame)));
    }
    assert_int_equal(ioctl(fd, XNU_BIOCGSTATS, &stat), 0);
    assert_int_equal(stat.bs_drop, 4); /* the first two buffers, as each was overtaken */
    assert_int_equal(read(fd, buf, sizeof(buf)), 2000);
    rig_frame(frame, sizeof(frame), 4);
    memcpy(&head, buf, 18);
    assert_int_equal(head.bh_tstamp.tv_sec, 0);
    assert_memory_equal(buf + 18, frame, sizeof(frame));
    assert_int_equal(close(fd), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_devices),
        TEST(test_before_an_interface),
        TEST(test_buffer_length),
        TEST(test_records),
        TEST(test_frame_larger_than_the_buffer),
        TEST(test_both_buffers_full),
        TEST(test_see_sent),
        TEST(test_io_side_down),
        TEST(test_destroyed),
        TEST(test_select),
        TEST(test_blocked_read),
        TEST(test_not_immediate),
        TEST(test_head_drop_and_no_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
