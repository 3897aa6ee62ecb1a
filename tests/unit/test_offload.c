/* SPDX-License-Identifier: Apache-2.0 */
/* Doing in software what offload metadata leaves undone: checksums, segmentation, and the plain layer over both. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include <feth/io.h>

#include "core/bytes.h"
#include "core/offload.h"

/* ---- frames to work on -------------------------------------------------------------------------------------- */

enum { ROOM = FETH_FRAME_MAX };

/* What kind of large frame. */
struct kind {
    const char *name;
    bool ip6, udp, vlan;
    size_t options; /* of TCP */
};

static const struct kind kinds[] = {
    {"TCP over IPv4", false, false, false, 0},
    {"TCP over IPv4, options", false, false, false, 12},
    {"TCP over IPv4, tagged", false, false, true, 0},
    {"TCP over IPv6", true, false, false, 0},
    {"TCP over IPv6, options, tagged", true, false, true, 20},
    {"UDP over IPv4", false, true, false, 0},
    {"UDP over IPv6, tagged", true, true, true, 0},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

enum { FIN = 1, PSH = 8, ACK = 16, CWR = 128 };

struct layout {
    size_t l3, l4, payload;
};

static struct layout layout_of(const struct kind *k)
{
    struct layout l = {.l3 = k->vlan ? 18 : 14};

    l.l4 = l.l3 + (k->ip6 ? 40 : 20);
    l.payload = l.l4 + (k->udp ? 8 : 20 + k->options);
    return l;
}

/* The sum over a transport segment with its pseudo-header, from the addresses: 0xffff where its checksum is right. */
static uint16_t transport_sum(const uint8_t *f, const struct kind *k, size_t len)
{
    struct layout l = layout_of(k);
    const uint8_t *addrs = f + l.l3 + (k->ip6 ? 8 : 12);
    uint32_t pseudo = feth_inet_sum(addrs, k->ip6 ? 32 : 8, (uint32_t)(len - l.l4) + (k->udp ? 17 : 6));

    return feth_inet_sum(f + l.l4, len - l.l4, pseudo);
}

/* A frame with an unfinished checksum, as a stack leaves it.  Returns its length. */
static size_t make_frame(uint8_t *f, const struct kind *k, size_t payload, struct feth_offload *o,
                         uint16_t mss)
{
    struct layout l = layout_of(k);
    size_t len = l.payload + payload;
    uint8_t *ip = f + l.l3, *l4 = f + l.l4;

    memset(f, 0, l.payload);
    memcpy(f, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
    if (k->vlan)
        memcpy(f + 12, "\x81\0\0\x05", 4);
    feth_put16(f + l.l3 - 2, k->ip6 ? 0x86dd : 0x0800);
    if (k->ip6) {
        ip[0] = 0x60;
        feth_put16(ip + 4, (uint16_t)(len - l.l4));
        ip[6] = k->udp ? 17 : 6;
        ip[7] = 64;
        memcpy(ip + 8, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02", 32);
    } else {
        ip[0] = 0x45;
        feth_put16(ip + 2, (uint16_t)(len - l.l3));
        feth_put16(ip + 4, 0xfffe); /* the identification wraps */
        ip[8] = 64;
        ip[9] = k->udp ? 17 : 6;
        memcpy(ip + 12, "\x0a\0\0\x01\x0a\0\0\x02", 8);
        feth_put16(ip + 10, (uint16_t)~feth_inet_sum(ip, 20, 0));
    }
    feth_put16(l4, 4000);
    feth_put16(l4 + 2, 5000);
    if (k->udp) {
        feth_put16(l4 + 4, (uint16_t)(len - l.l4));
    } else {
        feth_put32(l4 + 4, 0xffffff00u); /* the sequence number wraps */
        l4[12] = (uint8_t)((20 + k->options) / 4 << 4);
        l4[13] = FIN | PSH | ACK | CWR;
        memset(l4 + 20, 1, k->options);
    }
    for (size_t i = 0; i < payload; i++)
        f[l.payload + i] = (uint8_t)(i * 7 + (i >> 8));
    size_t at = k->udp ? 6 : 16;
    const uint8_t *addrs = ip + (k->ip6 ? 8 : 12);
    feth_put16(l4 + at, feth_inet_sum(addrs, k->ip6 ? 32 : 8, (uint32_t)(len - l.l4) + (k->udp ? 17 : 6)));
    *o = (struct feth_offload){
        .flags = FETH_CSUM_NEEDED, .csum_start = (uint16_t)l.l4, .csum_offset = (uint16_t)at};
    if (mss) {
        o->gso_size = mss;
        o->hdr_len = (uint16_t)l.payload;
        o->gso_type = k->udp ? FETH_GSO_UDP_L4 : k->ip6 ? FETH_GSO_TCPV6 : FETH_GSO_TCPV4 | FETH_GSO_ECN;
    }
    return len;
}

/* ---- checksums ---------------------------------------------------------------------------------------------- */

static void test_sum(void **state)
{
    (void)state;
    /* the example of RFC 1071, 3 */
    assert_int_equal(feth_inet_sum((const uint8_t *)"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8, 0), 0xddf2);
    assert_int_equal(feth_inet_sum((const uint8_t *)"\x12", 1, 0), 0x1200); /* padded with a zero */
    assert_int_equal(feth_inet_sum(NULL, 0, 0x12345), 0x2346);
}

static void test_complete(void **state)
{
    (void)state;
    static uint8_t f[ROOM];

    for (size_t k = 0; k < KINDS; k++)
        for (size_t payload = 0; payload < 70; payload++) {
            struct feth_frame frame = {.data = f};
            frame.len = (uint32_t)make_frame(f, &kinds[k], payload, &frame.offload, 0);
            assert_true(feth_offload_valid(&frame.offload, frame.len));
            feth_offload_complete(&frame);
            assert_int_equal(transport_sum(f, &kinds[k], frame.len), 0xffff);
            assert_int_equal(frame.offload.flags, 0);
            assert_int_equal(frame.offload.csum_start, 0);
        }
}

static void test_udp_zero_is_all_ones(void **state)
{
    (void)state;
    uint8_t f[ROOM / 64];
    struct feth_frame frame = {.data = f};
    struct layout l = layout_of(&kinds[5]);

    /* choose the payload so that the checksum comes out as 0 */
    frame.len = (uint32_t)make_frame(f, &kinds[5], 2, &frame.offload, 0);
    feth_put16(f + l.payload, 0);
    feth_put16(f + l.payload, (uint16_t)~feth_inet_sum(f + l.l4, frame.len - l.l4, 0));
    feth_offload_complete(&frame);
    assert_int_equal(feth_get16(f + l.l4 + 6), 0xffff);
    assert_int_equal(transport_sum(f, &kinds[5], frame.len), 0xffff);
}

static void test_nothing_to_complete(void **state)
{
    (void)state;
    uint8_t f[100] = {1, 2, 3}, before[100];
    struct feth_frame frame = {.data = f, .len = sizeof(f), .offload = {.flags = FETH_CSUM_VALID}};

    memcpy(before, f, sizeof(f));
    feth_offload_complete(&frame);
    assert_memory_equal(f, before, sizeof(f));
    assert_int_equal(frame.offload.flags, 0);
}

static void test_validity(void **state)
{
    (void)state;
    struct feth_offload o = {.flags = FETH_CSUM_NEEDED, .csum_start = 34, .csum_offset = 16};

    assert_true(feth_offload_valid(&o, 54));
    assert_true(feth_offload_valid(&o, 52));
    assert_false(feth_offload_valid(&o, 51));
    o.csum_start = 13;
    assert_false(feth_offload_valid(&o, 60)); /* within the Ethernet header */
    o.csum_start = o.csum_offset = 65535;
    assert_false(feth_offload_valid(&o, FETH_FRAME_MAX));
    o = (struct feth_offload){.flags = 4};
    assert_false(feth_offload_valid(&o, 100)); /* a flag that nobody defined */
    o = (struct feth_offload){.gso_type = FETH_GSO_TCPV4, .gso_size = 100};
    assert_false(feth_offload_valid(&o, 100)); /* to be cut, but not to be summed */
    o.flags = FETH_CSUM_NEEDED;
    o.csum_start = 34;
    assert_true(feth_offload_valid(&o, 100));
    o.gso_size = 0;
    assert_false(feth_offload_valid(&o, 100));
    o.gso_size = 100;
    o.gso_type = 2;
    assert_false(feth_offload_valid(&o, 100));
    o.gso_type = FETH_GSO_ECN;
    assert_false(feth_offload_valid(&o, 100));
}

static void test_allowed(void **state)
{
    (void)state;
    struct feth_offload o = {.flags = FETH_CSUM_NEEDED, .gso_type = FETH_GSO_TCPV4 | FETH_GSO_ECN};

    assert_false(feth_offload_allowed(&o, FETH_CAP_TX_CSUM));
    assert_false(feth_offload_allowed(&o, FETH_CAP_TX_TSO4));
    assert_true(feth_offload_allowed(&o, FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4));
    o.gso_type = FETH_GSO_TCPV6;
    assert_false(feth_offload_allowed(&o, FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4));
    assert_true(feth_offload_allowed(&o, FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO6));
    o.gso_type = FETH_GSO_UDP_L4;
    assert_true(feth_offload_allowed(&o, FETH_CAP_TX_CSUM | FETH_CAP_TX_USO));
    o.gso_type = 7;
    assert_false(feth_offload_allowed(&o, ~0u));
}

/* ---- segmentation ------------------------------------------------------------------------------------------- */

/* Check that one segment is what a stack without offload would have sent. */
static void assert_segment(const struct kind *k, const uint8_t *whole, const uint8_t *seg, size_t len,
                           size_t at, size_t take, unsigned index, bool last)
{
    struct layout l = layout_of(k);

    assert_int_equal(len, l.payload + take);
    assert_memory_equal(seg, whole, l.l3); /* Ethernet header and tag */
    assert_memory_equal(seg + l.payload, whole + l.payload + at, take);
    assert_int_equal(transport_sum(seg, k, len), 0xffff);
    if (k->ip6) {
        assert_int_equal(feth_get16(seg + l.l3 + 4), len - l.l4);
    } else {
        assert_int_equal(feth_get16(seg + l.l3 + 2), len - l.l3);
        assert_int_equal(feth_inet_sum(seg + l.l3, 20, 0), 0xffff);
        assert_int_equal(feth_get16(seg + l.l3 + 4), (uint16_t)(0xfffe + index));
    }
    if (k->udp) {
        assert_int_equal(feth_get16(seg + l.l4 + 4), 8 + take);
    } else {
        assert_int_equal(feth_get32(seg + l.l4 + 4), (uint32_t)(0xffffff00u + at));
        assert_int_equal(seg[l.l4 + 13], ACK | (last ? FIN | PSH : 0) | (index == 0 ? CWR : 0));
        assert_memory_equal(seg + l.l4 + 20, whole + l.l4 + 20, k->options);
    }
}

static void test_segments(void **state)
{
    (void)state;
    static uint8_t whole[ROOM], seg[ROOM];
    static const size_t payloads[] = {0, 1, 99, 100, 101, 200, 1999, 14600, 65000};
    static const uint16_t sizes[] = {1, 100, 536, 1460, 9000, 65535};

    for (size_t k = 0; k < KINDS; k++)
        for (size_t p = 0; p < sizeof(payloads) / sizeof(payloads[0]); p++)
            for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
                struct feth_frame frame = {.data = whole};
                struct feth_gso gso;
                size_t at = 0, payload = payloads[p];
                unsigned index = 0;
                if (sizes[s] == 1 && payload > 2000)
                    continue;
                frame.len = (uint32_t)make_frame(whole, &kinds[k], payload, &frame.offload, sizes[s]);
                assert_true(feth_gso_begin(&gso, &frame));
                size_t len;
                while ((len = feth_gso_next(&gso, seg)) > 0) {
                    size_t take = payload - at < sizes[s] ? payload - at : sizes[s];
                    assert_segment(&kinds[k], whole, seg, len, at, take, index, at + take == payload);
                    at += take;
                    index++;
                }
                assert_int_equal(at, payload);
                assert_int_equal(index, payload == 0 ? 1 : (payload + sizes[s] - 1) / sizes[s]);
            }
}

/* Headers and metadata that contradict each other, or lengths that IPv4 cannot say. */
static void test_impossible(void **state)
{
    (void)state;
    static uint8_t f[FETH_FRAME_MAX + 4];
    struct feth_frame frame = {.data = f};
    struct feth_gso gso;

    for (size_t k = 0; k < KINDS; k++) {
        struct layout l = layout_of(&kinds[k]);
        frame.len = (uint32_t)make_frame(f, &kinds[k], 100, &frame.offload, 10);
        assert_true(feth_gso_begin(&gso, &frame));
        frame.offload.csum_offset++; /* no checksum field of TCP or UDP */
        assert_false(feth_gso_begin(&gso, &frame));
        frame.offload.csum_offset--;
        frame.len = (uint32_t)l.payload - 1; /* the headers are cut */
        assert_false(feth_gso_begin(&gso, &frame));
        frame.len = FETH_FRAME_MAX + 1;
        assert_false(feth_gso_begin(&gso, &frame));
        frame.len = (uint32_t)(l.l3 + 65536); /* one more than an IPv4 packet has */
        assert_int_equal(feth_gso_begin(&gso, &frame), kinds[k].ip6 && frame.len <= FETH_FRAME_MAX);
        frame.len--;
        assert_true(feth_gso_begin(&gso, &frame));
    }
}

/* Whatever another process writes into frame and metadata: nothing outside the frame is read (ASan looks). */
static void test_hostile(void **state)
{
    (void)state;
    static const uint16_t extremes[] = {0, 1, 6, 13, 14, 16, 33, 34, 53, 54, 55, 100, 199, 200, 32768, 65535};
    enum { EXTREMES = sizeof(extremes) / sizeof(extremes[0]), LEN = 200 };
    static const uint8_t types[] = {FETH_GSO_TCPV4, FETH_GSO_TCPV6, FETH_GSO_UDP_L4};
    uint8_t *data = malloc(LEN), *out = malloc(FETH_FRAME_MAX);
    uint32_t random = 7;
    unsigned begun = 0;

    for (int round = 0; round < 20000; round++) {
        struct feth_frame frame = {.data = data, .len = LEN};
        struct feth_gso gso;
        (void)make_frame(out, &kinds[(unsigned)round % KINDS], 120, &frame.offload, 10);
        memcpy(data, out, LEN);
        for (int hits = 0; hits < 3; hits++) {
            random = random * 1664525 + 1013904223;
            data[12 + (random >> 8) % 60] = (uint8_t)(random >> 24);
        }
        random = random * 1664525 + 1013904223;
        frame.offload.csum_start = extremes[(random >> 8) % EXTREMES];
        frame.offload.csum_offset = extremes[(random >> 12) % EXTREMES];
        frame.offload.gso_size = extremes[(random >> 16) % EXTREMES];
        frame.offload.hdr_len = extremes[(random >> 20) % EXTREMES];
        frame.offload.gso_type = types[(random >> 24) % 3];
        if (!feth_offload_valid(&frame.offload, frame.len))
            continue;
        if (feth_gso_begin(&gso, &frame)) {
            unsigned n = 0;
            size_t len;
            begun++;
            while ((len = feth_gso_next(&gso, out)) > 0) {
                assert_true(len <= LEN);
                n++;
            }
            assert_true(n <= LEN);
        }
        frame.offload.gso_type = FETH_GSO_NONE;
        feth_offload_complete(&frame);
    }
    assert_true(begun > 20); /* the rounds are not all refused at the door */
    free(data);
    free(out);
}

/* ---- the plain layer ---------------------------------------------------------------------------------------- */

static void open_pair(struct feth_io *ends[2], unsigned rx_buffers)
{
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;
    struct feth_error err;

    for (int i = 0; i < 2; i++) {
        config.io[i].nonblock = true;
        config.io[i].offload = true;
        config.io[i].rx_buffers = rx_buffers;
    }
    if (feth_memory_pair(ends, &config, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_plain_cuts_as_asked(void **state)
{
    (void)state;
    enum { PAYLOAD = 14601, MSS = 1460, SEGMENTS = 11 };
    static uint8_t whole[ROOM];
    struct feth_io *ends[2];
    struct feth_offload o;
    struct feth_frame frames[3];
    struct feth_error err;

    open_pair(ends, 16);
    assert_int_equal(feth_io_plain(&ends[1], &err), 0);
    assert_int_equal(feth_io_caps(ends[1]), 0);
    struct feth_io *before = ends[1];
    assert_int_equal(feth_io_plain(&ends[1], &err), 0); /* nothing to take off any more */
    assert_ptr_equal(ends[1], before);

    struct iovec iov = {whole, make_frame(whole, &kinds[0], PAYLOAD, &o, MSS)};
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &o, &err), 0);
    size_t at = 0;
    for (unsigned index = 0; index < SEGMENTS;) {
        int n = feth_io_recv_batch(ends[1], frames, 3, &err);
        assert_true(n > 0);
        for (int i = 0; i < n; i++) {
            size_t take = PAYLOAD - at < MSS ? PAYLOAD - at : MSS;
            assert_segment(&kinds[0], whole, frames[i].data, frames[i].len, at, take, index,
                           at + take == PAYLOAD);
            assert_int_equal(frames[i].offload.flags, 0);
            at += take;
            index++;
        }
        feth_frames_release(frames, (unsigned)n);
        if (index < SEGMENTS)
            assert_true(feth_io_pending(ends[1])); /* the descriptor does not tell of the rest */
    }
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 3, &err), FETH_EAGAIN);
    assert_false(feth_io_pending(ends[1]));

    /* unfinished checksums are completed where they lie, and nothing unfinished goes the other way */
    iov.iov_len = make_frame(whole, &kinds[3], 100, &o, 0);
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &o, &err), 0);
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 3, &err), 1);
    assert_int_equal(transport_sum(frames[0].data, &kinds[3], frames[0].len), 0xffff);
    feth_frames_release(frames, 1);
    assert_int_equal(feth_io_sendv(ends[1], &iov, 1, &o, &err), FETH_ENOSUP);
    assert_int_equal(feth_io_send(ends[1], whole, iov.iov_len, &err), 0);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

