/* SPDX-License-Identifier: Apache-2.0 */
#include "io_ops.h"

#include <string.h>

enum { FRAMES = 10, LEN = 60 };

struct feth_error io_err;

static struct feth_io *io; /* NULL: none */
static enum feth_tx_path path;
static struct feth_frame got[FRAMES];
static uint8_t frames[FRAMES][LEN];
static struct iovec iov[FRAMES];
static struct feth_tx tx[FRAMES];

/* ---- opening and closing ------------------------------------------------------------------------------------ */

static int open_with(bool offload)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;

    config.nonblock = true;
    config.tx_path = path;
    config.offload = offload;
    config.rx_buffers = 4;
    return feth_io_open(&io, "feth1", &config, &io_err);
}

static int open_one(void)
{
    return open_with(false);
}

/* Finished frames of an interface whose frames are not: the layer that finishes them is part of opening. */
static void made_for_offload(void)
{
    assert_int_equal(rig_destroy("feth0"), 0);
    assert_int_equal(rig_destroy("feth1"), 0);
    model_detached();
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 1), 0);
    rig_pair();
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 0), 0);
}

static int open_offload(void)
{
    return open_with(true);
}

static int close_it(void)
{
    feth_io_close(io);
    io = NULL;
    return 0;
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

static int send_batch(void)
{
    return feth_io_send_batch(io, tx, FRAMES, &io_err);
}

static int send_blocking(void)
{
    feth_io_set_nonblock(io, false);
    return send_batch();
}

static void frames_wait(void)
{
    for (unsigned i = 0; i < FRAMES; i++)
        io_host_sends(LEN, i);
}

static int recv_batch(void)
{
    return feth_io_recv_batch(io, got, FRAMES / 2, &io_err);
}

static int recv_copy(void)
{
    size_t len;

    return feth_io_recv(io, frames[0], LEN, &len, NULL, &io_err);
}

/* Nothing to receive: what has become of the interface is looked at. */
static void link_changes(void)
{
    assert_int_equal(rig_mtu("feth1", 1400), 0);
}

static void is_destroyed(void)
{
    assert_int_equal(rig_destroy("feth1"), 0);
}

static int wait_for_it(void)
{
    return feth_io_wait(io, 0, &io_err);
}

static int stats(void)
{
    struct feth_io_stats s;

    feth_io_get_stats(io, &s);
    return 0;
}

/* ---- layers ------------------------------------------------------------------------------------------------- */

static int impair(void)
{
    struct feth_impair_config config = FETH_IMPAIR_CONFIG_INIT;

    return feth_io_impair(&io, &config, &io_err);
}

static int capture(void)
{
    int ret = feth_io_pcap(&io, "/dev/null", 0, &io_err);

    return ret == FETH_ENOSUP ? 0 : ret; /* built without libpcap */
}

/* ---- afterwards --------------------------------------------------------------------------------------------- */

/* The host has received what was said to be sent; what was not is sent now. */
static void sent_once(int ret)
{
    for (int sent = ret < 0 ? 0 : ret; sent < FRAMES;) {
        int n = feth_io_send_batch(io, tx + sent, (unsigned)(FRAMES - sent), NULL);
        assert_true(n > 0 || n == FETH_EAGAIN);
        sent += n > 0 ? n : 0;
    }
    for (unsigned i = 0; i < FRAMES; i++)
        io_arrived(LEN, i);
    assert_int_equal(model_host_waiting("feth0"), 0);
}

/* No failure loses a frame, or brings one twice. */
static void rest_comes(unsigned next)
{
    for (; next < FRAMES; next++)
        io_comes(io, LEN, next);
}

static void received_once(int ret)
{
    unsigned n = ret > 0 ? (unsigned)ret : 0;

    feth_frames_release(got, n);
    rest_comes(n);
}

static void received_copy(int ret)
{
    rest_comes(ret == 0);
}

static void waited(int ret)
{
    (void)ret;
    rest_comes(0);
}

static void works(int ret)
{
    if (!io) {
        assert_true(ret < 0);
        return;
    }
    sent_once(0);
    while (feth_io_recv_batch(io, got, 1, NULL) == 1) /* news of before */
        feth_frames_release(got, 1);
    frames_wait();
    received_once(0);
}

static void still_gone(int ret)
{
    assert_true(ret < 0);
    assert_int_equal(feth_io_send(io, frames[0], LEN, NULL), FETH_EGONE);
    for (int i = 0; i < 2; i++)
        assert_int_equal(feth_io_recv_batch(io, got, 1, NULL), FETH_EGONE);
}

static void nothing(int ret)
{
    (void)ret;
}

/* ---- the table ---------------------------------------------------------------------------------------------- */

#define EACH_WAY(name, opened, prepare, run, check)                                                          \
    {name " bpf-batch", FETH_TX_BPF_BATCH, opened, prepare, run, check},                                     \
        {name " sendmsg_x", FETH_TX_NDRV_SENDMSG_X, opened, prepare, run, check},                            \
    {                                                                                                        \
        name " writev", FETH_TX_NDRV_WRITEV, opened, prepare, run, check                                     \
    }

const struct io_op io_ops[] = {
    EACH_WAY("open", false, NULL, open_one, works),
    EACH_WAY("send", true, NULL, send_batch, sent_once),
    EACH_WAY("send blocking", true, NULL, send_blocking, sent_once),
    EACH_WAY("send to nobody", true, is_destroyed, send_batch, still_gone),
    EACH_WAY("close", true, NULL, close_it, nothing),
    {"open automatic", FETH_TX_AUTO, false, NULL, open_one, works},
    {"open with offload", FETH_TX_AUTO, false, made_for_offload, open_offload, works},
    {"open without offload", FETH_TX_AUTO, false, made_for_offload, open_one, works},
    {"receive", FETH_TX_AUTO, true, frames_wait, recv_batch, received_once},
    {"receive a copy", FETH_TX_AUTO, true, frames_wait, recv_copy, received_copy},
    {"receive nothing", FETH_TX_AUTO, true, link_changes, recv_batch, works},
    {"receive from nobody", FETH_TX_AUTO, true, is_destroyed, recv_batch, still_gone},
    {"wait", FETH_TX_AUTO, true, frames_wait, wait_for_it, waited},
    {"stats", FETH_TX_AUTO, true, NULL, stats, works},
    {"impair", FETH_TX_AUTO, true, NULL, impair, works},
    {"capture", FETH_TX_AUTO, true, NULL, capture, works},
};
const unsigned io_n_ops = sizeof(io_ops) / sizeof(io_ops[0]);

void io_op_begin(const struct io_op *op)
{
    model_reset();
    rig_pair();
    path = op->path;
    io = NULL;
    for (unsigned i = 0; i < FRAMES; i++) {
        rig_frame(frames[i], LEN, i);
        iov[i] = (struct iovec){frames[i], LEN};
        tx[i] = (struct feth_tx){.iov = &iov[i], .iovcnt = 1};
    }
    if (op->opened)
        assert_int_equal(open_with(false), 0);
    if (op->prepare)
        op->prepare();
    memset(&io_err, 0, sizeof(io_err));
}

void io_op_end(const struct io_op *op, int ret)
{
    op->check(ret);
    feth_io_close(io);
    io = NULL;
}
