/* SPDX-License-Identifier: Apache-2.0 */
/* One thread sends while another receives, on both ends at once, by each of the ways. */
#include "test_io_rig.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { FRAMES = 4000, BATCH = 40, LEN = 200 };

struct end {
    struct feth_io *io;
    atomic_uint *sent_by_far, *sent; /* frames that are on their way, or were */
    unsigned got, lost;
    bool ok;
};

static void *send_all(void *arg)
{
    struct end *end = arg;
    uint8_t frames[BATCH][LEN];
    struct iovec iov[BATCH];
    struct feth_tx tx[BATCH];

    for (unsigned i = 0; i < FRAMES; i += BATCH) {
        for (unsigned k = 0; k < BATCH; k++) {
            uint32_t number = i + k;
            rig_frame(frames[k], LEN, number);
            memcpy(frames[k] + 14, &number, sizeof(number));
            iov[k] = (struct iovec){frames[k], LEN};
            tx[k] = (struct feth_tx){.iov = &iov[k], .iovcnt = 1};
        }
        for (unsigned done = 0; done < BATCH;) {
            int n = feth_io_send_batch(end->io, tx + done, BATCH - done, NULL);
            if (n < 0)
                return NULL;
            done += (unsigned)n;
        }
        atomic_fetch_add(end->sent, BATCH);
    }
    end->ok = true;
    return NULL;
}

/* In order; what is missing was dropped by the kernel, which counts it. */
static void *receive_all(void *arg)
{
    struct end *end = arg;
    struct feth_frame frames[BATCH];
    uint32_t expect = 0;

    for (;;) {
        bool all = atomic_load(end->sent_by_far) == FRAMES; /* before looking for the last ones */
        int n = feth_io_recv_batch(end->io, frames, BATCH, NULL);
        for (int i = 0; i < n; i++) {
            uint32_t number;
            memcpy(&number, frames[i].data + 14, sizeof(number));
            if (number < expect || frames[i].len != LEN ||
                frames[i].data[LEN - 1] != (uint8_t)(number + LEN - 1))
                return NULL;
            end->lost += number - expect;
            expect = number + 1;
            end->got++;
        }
        if (n > 0)
            feth_frames_release(frames, (unsigned)n);
        if (n == FETH_EAGAIN && all) {
            end->lost += FRAMES - expect;
            end->ok = true;
            return NULL;
        }
        if (n == FETH_EAGAIN && feth_io_wait(end->io, 100, NULL) == FETH_ESYS)
            return NULL;
        if (n < 0 && n != FETH_EAGAIN)
            return NULL;
    }
}

static void test_both_ways(void **state)
{
    (void)state;
    for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++) {
        const char *names[2] = {"feth0", "feth1"};
        struct end rx[2] = {0}, tx[2] = {0};
        atomic_uint sent[2] = {0};
        pthread_t threads[4];

        model_set_macos(way->major, way->minor);
        for (int i = 0; i < 2; i++) {
            struct feth_io_config config = FETH_IO_CONFIG_INIT;
            struct feth_error err;
            config.nonblock = true;
            config.tx_path = way->path;
            if (feth_io_open(&rx[i].io, names[i], &config, &err) < 0)
                fail_msg("%s", err.text);
            tx[i].io = rx[i].io;
            tx[i].sent = &sent[i];
            rx[i].sent_by_far = &sent[!i];
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, receive_all, &rx[i]), 0);
            assert_int_equal(pthread_create(&threads[2 + i], NULL, send_all, &tx[i]), 0);
        }
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (int i = 0; i < 2; i++) {
            struct feth_io_stats stats;
            feth_io_get_stats(rx[i].io, &stats);
            assert_true(rx[i].ok && tx[i].ok);
            assert_int_equal(rx[i].got + rx[i].lost, FRAMES);
            assert_int_equal(stats.rx_dropped, rx[i].lost);
            assert_int_equal(stats.tx_dropped, 0);
            assert_int_equal(stats.tx_frames, FRAMES);
            feth_io_close(rx[i].io);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
