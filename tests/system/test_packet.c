/* SPDX-License-Identifier: Apache-2.0 */
/* Frames over a real pair: the handle that feth_io_open() gives.  program.sh runs it in a namespace of its own. */
#include "packet_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_every_size(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false);
    uint8_t out[1514];
    struct feth_frame frame;
    struct feth_error err;

    for (size_t len = FETH_FRAME_MIN; len <= sizeof(out); len += len < 100 ? 1 : 101) {
        make_frame(out, len, (uint8_t)len);
        ok(feth_io_send(a, out, len, &err), &err);
        assert_true(next_frame(b, is_ours, WAIT_MS, &frame));
        assert_int_equal(frame.len, len);
        assert_int_equal(frame.wire_len, len);
        assert_memory_equal(frame.data, out, len);
        feth_frames_release(&frame, 1);
    }
    /* our own frames are not echoed to us */
    assert_false(next_frame(a, is_ours, QUIET_MS, &frame));
    feth_io_close(a);
    feth_io_close(b);
}

static void test_batch(void **state)
{
    (void)state;
    enum { N = 64 };
    struct feth_io *a = open_io(pair.host, true), *b = open_io(pair.io, true);
    static uint8_t out[N][600];
    static struct iovec iov[N][2];
    static struct feth_tx tx[N];
    struct feth_io_stats before, after;
    struct feth_frame frame;

    for (unsigned i = 0; i < N; i++) {
        make_frame(out[i], sizeof(out[i]), (uint8_t)i);
        iov[i][0] = (struct iovec){out[i], 20};
        iov[i][1] = (struct iovec){out[i] + 20, sizeof(out[i]) - 20};
        tx[i] = (struct feth_tx){.iov = iov[i], .iovcnt = 2};
    }
    feth_io_get_stats(a, &before);
    assert_int_equal(feth_io_send_batch(a, tx, N, NULL), N);
    feth_io_get_stats(a, &after);
    assert_int_equal(after.tx_calls - before.tx_calls, 1);
    assert_int_equal(after.tx_frames - before.tx_frames, N);
    for (unsigned i = 0; i < N; i++) {
        assert_true(next_frame(b, is_ours, WAIT_MS, &frame));
        assert_memory_equal(frame.data, out[i], sizeof(out[i]));
        feth_frames_release(&frame, 1);
    }
    feth_io_close(a);
    feth_io_close(b);
}

static bool is_tagged(const struct feth_frame *frame)
{
    return memcmp(frame->data + 12, "\x81\x00", 2) == 0;
}

static void test_vlan_tag_survives(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false);
    uint8_t out[1518];
    struct feth_frame frame;
    struct feth_error err;

    make_frame(out, sizeof(out), 7);
    memcpy(out + 12, "\x81\x00\x60\x2a\x88\xb5", 6); /* priority 3, VLAN 42 */
    ok(feth_io_send(a, out, sizeof(out), &err), &err);
    assert_true(next_frame(b, is_tagged, WAIT_MS, &frame));
    assert_int_equal(frame.len, sizeof(out));
    assert_memory_equal(frame.data, out, sizeof(out));
    feth_frames_release(&frame, 1);
    feth_io_close(a);
    feth_io_close(b);
}

/* What a third program captures beside the two that talk: both ways where it asks for it, one where it does not. */
static void test_see_sent(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false), *b = open_io(pair.io, false), *beside[2];
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    uint8_t out[2][100];
    struct feth_frame frame;
    struct feth_error err;

    config.nonblock = true;
    for (int i = 0; i < 2; i++) {
        config.see_sent = i == 1;
        ok(feth_io_open(&beside[i], pair.io, &config, &err), &err);
    }
    make_frame(out[0], sizeof(out[0]), 1);
    make_frame(out[1], sizeof(out[1]), 2);
    ok(feth_io_send(b, out[0], sizeof(out[0]), &err), &err);
    ok(feth_io_send(a, out[1], sizeof(out[1]), &err), &err);
    for (int i = 0; i < 2; i++) {
        for (int k = i == 1 ? 0 : 1; k < 2; k++) {
            assert_true(next_frame(beside[i], is_ours, WAIT_MS, &frame));
            assert_int_equal(frame.len, sizeof(out[k]));
            assert_memory_equal(frame.data, out[k], sizeof(out[k]));
            feth_frames_release(&frame, 1);
        }
        assert_false(next_frame(beside[i], is_ours, QUIET_MS, &frame));
        feth_io_close(beside[i]);
    }
    feth_io_close(a);
    feth_io_close(b);
}