static void test_plain_waits_for_buffers(void **state)
{
    (void)state;
    static uint8_t whole[ROOM];
    struct feth_io *ends[2];
    struct feth_offload o;
    struct feth_frame frames[8];
    struct feth_error err;

    open_pair(ends, 4);
    assert_int_equal(feth_io_plain(&ends[1], &err), 0);
    struct iovec iov = {whole, make_frame(whole, &kinds[0], 8 * 100, &o, 100)};
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &o, &err), 0);
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 8, &err), 4);
    assert_int_equal(feth_io_recv_batch(ends[1], frames + 4, 4, &err), FETH_ENOBUFS);
    feth_frames_release(frames, 4);
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 8, &err), 4);
    assert_int_equal(feth_get32(frames[3].data + 34 + 4), (uint32_t)(0xffffff00u + 700));
    /* closed in the middle of a frame, with frames borrowed */
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &o, &err), 0);
    feth_frames_release(frames, 2);
    assert_int_equal(feth_io_recv_batch(ends[1], frames, 1, &err), 1);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    feth_frames_release(frames, 1);
    feth_frames_release(frames + 2, 2);
}

static void test_plain_drops_nonsense(void **state)
{
    (void)state;
    static uint8_t whole[ROOM];
    struct feth_io *ends[2];
    struct feth_offload o;
    struct feth_frame frame;
    struct feth_io_stats stats;
    struct feth_error err;

    open_pair(ends, 4);
    assert_int_equal(feth_io_plain(&ends[1], &err), 0);
    struct iovec iov = {whole, make_frame(whole, &kinds[0], 1000, &o, 100)};
    whole[34 + 12] = 0x40; /* a TCP header of 16 bytes */
    assert_int_equal(feth_io_sendv(ends[0], &iov, 1, &o, &err), 0);
    assert_int_equal(feth_io_recv_batch(ends[1], &frame, 1, &err), FETH_EAGAIN);
    feth_io_get_stats(ends[1], &stats);
    assert_int_equal(stats.rx_errors, 1);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_udp_zero_is_all_ones),
        cmocka_unit_test(test_nothing_to_complete),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_plain_cuts_as_asked),
        cmocka_unit_test(test_plain_waits_for_buffers),
        cmocka_unit_test(test_plain_drops_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
