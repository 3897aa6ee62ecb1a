/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interfaces made for offload, over TAP devices in a network namespace of its own: what a kernel's stack leaves undone
 * arrives at the I/O side as xnu would leave it, and what is injected there is believed as far as xnu believes it.
 */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/bytes.h"
#include "core/offload.h"
#include "model_rig.h"

enum { PORT = 4242, IO_PORT = 7, SKIPPED = 77, PATIENCE = 10000, TCP = 6, UDP = 17, IP = 14, L4 = 34 };

static uint8_t records[1 << 18];
static ssize_t n_records;
static uint8_t *record; /* the next one */

/* ---- the pair ----------------------------------------------------------------------------------------------- */

static int bpf, host;

/* The host side may leave checksums and segmentation to the I/O side; the I/O side is believed. */
static void make(int host_hwcsum, int host_tso, int io_hwcsum)
{
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", host_hwcsum), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", host_tso), 0);
    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", io_hwcsum), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", 0), 0);
    assert_int_equal(rig_create("feth1"), 0);
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 0), 0);
    assert_int_equal(rig_peer("feth0", "feth1"), 0);
    assert_int_equal(rig_up("feth0", true), 0);
    assert_int_equal(rig_up("feth1", true), 0);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    bpf = rig_bpf_on("feth1", sizeof(records));
    assert_int_equal(system("ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev feth0"), 0);
    n_records = 0;
}

static void unmake(void)
{
    assert_int_equal(close(bpf), 0);
    assert_int_equal(close(host), 0);
    assert_int_equal(rig_destroy("feth0"), 0);
    assert_int_equal(rig_destroy("feth1"), 0);
    model_detached();
}

static struct sockaddr_in at(const char *addr, uint16_t port)
{
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(port)};

    assert_int_equal(inet_pton(AF_INET, addr, &sin.sin_addr), 1);
    return sin;
}

static void open_host(int type)
{
    /* TCP's ports are busy for a while afterwards */
    struct sockaddr_in me = at("10.0.0.1", type == SOCK_DGRAM ? PORT : 0), to = at("10.0.0.2", IO_PORT);

    host = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    assert_true(host >= 0);
    assert_int_equal(bind(host, (const void *)&me, sizeof(me)), 0);
    assert_true(connect(host, (const void *)&to, sizeof(to)) == 0 || errno == EINPROGRESS);
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

static uint16_t pseudo_sum(const uint8_t *frame)
{
    return feth_inet_sum(frame + IP + 12, 8, feth_get16(frame + IP + 2) - 20u + frame[IP + 9]);
}

/* 0xffff where the checksum is right */
static uint16_t whole_sum(const uint8_t *frame)
{
    return feth_inet_sum(frame + L4, feth_get16(frame + IP + 2) - 20u, pseudo_sum(frame));
}

static uint16_t sum_of(const uint8_t *frame)
{
    return feth_get16(frame + L4 + (frame[IP + 9] == TCP ? 16 : 6));
}

/* The next IPv4 frame of a protocol from the host, longer than so many bytes. */
static uint8_t *next(unsigned protocol, size_t longer_than)
{
    struct pollfd p = {.fd = bpf, .events = POLLIN};

    for (;;) {
        while (n_records > 0 && record < records + n_records) {
            struct xnu_bpf_hdr h;
            memcpy(&h, record, 18);
            uint8_t *frame = record + h.bh_hdrlen;
            record += XNU_BPF_WORDALIGN(h.bh_hdrlen + h.bh_caplen);
            assert_int_equal(h.bh_caplen, h.bh_datalen);
            if (h.bh_caplen > longer_than && feth_get16(frame + 12) == 0x0800 && frame[IP + 9] == protocol)
                return frame;
        }
        assert_int_equal(poll(&p, 1, PATIENCE), 1);
        n_records = read(bpf, records, sizeof(records));
        record = records;
    }
}

/* A frame from the I/O side to the host's port: protocol and what is behind the IPv4 header.  Its checksum is right, or
 * left out. */
static void inject(unsigned protocol, const uint8_t *l4, size_t len, bool finished)
{
    uint8_t frame[256] = {0}, *ip = frame + IP;

    assert_true(model_interface("feth0", NULL, NULL, frame));
    memcpy(frame + 6, "\x02\0\0\0\0\x02\x08\0", 8);
    memcpy(ip, "\x45\0\0\0\0\0\0\0\x40\0\0\0\x0a\0\0\x02\x0a\0\0\x01", 20);
    feth_put16(ip + 2, (uint16_t)(20 + len));
    ip[9] = (uint8_t)protocol;
    feth_put16(ip + 10, (uint16_t)~feth_inet_sum(ip, 20, 0));
    memcpy(frame + L4, l4, len);
    uint8_t *field = frame + L4 + (protocol == TCP ? 16 : 6);
    feth_put16(field, pseudo_sum(frame));
    if (finished)
        feth_put16(field, (uint16_t)~feth_inet_sum(frame + L4, len, 0));
    assert_int_equal(write(bpf, frame, L4 + len), L4 + len);
}

static void inject_text(const char *text, bool finished)
{
    uint8_t udp[64] = {0};
    size_t len = 8 + strlen(text);

    feth_put16(udp, IO_PORT);
    feth_put16(udp + 2, PORT);
    feth_put16(udp + 4, (uint16_t)len);
    memcpy(udp + 8, text, strlen(text));
    inject(UDP, udp, len, finished);
}

/* ---- checksums ---------------------------------------------------------------------------------------------- */

static void host_says(bool unfinished)
{
    assert_int_equal(send(host, "something", 9, 0), 9);
    const uint8_t *frame = next(UDP, 0);
    if (unfinished) {
        assert_int_equal(sum_of(frame), pseudo_sum(frame));
        assert_int_equal(feth_get16(frame + IP + 10), 0);
    } else {
        assert_int_equal(whole_sum(frame), 0xffff);
        assert_int_equal(feth_inet_sum(frame + IP, 20, 0), 0xffff);
    }
}

/* RUN11, RUN15 */
static void test_checksums_left_out(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        make(i & 1, (i >> 1) & 1, i >> 2);
        open_host(SOCK_DGRAM);
        host_says(i & 1);
        unmake();
    }
}