/* ---- offload ------------------------------------------------------------------------------------------------ */

enum { HEADERS = 14 + 20 + 20, PAYLOAD = 10000, MSS = 1460 };

static uint32_t sum16(const uint8_t *data, size_t len, uint32_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(data[i] << 8 | data[i + 1]);
    if (len & 1)
        sum += (uint32_t)(data[len - 1] << 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* The sum over a TCP segment in IPv4 with its pseudo-header: 0xffff where the checksum is right. */
static uint32_t tcp4_sum(const uint8_t *frame)
{
    const uint8_t *ip = frame + 14;
    size_t len = (size_t)(ip[2] << 8 | ip[3]) - 20;

    return sum16(ip + 20, len, sum16(ip + 12, 8, (uint32_t)len + 6));
}

static bool is_tcp(const struct feth_frame *frame)
{
    return memcmp(frame->data + 12, "\x08\x00", 2) == 0 && frame->data[23] == 6;
}

static void make_large_tcp(uint8_t *frame)
{
    uint16_t total = htons(40 + PAYLOAD);

    memset(frame, 0, HEADERS);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x01\x08\x00", 8);
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    memcpy(ip, "\x45\0", 2);
    memcpy(ip + 2, &total, 2);
    memcpy(ip + 8, "\x40\x06", 2);
    memcpy(ip + 12, "\x0a\x63\0\x01\x0a\x63\0\x02", 8);
    uint16_t sum = htons((uint16_t)~sum16(ip, 20, 0));
    memcpy(ip + 10, &sum, 2);
    memcpy(tcp, "\x10\0\x20\0\0\0\0\x01\0\0\0\x01\x50\x18\x40", 15);
    sum = htons((uint16_t)sum16(ip + 12, 8, 20 + PAYLOAD + 6)); /* the pseudo-header only */
    memcpy(tcp + 16, &sum, 2);
    for (size_t i = 0; i < PAYLOAD; i++)
        frame[HEADERS + i] = (uint8_t)(i * 31 >> 3);
}

static void test_offload(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, true);
    static uint8_t out[HEADERS + PAYLOAD];
    struct iovec iov = {out, sizeof(out)};
    struct feth_offload meta = {.flags = FETH_CSUM_NEEDED,
                                .gso_type = FETH_GSO_TCPV4,
                                .hdr_len = HEADERS,
                                .gso_size = MSS,
                                .csum_start = 34,
                                .csum_offset = 16};
    struct feth_frame frame;
    struct feth_error err;

    /* described to who asked for it */
    struct feth_io *b = open_io(pair.io, true);
    make_large_tcp(out);
    ok(feth_io_sendv(a, &iov, 1, &meta, &err), &err);
    assert_true(next_frame(b, is_tcp, WAIT_MS, &frame));
    assert_int_equal(frame.len, sizeof(out));
    assert_memory_equal(frame.data, out, sizeof(out));
    assert_int_equal(frame.offload.flags, FETH_CSUM_NEEDED);
    assert_int_equal(frame.offload.gso_type, FETH_GSO_TCPV4);
    assert_int_equal(frame.offload.gso_size, MSS);
    assert_int_equal(frame.offload.csum_start, 34);
    assert_int_equal(frame.offload.csum_offset, 16);
    feth_frames_release(&frame, 1);
    feth_io_close(b);

    /* finished for who did not */
    b = open_io(pair.io, false);
    assert_int_equal(feth_io_caps(b), 0);
    ok(feth_io_sendv(a, &iov, 1, &meta, &err), &err);
    for (size_t at = 0; at < PAYLOAD; at += MSS) {
        size_t want = PAYLOAD - at < MSS ? PAYLOAD - at : MSS;
        assert_true(next_frame(b, is_tcp, WAIT_MS, &frame));
        assert_int_equal(frame.len, HEADERS + want);
        assert_int_equal(sum16(frame.data + 14, 20, 0), 0xffff);
        assert_int_equal(tcp4_sum(frame.data), 0xffff);
        assert_memory_equal(frame.data + HEADERS, out + HEADERS + at, want);
        assert_int_equal(frame.offload.gso_type, FETH_GSO_NONE);
        feth_frames_release(&frame, 1);
    }
    assert_int_equal(feth_io_sendv(b, &iov, 1, &meta, &err), FETH_ENOSUP);
    feth_io_close(a);
    feth_io_close(b);
}

/* ---- errors and changes ------------------------------------------------------------------------------------- */

static void test_lengths(void **state)
{
    (void)state;
    struct feth_io *a = open_io(pair.host, false);
    static uint8_t out[70000];
    struct feth_error err;

    make_frame(out, sizeof(out), 1);
    for (size_t len = 0; len < FETH_FRAME_MIN; len++)
        assert_int_equal(feth_io_send(a, out, len, &err), FETH_ESHORT);
    assert_int_equal(feth_io_send(a, out, 1519, &err), FETH_ELONG);
    assert_int_equal(feth_io_send(a, out, sizeof(out), &err), FETH_ELONG);
    feth_io_close(a);
}

static void test_open_errors(void **state)
{
    (void)state;
    struct feth_io *io;
    struct feth_error err;
    struct feth_io_config config = {0};

    assert_int_equal(feth_io_open(&io, "feth31999", NULL, &err), FETH_ENOIF);
    assert_non_null(strstr(err.text, "feth31999"));
    assert_int_equal(feth_io_open(&io, "lo", NULL, &err), FETH_ENOSUP);
    assert_int_equal(feth_io_open(&io, pair.io, &config, &err), FETH_EINVAL);
    assert_null(io);

    pid_t child = fork();
    if (child == 0) {
        /* a user without capabilities, in the namespace that we own */
        bool dropped = setgid(65534) == 0 && setuid(65534) == 0;
        if (!dropped) /* in a user namespace only our own id is mapped */
            _exit(77);
        _exit(feth_io_open(&io, pair.io, NULL, &err) == FETH_EPERM && strstr(err.text, "CAP_NET_RAW") ? 0
                                                                                                      : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        print_message("no other user in this namespace: FETH_EPERM not provoked\n");
    else
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_drops_are_counted(void **state)
{
    (void)state;
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *a = open_io(pair.host, false), *b;
    struct feth_error err;
    struct feth_io_stats stats;
    struct feth_frame frame;
    uint8_t out[1000];
    unsigned got = 0;

    config.nonblock = true;
    config.socket_buffer = 16384;
    ok(feth_io_open(&b, pair.io, &config, &err), &err);
    make_frame(out, sizeof(out), 3);
    for (int i = 0; i < 1000; i++)
        ok(feth_io_send(a, out, sizeof(out), &err), &err);
    while (next_frame(b, is_ours, QUIET_MS, &frame)) {
        feth_frames_release(&frame, 1);
        got++;
    }
    feth_io_get_stats(b, &stats);
    assert_true(got > 0 && got < 1000);
    assert_true(stats.rx_dropped >= 1000 - got);
    feth_io_close(a);
    feth_io_close(b);
}

static void ignore(int sig)
{
    (void)sig;
}

static void test_blocking_ends_with_a_signal(void **state)
{
    (void)state;
    struct feth_io *b;
    struct feth_error err;
    struct feth_frame frame;
    struct sigaction act = {.sa_handler = ignore}, old;
    int n;

    ok(feth_io_open(&b, pair.io, NULL, &err), &err);
    sigaction(SIGALRM, &act, &old);
    ualarm(100000, 100000); /* again and again: the first may come before the wait */
    while ((n = feth_io_recv_batch(b, &frame, 1, &err)) == 1)
        feth_frames_release(&frame, 1);
    ualarm(0, 0);
    sigaction(SIGALRM, &old, NULL);
    assert_int_equal(n, FETH_EAGAIN);
    assert_int_equal(err.sys_errno, EINTR);
    feth_io_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(test_every_size),        WITH_PAIR(test_batch),
        WITH_PAIR(test_vlan_tag_survives), WITH_PAIR(test_offload),
        WITH_PAIR(test_lengths),           WITH_PAIR(test_open_errors),
        WITH_PAIR(test_drops_are_counted), WITH_PAIR(test_blocking_ends_with_a_signal),
        WITH_PAIR(test_see_sent),
    };
    return RUN_WITH_CTL(tests);
}
