/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever comes in on the wire: cut frames, lying lengths, too small, too large, and a storm of noise.  lwIP must
 * neither fail an assertion nor answer what was not said, and answer the next proper ping.
 */
#include "fethif_rig.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "lwip/raw.h"

static struct rig rig;
static struct rig_frame in;
static uint8_t out[65600];

static struct rig_server server;
static struct rig_tcp tcp;
static struct udp_pcb *udp;

static void start(const struct rig_config *config)
{
    rig_open(&rig, config);
    rig_serve(&server, 80);
    udp = rig_udp_echo(7);
}

static void finish(void)
{
    udp_remove(udp);
    rig_serve_end(&server);
    rig.leaves_fragments = true;
    rig_close(&rig);
}

static void assert_alive(void)
{
    static unsigned seq;

    seq++;
    for (int version = 4; version <= 6; version += 2) {
        rig_introduce(&rig);
        rig_send(&rig, out, rig_make_echo(out, version, seq, 56));
        rig_turn(&rig);
        bool answered = false;
        while (!answered && rig_recv_ip(&rig, &in)) {
            size_t l4 = rig_l4(in.data);
            answered =
                in.data[l4] == (version == 4 ? 0 : 129) && rig_be16(in.data + l4 + 6) == (seq & 0xffff);
        }
        assert_true(answered);
    }
}

/* ---- proper frames to spoil --------------------------------------------------------------------------------- */

enum { TEMPLATES = 13 };

/* @return the frame's length */
static size_t make_template(unsigned i, uint8_t *frame)
{
    static const uint8_t syn[12] = {2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 0, 0};
    static uint8_t icmp[64], data[64];
    struct rig_tcp fresh = {.port = 3000, .peer_port = 80, .seq = 1, .version = i == 6 ? 6 : 4};

    switch (i) {
    case 0:
        return rig_make_arp_request(frame, rig_ip4[1]);
    case 1:
        return rig_make_echo(frame, 4, 1, 40);
    case 2:
        return rig_make_echo(frame, 6, 1, 40);
    case 3:
        return rig_make_neighbour_solicitation(frame);
    case 4:
        return rig_make_udp(frame, 4, 5000, 7, data, 40);
    case 5:
        return rig_make_udp(frame, 6, 5000, 7, data, 40);
    case 6:
    case 7:
        return rig_make_tcp(frame, &fresh, RIG_SYN, syn, sizeof(syn), NULL, 0);
    case 8: /* on a connection that is open */
        return rig_make_tcp(frame, &tcp, RIG_ACK | RIG_PSH, syn, sizeof(syn), data, 40);
    case 9:
        rig_make_echo(frame, 4, 1, 56);
        return rig_make_ip4_fragment(frame, 1, 99, 0, true, frame + 34, 64);
    case 10:
        rig_make_udp(frame, 6, 5000, 7, data, 56);
        return rig_make_ip6_fragment(frame, 17, 99, 0, true, frame + 54, 64);
    case 11:
        rig_make_echo(frame, 6, 1, 56);
        return rig_make_ip6_fragment(frame, 58, 99, 0, true, frame + 54, 64);
    default: { /* a router advertisement with options: prefix, MTU, link-layer address */
        static const uint8_t options[] = {5, 1, 0,  0,    0, 0, 5, 220, 1, 1, 2, 0, 0, 0, 0, 1,
                                          3, 4, 64, 0xc0, 0, 1, 0, 0,   0, 1, 0, 0, 0, 0, 0, 0};
        memset(icmp, 0, sizeof(icmp));
        icmp[0] = 134;
        icmp[4] = 64;
        memcpy(icmp + 16, options, sizeof(options));
        rig_make_ip6(frame, 58, icmp, sizeof(icmp));
        frame[22] = 0xfe; /* from a link-local address */
        frame[23] = 0x80;
        rig_checksum(frame);
        return 54 + sizeof(icmp);
    }
    }
}

static void connect_tcp(void)
{
    rig_abort_tcp();
    rig_introduce(&rig); /* noise may have made lwIP forget */
    tcp = (struct rig_tcp){.mss = 1460};
    rig_tcp_connect(&rig, &tcp, 4, 80);
}

/* ---- tests -------------------------------------------------------------------------------------------------- */

static void test_every_truncation(void **state)
{
    (void)state;

    /* lent and copied: a copy is as long as the frame, so that a look behind its end is one too far */
    for (unsigned buffers = 1; buffers <= 256; buffers += 255) {
        start(&(struct rig_config){.rx_buffers = buffers});
        connect_tcp();
        for (unsigned i = 0; i < TEMPLATES; i++) {
            size_t len = make_template(i, out);
            rig_drain(&rig);
            for (size_t cut = FETH_FRAME_MIN; cut < len; cut++) {
                rig_send(&rig, out, cut);
                rig_turn(&rig);
                assert_false(i == 0 ? rig_recv(&rig, &in) : rig_recv_ip(&rig, &in));
            }
            assert_alive();
        }
        assert_int_equal(server.len, 0);
        finish();
    }
}

/* The sender's library refuses frames without an Ethernet header; a sender without our library is not believed. */
static void test_no_ethernet_header(void **state)
{
    (void)state;
    struct feth_error err;
    struct feth_io_stats stats;
    uint8_t message[10 + 13] = {0};

    start(NULL);
    for (size_t len = 0; len < FETH_FRAME_MIN; len++)
        assert_int_equal(feth_io_send(rig.wire, out, len, &err), FETH_ESHORT);
    for (size_t len = 1; len < sizeof(message); len++)
        assert_int_equal(send(feth_io_fd(rig.wire), message, len, 0), len);
    rig_turn(&rig);
    feth_io_get_stats(rig.io, &stats);
    assert_int_equal(stats.rx_errors, sizeof(message) - 1);
    rig_send(&rig, out, FETH_FRAME_MIN);
    rig_turn(&rig);
    assert_alive();
    finish();
}