static void host_hears(const char *text)
{
    struct pollfd p = {.fd = host, .events = POLLIN};
    char buf[64] = "";

    assert_int_equal(poll(&p, 1, PATIENCE), 1);
    assert_int_equal(recv(host, buf, sizeof(buf) - 1, 0), strlen(text));
    assert_string_equal(buf, text);
}

/* RUN11: with hwcsum of the interface that sends, not of the one that receives */
static void test_checksums_believed(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        make(i & 1, 0, i >> 1);
        open_host(SOCK_DGRAM);
        inject_text("unfinished", false);
        inject_text("finished", true);
        if (i >> 1)
            host_hears("unfinished");
        host_hears("finished");
        unmake();
    }
}

/* ---- segmentation ------------------------------------------------------------------------------------------- */

/* Answer the host's SYN: it may send 10 segments at once (RFC 6928) into a window with room for them. */
static void handshake(void)
{
    uint8_t tcp[24] = {0};
    const uint8_t *syn = next(TCP, 0);

    assert_int_equal(syn[L4 + 13], 0x02);
    feth_put16(tcp, IO_PORT);
    memcpy(tcp + 2, syn + L4, 2);
    feth_put32(tcp + 4, 1000);
    feth_put32(tcp + 8, feth_get32(syn + L4 + 4) + 1);
    tcp[12] = 0x60;
    tcp[13] = 0x12;
    feth_put16(tcp + 14, 65535);
    memcpy(tcp + 20, "\x02\x04\x05\xb4", 4); /* MSS 1460 */
    inject(TCP, tcp, sizeof(tcp), true);
}

static void test_large_frames(void **state)
{
    (void)state;
    static uint8_t bytes[14600];

    for (int hwcsum = 0; hwcsum < 2; hwcsum++) {
        make(hwcsum, 1, 0);
        open_host(SOCK_STREAM);
        handshake();
        struct pollfd p = {.fd = host, .events = POLLOUT};
        assert_int_equal(poll(&p, 1, PATIENCE), 1);
        assert_int_equal(send(host, bytes, sizeof(bytes), 0), sizeof(bytes));
        const uint8_t *frame = next(TCP, 1514);
        if (hwcsum)
            assert_int_equal(sum_of(frame), pseudo_sum(frame));
        else
            assert_int_equal(whole_sum(frame), 0xffff);
        unmake();
    }
}

/* Made for nothing of it, or by a kernel that takes no notice: frames of the MTU's size. */
static void test_no_large_frames(void **state)
{
    (void)state;
    static uint8_t bytes[14600];

    for (int tso = 0; tso < 2; tso++) {
        model_set_macos(tso ? 14 : 15, 0);
        make(0, tso, 0);
        open_host(SOCK_STREAM);
        handshake();
        struct pollfd p = {.fd = host, .events = POLLOUT};
        assert_int_equal(poll(&p, 1, PATIENCE), 1);
        assert_int_equal(send(host, bytes, sizeof(bytes), 0), sizeof(bytes));
        for (size_t seen = 0; seen < sizeof(bytes);) {
            const uint8_t *frame = next(TCP, 54);
            size_t len = feth_get16(frame + IP + 2);
            assert_true(len <= 1500);
            assert_int_equal(whole_sum(frame), 0xffff);
            seen += len - 20 - (size_t)(frame[L4 + 12] >> 4) * 4;
        }
        unmake();
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_checksums_left_out),
        TEST(test_checksums_believed),
        TEST(test_large_frames),
        TEST(test_no_large_frames),
    };

    if (unshare(CLONE_NEWNET) < 0 || system("ip tuntap add dev tap0 mode tap && ip link del tap0") != 0) {
        printf("SKIP: no private network namespace with a TAP device here\n");
        return SKIPPED;
    }
    if (setenv("FETH_MODEL_TAP", "1", 1) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
