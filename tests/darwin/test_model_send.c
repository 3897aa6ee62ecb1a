/* SPDX-License-Identifier: Apache-2.0 */
/* The model by itself: sending by BPF and by PF_NDRV sockets. */
#include "../unit/cmocka_all.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "model_rig.h"

static uint8_t big[128 << 10];

static int send_bytes(int fd, size_t len)
{
    ssize_t n = write(fd, big, len);

    if (n < 0)
        return errno;
    assert_int_equal(n, len);
    return 0;
}

/* The oldest frame that arrived on feth0 has this length. */
static void arrived(size_t len)
{
    static uint8_t frame[128 << 10];

    assert_int_equal(model_host_receive("feth0", frame, sizeof(frame)), len);
    assert_memory_equal(frame, big, len < 60 ? len : 60);
}

static void nothing_arrived(void)
{
    assert_int_equal(model_host_waiting("feth0"), 0);
}

/* ---- BPF ---------------------------------------------------------------------------------------------------- */

static void test_bpf_sizes(void **state)
{
    (void)state;
    static const struct {
        int major, minor;
        size_t len;
        int error;
    } cases[] = {
        {11, 0, 1514, 0},        {11, 0, 1515, EMSGSIZE}, {11, 0, 2048, EMSGSIZE}, {11, 0, 2049, EIO},
        {12, 0, 1514, 0},        {12, 0, 1515, EMSGSIZE}, {12, 0, 2048, EMSGSIZE}, {12, 0, 2049, EIO},
        {13, 0, 1514, 0},        {13, 0, 1515, EMSGSIZE}, {13, 0, 2048, EMSGSIZE}, {13, 0, 2049, EIO},
        {14, 0, 1518, 0},        {14, 0, 1519, EMSGSIZE}, {14, 0, 2049, EMSGSIZE}, {14, 0, 65536, EMSGSIZE},
        {14, 1, 1518, 0},        {14, 1, 1519, EMSGSIZE}, {14, 1, 2049, EMSGSIZE}, {14, 4, 1518, 0},
        {14, 4, 1519, EMSGSIZE}, {15, 0, 1518, 0},        {15, 0, 1519, EMSGSIZE}, {15, 0, 65549, EMSGSIZE},
    };

    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        model_set_macos(cases[i].major, cases[i].minor);
        assert_int_equal(send_bytes(fd, cases[i].len), cases[i].error);
        if (cases[i].error == 0)
            arrived(cases[i].len);
        nothing_arrived();
    }
    model_set_macos(13, 0);
    assert_int_equal(rig_mtu("feth1", 2048), 0);
    assert_int_equal(send_bytes(fd, 2048), 0);
    arrived(2048);
    assert_int_equal(send_bytes(fd, 2049), EIO);
    assert_int_equal(close(fd), 0);
}

static void test_write_max(void **state)
{
    (void)state;
    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    model_set_macos(14, 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSWRITEMAX, 1), EINVAL);
    model_set_macos(14, 1);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSWRITEMAX, 0x1000001), EINVAL);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSWRITEMAX, 1), 0);
    assert_int_equal(send_bytes(fd, 9014), 0);
    arrived(9014);
    model_set_macos(15, 0);
    assert_int_equal(send_bytes(fd, 65549), 0);
    arrived(65549);
    assert_int_equal(close(fd), 0);
}

static void test_down_and_header(void **state)
{
    (void)state;
    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    assert_int_equal(rig_up("feth1", false), 0);
    assert_int_equal(send_bytes(fd, 60), ENETDOWN);
    assert_int_equal(rig_up("feth1", true), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHDRCMPLT, 0), 0);
    assert_int_equal(send_bytes(fd, 60), ENXIO);
    assert_int_equal(close(fd), 0);
}

static void test_writev_is_one_frame(void **state)
{
    (void)state;
    const struct iovec iov[] = {{big, 14}, {big + 14, 100}, {big + 114, 0}, {big + 114, 50}};

    rig_pair();
    int fds[] = {rig_bpf_on("feth1", 4096), rig_ndrv("feth1")};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(writev(fds[i], iov, 4), 164);
        arrived(164);
        nothing_arrived();
        assert_int_equal(close(fds[i]), 0);
    }
}

