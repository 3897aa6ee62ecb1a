/* SPDX-License-Identifier: Apache-2.0 */
#include "test_io_rig.h"

#include <string.h>

const struct way io_ways[] = {
    {FETH_TX_BPF_BATCH, "bpf-batch", 15, 0},           {FETH_TX_BPF_BATCH, "bpf-batch", 14, 1},
    {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 15, 0}, {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 14, 0},
    {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 13, 0}, {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 12, 0},
    {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 11, 0}, {FETH_TX_NDRV_WRITEV, "ndrv-writev", 15, 0},
    {FETH_TX_NDRV_WRITEV, "ndrv-writev", 13, 0},       {FETH_TX_NDRV_WRITEV, "ndrv-writev", 11, 0},
};
const unsigned io_n_ways = sizeof(io_ways) / sizeof(io_ways[0]);

static uint8_t out[FETH_FRAME_MAX + 64], in[FETH_FRAME_MAX + 64];

int io_setup(void **state)
{
    (void)state;
    model_reset();
    rig_pair();
    return 0;
}

int io_teardown(void **state)
{
    (void)state;
    model_stall("feth1", false);
    model_destroy("feth0");
    model_destroy("feth1");
    model_detached();
    bool clean = model_is_clean();
    if (!clean)
        model_log(stderr);
    model_reset();
    return clean ? 0 : -1;
}

struct feth_io *io_open(enum feth_tx_path path)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *io;
    struct feth_error err;

    config.nonblock = true;
    config.tx_path = path;
    if (feth_io_open(&io, "feth1", &config, &err) < 0)
        fail_msg("%s", err.text);
    return io;
}

struct feth_io *io_open_way(const struct way *way)
{
    model_set_macos(way->major, way->minor);
    struct feth_io *io = io_open(way->path);
    assert_string_equal(feth_io_backend(io), way->name);
    return io;
}

int io_send(struct feth_io *io, size_t len, unsigned number)
{
    struct feth_error err = {.code = 1};

    assert_true(len <= sizeof(out));
    rig_frame(out, len, number);
    int ret = feth_io_send(io, out, len, &err);
    assert_int_equal(err.code, ret < 0 ? ret : 1);
    return ret;
}

void io_arrived(size_t len, unsigned number)
{
    size_t got = model_host_receive("feth0", in, sizeof(in));

    assert_int_equal(got, len);
    rig_frame(out, len, number);
    assert_memory_equal(in, out, len);
}

int io_news(struct feth_io *io, struct feth_error *err)
{
    struct feth_frame frame;

    for (int tries = 0; tries < 1000; tries++) {
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

void io_comes(struct feth_io *io, size_t len, unsigned number)
{
    struct feth_frame frame;
    int n;

    while ((n = feth_io_recv_batch(io, &frame, 1, NULL)) == FETH_EAGAIN)
        assert_int_equal(feth_io_wait(io, WAIT_MS, NULL), 0);
    assert_int_equal(n, 1);
    assert_int_equal(frame.len, len);
    assert_int_equal(frame.wire_len, len);
    rig_frame(out, len, number);
    assert_memory_equal(frame.data, out, len);
    feth_frames_release(&frame, 1);
}

void io_empty(struct feth_io *io)
{
    struct feth_frame frame;

    assert_int_equal(feth_io_recv_batch(io, &frame, 1, NULL), FETH_EAGAIN);
    assert_false(feth_io_pending(io));
}

void io_host_sends(size_t len, unsigned number)
{
    static uint8_t frame[70000];

    assert_true(len <= sizeof(frame));
    rig_frame(frame, len, number);
    assert_true(model_host_send("feth0", frame, len));
}
