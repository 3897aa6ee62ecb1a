/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a handle: devices, ways to send, refusals, and every call failing in turn. */
#include "test_io_rig.h"

#include <errno.h>
#include <string.h>

#define IO_OPEN_FAILS(code, says) open_fails("feth1", FETH_TX_AUTO, code, says)

static void open_fails(const char *name, enum feth_tx_path path, int code, const char *says)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *io = (void *)1;
    struct feth_error err;

    config.tx_path = path;
    assert_int_equal(feth_io_open(&io, name, &config, &err), code);
    assert_null(io);
    if (!strstr(err.text, says) || !strstr(err.text, name))
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", err.text, name, says);
}

/* ---- devices ------------------------------------------------------------------------------------------------ */

static void test_any_free_device(void **state)
{
    (void)state;
    struct feth_io *io;

    model_bpf_busy(-1, true);
    model_bpf_busy(201, false);
    io = io_open(FETH_TX_AUTO);
    assert_int_equal(model_calls("/dev/bpf200"), 1);
    assert_int_equal(model_calls("/dev/bpf201"), 1);
    assert_int_equal(model_calls("/dev/bpf202"), 0);
    feth_io_close(io);
    model_bpf_busy(-1, false);
}

static void test_no_device(void **state)
{
    (void)state;
    model_bpf_busy(-1, true);
    IO_OPEN_FAILS(FETH_EBUSY, "none is left");
    model_bpf_devices(4);
    IO_OPEN_FAILS(FETH_EBUSY, "all 4 BPF devices are in use");
    model_bpf_devices(0);
    IO_OPEN_FAILS(FETH_ENOSUP, "no BPF devices");
    model_bpf_busy(-1, false);
    model_bpf_devices(256);
    model_deny(true);
    IO_OPEN_FAILS(FETH_EPERM, "sudo");
    model_deny(false);
}

/* Who may open BPF devices need not be root: Wireshark's installer sees to that. */
static void test_bpf_but_no_ndrv(void **state)
{
    (void)state;
    model_set_macos(13, 0);
    model_fail_nth("socket", 3, EPERM); /* after those for requests and events */
    IO_OPEN_FAILS(FETH_EPERM, "sudo");
    assert_string_equal(model_failed(), "ndrv");
}

static void test_granted_buffer(void **state)
{
    (void)state;
    static const struct {
        int major;
        size_t asked, frames; /* of 1000 bytes, 1020 with the header, that its two buffers hold */
    } cases[] = {
        {11, 0, 2 * (524288 / 1020)},         {15, 0, 2 * (2097152 / 1020)},
        {15, 1048576, 2 * (524288 / 1020)},   {11, 64 << 20, 2 * (524288 / 1020)},
        {15, 64 << 20, 2 * (4194304 / 1020)},
    };
    uint8_t frame[1000];

    rig_frame(frame, sizeof(frame), 5);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct feth_io_config config = FETH_IO_CONFIG_INIT;
        struct feth_io_stats stats;
        struct feth_io *io;
        size_t got = 0;

        model_set_macos(cases[i].major, 0);
        config.nonblock = true;
        config.socket_buffer = cases[i].asked;
        assert_int_equal(feth_io_open(&io, "feth1", &config, NULL), 0);
        for (size_t k = 0; k < cases[i].frames + 7; k++)
            assert_true(model_host_send("feth0", frame, sizeof(frame)));
        feth_io_get_stats(io, &stats);
        assert_int_equal(stats.rx_dropped, 7);
        struct feth_frame frames[64];
        int n;
        while ((n = feth_io_recv_batch(io, frames, 64, NULL)) > 0) {
            got += (size_t)n;
            feth_frames_release(frames, (unsigned)n);
        }
        assert_int_equal(n, FETH_EAGAIN);
        assert_int_equal(got, cases[i].frames);
        feth_io_close(io);
    }
}

/* ---- interfaces --------------------------------------------------------------------------------------------- */

static void test_interfaces(void **state)
{
    (void)state;
    struct feth_io *io;
    struct feth_link link;

    open_fails("feth9", FETH_TX_AUTO, FETH_ENOIF, "no such interface");
    open_fails("nosuch0", FETH_TX_AUTO, FETH_ENOIF, "no such interface");
    assert_int_equal(feth_io_open(&io, "feth1234567890123", NULL, NULL), FETH_ENAME);
    model_add_ethernet("en0");
    assert_int_equal(feth_io_open(&io, "en0", NULL, NULL), 0);
    assert_string_equal(feth_io_name(io), "en0");
    feth_io_get_link(io, &link);
    assert_false(link.gone);
    feth_io_close(io);
    /* one that is down is no error, and no news */
    assert_int_equal(rig_up("feth1", false), 0);
    io = io_open(FETH_TX_AUTO);
    io_empty(io);
    feth_io_get_link(io, &link);
    assert_false(link.up);
    feth_io_close(io);
}

static void test_link_at_the_start(void **state)
{
    (void)state;
    static const uint8_t mac[14] = {2, 0, 0, 1, 2, 3};
    struct feth_link link;

    assert_int_equal(rig_mtu("feth1", 1600), 0);
    assert_int_equal(rig_mac("feth1", mac, 6), 0);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    feth_io_get_link(io, &link);
    assert_true(link.up && link.carrier && !link.gone);
    assert_int_equal(link.mtu, 1600);
    assert_memory_equal(link.mac, mac, 6);
    assert_int_equal(link.changes, 0);
    assert_int_equal(feth_io_caps(io), 0);
    assert_int_equal(feth_io_rx_buffers(io), 256);
    feth_io_close(io);
}

/* ---- ways to send ------------------------------------------------------------------------------------------- */

static void expect_way(int major, int minor, const char *name)
{
    model_set_macos(major, minor);
    struct feth_io *io = io_open(FETH_TX_AUTO);
    assert_string_equal(feth_io_backend(io), name);
    assert_int_equal(io_send(io, 60, 1), 0);
    io_arrived(60, 1);
    feth_io_close(io);
}

static void test_way_by_kernel(void **state)
{
    (void)state;
    expect_way(11, 0, "ndrv-sendmsg_x");
    expect_way(12, 0, "ndrv-sendmsg_x");
    expect_way(13, 0, "ndrv-sendmsg_x");
    expect_way(14, 0, "ndrv-sendmsg_x");
    expect_way(14, 1, "bpf-batch");
    expect_way(14, 4, "bpf-batch");
    expect_way(15, 0, "bpf-batch");
    expect_way(26, 0, "bpf-batch");
    model_no_msg_x(true);
    expect_way(13, 0, "ndrv-writev");
    model_no_msg_x(false);
    model_bpf_no_batch(true); /* private requests may go as they came */
    expect_way(15, 0, "ndrv-sendmsg_x");
    model_bpf_no_batch(false);
}

static void test_forced_way(void **state)
{
    (void)state;
    model_set_macos(14, 0);
    open_fails("feth1", FETH_TX_BPF_BATCH, FETH_ENOSUP, "macOS 14.1");
    model_no_msg_x(true);
    open_fails("feth1", FETH_TX_NDRV_SENDMSG_X, FETH_ENOSUP, "sendmsg_x");
    model_no_msg_x(false);
    for (unsigned i = 0; i < io_n_ways; i++)
        feth_io_close(io_open_way(&io_ways[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_any_free_device), IO_TEST(test_no_device),  IO_TEST(test_bpf_but_no_ndrv),
        IO_TEST(test_granted_buffer),  IO_TEST(test_interfaces), IO_TEST(test_link_at_the_start),
        IO_TEST(test_way_by_kernel),   IO_TEST(test_forced_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