/* A record of a batch at an offset; returns the offset of the next. */
static size_t put(uint8_t *buf, size_t at, uint16_t hdrlen, uint32_t caplen, uint32_t datalen)
{
    struct xnu_bpf_hdr head = {.bh_caplen = caplen, .bh_datalen = datalen, .bh_hdrlen = hdrlen};

    memcpy(buf + at, &head, 18);
    memcpy(buf + at + hdrlen, big, caplen);
    return XNU_BPF_WORDALIGN(at + hdrlen + caplen);
}

static void test_batch(void **state)
{
    (void)state;
    static uint8_t buf[300 << 10];
    size_t size = 0;

    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    model_set_macos(14, 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSBATCHWRITE, 1), EINVAL);
    model_set_macos(14, 1);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHDRCMPLT, 0), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSBATCHWRITE, 1), EINVAL);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHDRCMPLT, 1), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSETTC, 100), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSBATCHWRITE, 1), EINVAL);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSETTC, 0), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSBATCHWRITE, 1), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHDRCMPLT, 0), EINVAL);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSETTC, 100), EINVAL);

    for (unsigned i = 0; i < 5; i++)
        size = put(buf, size, i % 2 ? 18 : 20, 60 + i, 60 + i);
    assert_int_equal(write(fd, buf, size), size);
    for (unsigned i = 0; i < 5; i++)
        arrived(60 + i);
    nothing_arrived();

    model_set_macos(15, 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSWRITEMAX, 1), 0);
    size = 0;
    for (int i = 0; i < 4; i++)
        size = put(buf, size, 18, 60000, 60000);
    assert_int_equal(write(fd, buf, size), size);
    for (int i = 0; i < 4; i++)
        arrived(60000);
    assert_int_equal(close(fd), 0);
}

static void test_bad_record_spoils_the_batch(void **state)
{
    (void)state;
    static const struct {
        uint16_t hdrlen;
        uint32_t caplen, datalen;
        int error;
    } bad[] = {
        {17, 60, 60, EINVAL},   {18, 60, 61, EINVAL},       {0, 60, 60, EINVAL},
        {2000, 60, 60, EINVAL}, {18, 1519, 1519, EMSGSIZE},
    };
    static uint8_t buf[8192];

    rig_pair();
    int fd = rig_bpf_on("feth1", 4096);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSBATCHWRITE, 1), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t at = put(buf, 0, 18, 60, 60);
        size_t end = put(buf, at, bad[i].hdrlen, bad[i].caplen, bad[i].datalen);
        if (bad[i].hdrlen == 2000)
            end = at + 100;
        assert_int_equal(write(fd, buf, end), -1);
        assert_int_equal(errno, bad[i].error);
        nothing_arrived();
    }
    assert_int_equal(close(fd), 0);
}

/* ---- NDRV --------------------------------------------------------------------------------------------------- */

static void test_ndrv_binding(void **state)
{
    (void)state;
    struct xnu_sockaddr_ndrv to = {.snd_len = sizeof(to), .snd_family = XNU_PF_NDRV, .snd_name = "feth1"};
    struct xnu_sockaddr_ndrv none = {.snd_len = sizeof(to), .snd_family = XNU_PF_NDRV, .snd_name = "feth9"};

    rig_pair();
    int fd = socket(XNU_PF_NDRV, SOCK_RAW, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const void *)&none, sizeof(none)) < 0 ? errno : 0, EADDRNOTAVAIL);
    assert_int_equal(bind(fd, (const void *)&to, sizeof(to)) < 0 ? errno : 0, EINVAL);
    assert_int_equal(close(fd), 0);

    fd = socket(XNU_PF_NDRV, SOCK_RAW, 0);
    assert_int_equal(bind(fd, (const void *)&to, sizeof(to)), 0);
    assert_int_equal(bind(fd, (const void *)&to, sizeof(to)) < 0 ? errno : 0, EINVAL);
    assert_int_equal(send_bytes(fd, 60), EDESTADDRREQ);
    assert_int_equal(sendto(fd, big, 60, 0, (const void *)&to, sizeof(to)), 60);
    arrived(60);
    assert_int_equal(connect(fd, (const void *)&to, sizeof(to)), 0);
    assert_int_equal(send_bytes(fd, 60), 0);
    arrived(60);
    assert_int_equal(close(fd), 0);
    model_deny(true);
    assert_int_equal(socket(XNU_PF_NDRV, SOCK_RAW, 0) < 0 ? errno : 0, EPERM);
    model_deny(false);
}

