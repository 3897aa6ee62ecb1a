/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame costs on macOS, counted on the model: system calls, bytes that our code copies, and allocations, by each
 * way to send and for the frames that a read brings.  Prints a table, which docs/performance.md has, and fails where a
 * cost is higher than it has to be.  No times: the model has none.
 */
#include "test_io_rig.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "alloc_fail.h"

enum { FRAMES = 4096, LEN = 1514, BATCH = 64 };

/* ---- bytes copied ------------------------------------------------------------------------------------------- */

void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

static unsigned long copied;

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
    copied += model_inside() ? 0 : n;
    return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    copied += model_inside() ? 0 : n;
    return __real_memmove(to, from, n);
}

/* ---- counting ----------------------------------------------------------------------------------------------- */

static struct {
    time_t at;
    unsigned calls;
    unsigned long copied, allocs;
} before;

static void begin(void)
{
    before.at = time(NULL);
    before.calls = model_all_calls();
    before.copied = copied;
    before.allocs = alloc_total();
}

/* Calls beside those for frames: once a second a handle looks at its interface, and a slow machine needs some seconds. */
static unsigned now_and_then(void)
{
    return 20 * (unsigned)(time(NULL) - before.at + 2);
}

static unsigned calls(void)
{
    return model_all_calls() - before.calls;
}

/* All figures are those of one frame. */
static void print_row(const char *what, const char *way, unsigned batch, unsigned frames)
{
    print_message("| %-8s | %-14s | %7u | %5.3f | %12.0f | %11.0f |\n", what, way, batch,
                  (double)calls() / frames, (double)(copied - before.copied) / frames,
                  (double)(alloc_total() - before.allocs) / frames);
}

static void at_most(const char *call, unsigned since, unsigned most)
{
    if (model_calls(call) - since > most)
        fail_msg("%s: %u calls; %u are enough", call, model_calls(call) - since, most);
}

/* Of frames that is: a record's header in front of each is copied out, since it is not aligned. */
static void nothing_copied(void)
{
    assert_true(copied - before.copied < (unsigned long)FRAMES * 64);
    assert_int_equal(alloc_total() - before.allocs, 0);
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

static uint8_t frame[LEN];

/* As a stack has it: headers, and a payload that lies elsewhere. */
static const struct iovec pieces[3] = {{frame, 14}, {frame + 14, 40}, {frame + 54, LEN - 54}};

static void send_all(struct feth_io *io, const struct way *way, unsigned batch)
{
    struct feth_tx tx[BATCH];
    unsigned writes = model_calls("writev"), x = model_calls("sendmsg_x");
    unsigned lists = model_calls("NET_RT_IFLIST2"), looks = model_calls("BIOCGDLT");
    bool single = way->path == FETH_TX_NDRV_WRITEV, bpf = way->path == FETH_TX_BPF_BATCH;

    for (unsigned i = 0; i < batch; i++)
        tx[i] = (struct feth_tx){.iov = pieces, .iovcnt = 3};
    begin();
    for (unsigned sent = 0; sent < FRAMES; sent += batch)
        assert_int_equal(feth_io_send_batch(io, tx, batch, NULL), batch);
    print_row("send", way->name, batch, FRAMES);
    assert_int_equal(model_host_waiting("feth0"), FRAMES);

    const unsigned batches = FRAMES / batch, queues = FRAMES / 128 + 1;
    const unsigned written = single ? FRAMES : batches, looked = bpf ? 0 : batches;
    at_most(way->path == FETH_TX_NDRV_SENDMSG_X ? "sendmsg_x" : "writev",
            way->path == FETH_TX_NDRV_SENDMSG_X ? x : writes, written);
    at_most("NET_RT_IFLIST2", lists, queues); /* how full the queue is */
    at_most("BIOCGDLT", looks, looked);       /* whether the interface is still the same */
    assert_true(calls() <= written + queues + looked + now_and_then());
    nothing_copied();
}

static void test_sending(void **state)
{
    (void)state;
    static const struct way ways[] = {{FETH_TX_BPF_BATCH, "bpf-batch", 15, 0},
                                      {FETH_TX_NDRV_SENDMSG_X, "ndrv-sendmsg_x", 13, 0},
                                      {FETH_TX_NDRV_WRITEV, "ndrv-writev", 11, 0}};
    static const unsigned batches[] = {1, 16, BATCH};
    uint8_t sink[1];

    rig_frame(frame, sizeof(frame), 1);
    for (unsigned w = 0; w < 3; w++)
        for (unsigned b = 0; b < 3; b++) {
            struct feth_io *io = io_open_way(&ways[w]);
            send_all(io, &ways[w], batches[b]);
            feth_io_close(io);
            while (model_host_receive("feth0", sink, sizeof(sink)) > 0)
                ;
        }
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* Wait is how many frames have come since the last time the program looked; it takes them until there are none. */
static void receive_all(struct feth_io *io, unsigned wait, bool copying)
{
    static uint8_t to[LEN];
    struct feth_frame got[BATCH];
    unsigned reads = model_calls("read");
    size_t len;

    begin();
    for (unsigned done = 0; done < FRAMES; done += wait) {
        unsigned mine = model_all_calls();
        unsigned long bytes = copied;
        for (unsigned i = 0; i < wait; i++)
            assert_true(model_host_send("feth0", frame, LEN));
        copied = bytes;
        assert_int_equal(model_all_calls(), mine);
        for (unsigned taken = 0; taken < wait;) {
            int n = copying ? feth_io_recv(io, to, sizeof(to), &len, NULL, NULL)
                            : feth_io_recv_batch(io, got, BATCH, NULL);
            assert_true(n >= 0);
            taken += copying ? 1 : (unsigned)n;
            if (!copying)
                feth_frames_release(got, (unsigned)n);
        }
        assert_int_equal(feth_io_recv_batch(io, got, 1, NULL), FETH_EAGAIN);
    }
    print_row(copying ? "copy out" : "receive", "bpf", wait, FRAMES);
    /* one that reads them, and one that finds no more and no news, and makes the kqueue silent */
    at_most("read", reads, FRAMES / wait + now_and_then());
    assert_true(calls() <= FRAMES / wait * 2 + now_and_then());
    if (!copying)
        nothing_copied();
}

static void test_receiving(void **state)
{
    (void)state;
    static const unsigned waits[] = {1, 16, 64, 1024};

    rig_frame(frame, sizeof(frame), 1);
    for (unsigned i = 0; i < 4; i++) {
        struct feth_io *io = io_open(FETH_TX_AUTO);
        receive_all(io, waits[i], false);
        feth_io_close(io);
    }
    struct feth_io *io = io_open(FETH_TX_AUTO);
    receive_all(io, 64, true);
    /* a count that sees no copy where there is one would see none anywhere; sanitizers have a memcpy() of their own */
    if (copied - before.copied < (unsigned long)FRAMES * LEN)
        print_message("(bytes copied cannot be counted in this build)\n");
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_sending),
        IO_TEST(test_receiving),
    };

    print_message("| what     | way            | at once | calls | bytes copied | allocations |\n"
                  "| -------- | -------------- | ------- | ----- | ------------ | ----------- |\n");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