static void test_too_large(void **state)
{
    (void)state;
    struct fethif_stats stats;
    struct feth_error err;

    start(&(struct rig_config){.mtu = 65535});
    static uint8_t frame[FETH_FRAME_MAX + 1];
    size_t len = rig_make_echo(frame, 4, 1, 65507);
    assert_int_equal(len, 65549);
    rig_send(&rig, frame, len);
    rig_turn(&rig);
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.rx_dropped, 1);
    /* the largest that fits 16 bits is answered */
    len = rig_make_echo(frame, 4, 1, 65493);
    assert_int_equal(len, 65535);
    rig_send(&rig, frame, len);
    rig_turn(&rig);
    assert_true(rig_recv_ip(&rig, &in));
    assert_int_equal(in.len, 65535);
    assert_int_equal(rig_transport_sum(in.data), 0xffff);
    assert_int_equal(feth_io_send(rig.wire, frame, sizeof(frame), &err), FETH_ELONG);
    assert_alive();
    finish();
}

/* Make what lwIP looks at first right again, so that it looks further. */
static void repair(uint8_t *frame, size_t len)
{
    if (len >= 34 && rig_be16(frame + 12) == 0x0800 && frame[14] >> 4 == 4) {
        size_t header = (frame[14] & 15u) * 4;
        if (header < 20 || 14 + header > len)
            return;
        rig_put16(frame + 24, 0);
        rig_put16(frame + 24, (uint16_t)~rig_fold(rig_sum(0, frame + 14, header)));
    } else if (len >= 62 && rig_be16(frame + 12) == 0x86dd && frame[20] == 58 &&
               54u + rig_be16(frame + 18) <= len) {
        rig_checksum(frame);
    }
}

static const struct feth_offload *sometimes_valid(unsigned i)
{
    static const struct feth_offload valid = {.flags = FETH_CSUM_VALID};

    return i % 2 ? &valid : NULL;
}

/* Every byte of every frame with other values: among them all lengths, offsets, counts and types. */
static void test_lies(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 2, 3, 4, 5, 0x0f, 0x3f, 0x40, 0x7f, 0x80, 0xf0, 0xff};
    unsigned n = 0;

    start(&(struct rig_config){.offload = true});
    connect_tcp();
    for (unsigned i = 0; i < TEMPLATES; i++) {
        for (unsigned v = 0; v < sizeof(values); v++) {
            size_t len = make_template(i, out);
            for (size_t at = 12; at < len; at++) {
                make_template(i, out);
                out[at] = values[v];
                repair(out, len);
                rig_send_offload(&rig, out, len, sometimes_valid(n++));
                if (n % 16 == 0) {
                    rig_turn(&rig);
                    rig_drain(&rig);
                }
            }
        }
        rig_turn(&rig);
        rig_drain(&rig);
    }
    assert_alive();
    finish();
}

/* xorshift64 (Marsaglia, 2003): the same storm each time. */
static uint64_t noise_state;

static uint32_t noise(void)
{
    noise_state ^= noise_state << 13;
    noise_state ^= noise_state >> 7;
    noise_state ^= noise_state << 17;
    return (uint32_t)(noise_state >> 32);
}

static size_t make_noise(uint8_t *frame)
{
    static const uint16_t types[] = {0x0800, 0x86dd, 0x0806, 0x8100};
    size_t len = FETH_FRAME_MIN + noise() % (noise() % 4 ? 100 : 1400);

    if (noise() % 4) { /* a proper frame, a few bytes changed, or cut */
        size_t whole = make_template(noise() % TEMPLATES, frame);
        for (unsigned n = noise() % 6; n > 0; n--)
            frame[12 + noise() % (whole - 12)] = (uint8_t)noise();
        repair(frame, whole);
        return noise() % 8 || len > whole ? whole : len;
    }
    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)noise();
    memcpy(frame, noise() % 2 ? rig_stack_mac : (const uint8_t *)"\xff\xff\xff\xff\xff\xff", 6);
    rig_put16(frame + 12, types[noise() % 4]);
    if (len > 14 && noise() % 2)
        frame[14] = rig_be16(frame + 12) == 0x0800 ? 0x45 : 0x60;
    if (len >= 34 && noise() % 2)
        memcpy(frame + 30, rig_ip4[1], 4);
    if (len >= 54 && noise() % 2)
        memcpy(frame + 38, rig_ip6[1], 16);
    repair(frame, len);
    return len;
}

static void storm(const struct rig_config *config, unsigned frames)
{
    start(config);
    for (unsigned i = 0; i < frames; i++) {
        if (i % 1000 == 0)
            connect_tcp();
        size_t len = make_noise(out);
        rig_send_offload(&rig, out, len, config->offload ? sometimes_valid(noise()) : NULL);
        if (noise() % 8 == 0) {
            rig_turn(&rig);
            rig_drain(&rig);
        }
        if (i % 5000 == 0)
            assert_alive();
    }
    rig_turn(&rig);
    assert_alive();
    finish();
}

static void test_storm(void **state)
{
    (void)state;
    const char *text = getenv("FETH_TEST_STORM"); /* frames, for a longer run */
    unsigned frames = text ? (unsigned)strtoul(text, NULL, 10) : 20000;

    noise_state = 0x9e3779b97f4a7c15;
    storm(&(struct rig_config){.offload = true}, frames);
    storm(&(struct rig_config){.rx_buffers = 1}, frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_no_ethernet_header),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