static int send_buffer(int fd, int size)
{
    return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) < 0 ? errno : 0;
}

static void test_ndrv_sizes(void **state)
{
    (void)state;
    int size;
    socklen_t len = sizeof(size);

    rig_pair();
    int fd = rig_ndrv("feth1");
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
    assert_int_equal(size, 8192);
    assert_int_equal(send_bytes(fd, 8192), 0); /* no MTU is looked at */
    arrived(8192);
    assert_int_equal(send_bytes(fd, 8193), EMSGSIZE);
    assert_int_equal(send_buffer(fd, 8 << 20), ENOBUFS);
    assert_int_equal(send_buffer(fd, 65600), 0);
    assert_int_equal(send_bytes(fd, 16384), 0);
    arrived(16384);
    model_set_macos(15, 0);
    assert_int_equal(send_bytes(fd, 65549), 0);
    arrived(65549);
    assert_int_equal(rig_up("feth1", false), 0);
    assert_int_equal(send_bytes(fd, 60), ENETDOWN);
    assert_int_equal(close(fd), 0);
}

static void test_ndrv_loses_silently(void **state)
{
    (void)state;
    rig_pair();
    int fd = rig_ndrv("feth1");
    model_stall("feth1", true);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(send_bytes(fd, 60), 0);
    nothing_arrived();
    assert_int_equal(model_queue_drops("feth1"), 20000 - 128);
    model_stall("feth1", false);
    assert_int_equal(model_host_waiting("feth0"), 128);
    assert_int_equal(close(fd), 0);
}

/* RUN11: the first frames above 4096 bytes wait until the next one is sent; on macOS 15 no longer. */
static void test_large_frames_may_wait(void **state)
{
    (void)state;
    static const int versions[][2] = {{11, 0}, {12, 0}, {13, 0}, {14, 0}, {14, 4}, {15, 0}};

    rig_pair();
    int fd = rig_ndrv("feth1");
    assert_int_equal(send_buffer(fd, 65600), 0);
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        model_set_macos(versions[i][0], versions[i][1]);
        model_starve(2);
        assert_int_equal(send_bytes(fd, 4096), 0);
        arrived(4096);
        assert_int_equal(send_bytes(fd, 4097), 0);
        if (versions[i][0] >= 15) {
            arrived(4097);
            continue;
        }
        nothing_arrived();
        assert_int_equal(send_bytes(fd, 60), 0); /* tried again, and once more in vain */
        nothing_arrived();
        assert_int_equal(send_bytes(fd, 61), 0);
        arrived(4097);
        arrived(60);
        arrived(61);
        nothing_arrived();
        assert_int_equal(model_queue_drops("feth1"), 0);
        /* without a peer there is nobody to copy for: what waits is dropped */
        model_starve(1);
        assert_int_equal(send_bytes(fd, 16384), 0);
        assert_int_equal(rig_peer("feth1", ""), 0);
        assert_int_equal(send_bytes(fd, 60), 0);
        assert_int_equal(rig_peer("feth1", "feth0"), 0);
        assert_int_equal(send_bytes(fd, 62), 0);
        arrived(62);
        nothing_arrived();
    }
    assert_int_equal(close(fd), 0);
}

static void test_ndrv_outlives_its_interface(void **state)
{
    (void)state;
    rig_pair();
    int fd = rig_ndrv("feth1");
    assert_int_equal(rig_destroy("feth1"), 0);
    assert_int_equal(send_bytes(fd, 60), ENXIO);
    model_detached();
    assert_int_equal(rig_create("feth1"), 0);
    assert_int_equal(rig_peer("feth0", "feth1"), 0);
    assert_int_equal(rig_up("feth1", true), 0);
    assert_int_equal(send_bytes(fd, 60), 0); /* on the new one */
    arrived(60);
    assert_int_equal(close(fd), 0);
}

