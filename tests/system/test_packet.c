/* SPDX-License-Identifier: Apache-2.0 */
/* Frames over a real pair, as they are on Linux alone.  program.sh runs it in a namespace of its own. */
#include "packet_rig.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    assert_string_equal(feth_io_backend(b), "packet");
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
    assert_string_equal(feth_io_backend(b), "packet"); /* below a layer */
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

/* ---- opening ------------------------------------------------------------------------------------------------ */

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
    config = (struct feth_io_config)FETH_IO_CONFIG_INIT;
    config.tx_path = FETH_TX_BPF_BATCH;
    assert_int_equal(feth_io_open(&io, pair.io, &config, &err), FETH_ENOSUP);
    config.tx_path = (enum feth_tx_path)77;
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

/* A handle that always has a frame to give learns of a change of the link all the same. */
static void test_under_traffic(void **state)
{
    (void)state;
    struct feth_io *b = open_io(pair.io, false), *a = open_io(pair.host, false);
    struct feth_frame frame;
    struct feth_error err;
    struct feth_link link;
    uint8_t out[60];
    unsigned received = 0;

    make_frame(out, sizeof(out), 3);
    for (int i = 0; i < 400; i++)
        ok(feth_io_send(a, out, sizeof(out), &err), &err);
    ok(feth_set_mtu(ctl, pair.io, 1400, &err), &err);
    do {
        assert_int_equal(feth_io_recv_batch(b, &frame, 1, &err), 1);
        feth_frames_release(&frame, 1);
        feth_io_get_link(b, &link);
    } while (++received < 300 && link.mtu != 1400);
    assert_int_equal(link.mtu, 1400);
    feth_io_close(a);
    feth_io_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(test_under_traffic),
        WITH_PAIR(test_offload),
        WITH_PAIR(test_open_errors),
    };
    return RUN_WITH_CTL(tests);
}