static void test_sendmsg_x(void **state)
{
    (void)state;
    union {
        void *symbol;
        ssize_t (*call)(int, const struct xnu_msghdr_x *, unsigned, int);
    } found;
    struct iovec iov[3][2];
    struct xnu_msghdr_x msgs[3];

    rig_pair();
    int fd = rig_ndrv("feth1");
    found.symbol = dlsym(RTLD_DEFAULT, "sendmsg_x");
    assert_non_null(found.symbol);
    memset(msgs, 0, sizeof(msgs));
    for (size_t i = 0; i < 3; i++) {
        iov[i][0] = (struct iovec){big, 14};
        iov[i][1] = (struct iovec){big + 14, 50 + i};
        msgs[i].msg_iov = iov[i];
        msgs[i].msg_iovlen = 2;
    }
    assert_int_equal(found.call(fd, msgs, 3, 0), 3);
    for (size_t i = 0; i < 3; i++)
        arrived(64 + i);
    iov[1][1].iov_len = 9000;
    assert_int_equal(found.call(fd, msgs, 3, 0), 1);
    assert_int_equal(found.call(fd, msgs + 1, 2, 0), -1);
    assert_int_equal(errno, EMSGSIZE);
    model_no_msg_x(true);
    assert_null(dlsym(RTLD_DEFAULT, "sendmsg_x"));
    model_no_msg_x(false);
    assert_int_equal(close(fd), 0);
}

/* ---- danger ------------------------------------------------------------------------------------------------- */

struct danger {
    int fd;
    size_t len;
};

static void write_it(void *arg)
{
    const struct danger *d = arg;

    if (write(d->fd, big, d->len) < 0)
        _exit(3);
}

static void test_what_a_mac_does_not_survive(void **state)
{
    (void)state;
    static const int wedge[][2] = {{11, 0}, {12, 0}, {13, 0}, {14, 0}, {14, 1}, {14, 4}};

    rig_pair();
    int fds[] = {rig_bpf_on("feth1", 4096), rig_ndrv("feth1")};
    assert_int_equal(send_buffer(fds[1], 65600), 0);
    for (int i = 0; i < 2; i++) {
        assert_true(rig_panics(write_it, &(struct danger){fds[i], 1}));
        assert_true(rig_panics(write_it, &(struct danger){fds[i], 13}));
        assert_false(rig_panics(write_it, &(struct danger){fds[i], 14}));
    }
    model_set_macos(14, 4);
    assert_int_equal(rig_bpf_set(fds[0], XNU_BIOCSWRITEMAX, 1), 0);
    for (size_t v = 0; v < sizeof(wedge) / sizeof(wedge[0]); v++) {
        model_set_macos(wedge[v][0], wedge[v][1]);
        for (int i = 0; i < 2; i++) {
            /* BPF refuses them itself before 14.1 */
            bool passes = i == 1 || (wedge[v][0] == 14 && wedge[v][1] > 0);
            assert_int_equal(rig_panics(write_it, &(struct danger){fds[i], 16385}), passes);
            assert_false(rig_panics(write_it, &(struct danger){fds[i], 16384}));
        }
    }
    model_set_macos(15, 0);
    for (int i = 0; i < 2; i++) {
        assert_false(rig_panics(write_it, &(struct danger){fds[i], 16385}));
        assert_int_equal(close(fds[i]), 0);
    }
}

static int fill_big(void **state)
{
    (void)state;
    rig_frame(big, sizeof(big), 7);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_bpf_sizes),
        TEST(test_write_max),
        TEST(test_down_and_header),
        TEST(test_writev_is_one_frame),
        TEST(test_batch),
        TEST(test_bad_record_spoils_the_batch),
        TEST(test_ndrv_binding),
        TEST(test_ndrv_sizes),
        TEST(test_ndrv_loses_silently),
        TEST(test_large_frames_may_wait),
        TEST(test_ndrv_outlives_its_interface),
        TEST(test_sendmsg_x),
        TEST(test_what_a_mac_does_not_survive),
    };

    return cmocka_run_group_tests(tests, fill_big, NULL);
}
