/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces that were made for offload: what is left out of frames, and who gets to see it. */
#include "test_io_rig.h"

#include <string.h>

#include "core/bytes.h"
#include "core/offload.h"

enum { TCP = 6, UDP = 17, MTU = 1500 };

static uint8_t frame[FETH_FRAME_MAX], arrived[FETH_FRAME_MAX];

/* The pair again, made with these sysctls set. */
static void make(int hwcsum, int tso)
{
    model_destroy("feth0");
    model_destroy("feth1");
    model_detached();
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", hwcsum), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", tso), 0);
    rig_pair();
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 0), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", 0), 0);
}

static struct feth_io *open_as(enum feth_tx_path path, bool offload)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *io;
    struct feth_error err;

    config.nonblock = true;
    config.offload = offload;
    config.tx_path = path;
    if (feth_io_open(&io, "feth1", &config, &err) < 0)
        fail_msg("%s", err.text);
    return io;
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

enum sums { NONE, PSEUDO, WHOLE };

struct kind {
    bool ip6, tagged;
    unsigned protocol;
};

static const struct kind kinds[] = {
    {false, false, TCP}, {true, false, TCP}, {false, false, UDP},
    {true, false, UDP},  {false, true, TCP}, {true, true, UDP},
};

static size_t network_of(const struct kind *k)
{
    return k->tagged ? 18 : 14;
}

static size_t transport_of(const struct kind *k)
{
    return network_of(k) + (k->ip6 ? 40 : 20);
}

static size_t checksum_of(const struct kind *k)
{
    return transport_of(k) + (k->protocol == TCP ? 16 : 6);
}

static size_t headers_of(const struct kind *k)
{
    return transport_of(k) + (k->protocol == TCP ? 20 : 8);
}

static uint16_t pseudo_of(const struct kind *k, const uint8_t *data, size_t len)
{
    const uint8_t *ip = data + network_of(k);
    uint32_t rest = (uint32_t)(len - transport_of(k)) + k->protocol;

    return k->ip6 ? feth_inet_sum(ip + 8, 32, rest) : feth_inet_sum(ip + 12, 8, rest);
}

/* The sum over the transport's part and its pseudo-header: 0xffff where the checksum is right. */
static uint16_t whole_sum(const struct kind *k, const uint8_t *data, size_t len)
{
    return feth_inet_sum(data + transport_of(k), len - transport_of(k), pseudo_of(k, data, len));
}

/* A frame of this kind.  @return its length */
static size_t build(const struct kind *k, size_t payload, enum sums sums)
{
    size_t len = headers_of(k) + payload;
    uint8_t *ip = frame + network_of(k), *l4 = frame + transport_of(k);

    memset(frame, 0, headers_of(k));
    memcpy(frame, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
    if (k->tagged)
        memcpy(frame + 12, "\x81\0\0\x07", 4);
    feth_put16(ip - 2, k->ip6 ? 0x86dd : 0x0800);
    if (k->ip6) {
        ip[0] = 0x60;
        feth_put16(ip + 4, (uint16_t)(len - transport_of(k)));
        ip[6] = (uint8_t)k->protocol;
        ip[7] = 64;
        memcpy(ip + 8, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02", 32);
    } else {
        ip[0] = 0x45;
        feth_put16(ip + 2, (uint16_t)(len - network_of(k)));
        ip[8] = 64;
        ip[9] = (uint8_t)k->protocol;
        memcpy(ip + 12, "\x0a\0\0\x01\x0a\0\0\x02", 8);
        if (sums == WHOLE)
            feth_put16(ip + 10, (uint16_t)~feth_inet_sum(ip, 20, 0));
    }
    memcpy(l4, "\x30\x39\0\x50", 4);
    if (k->protocol == TCP) {
        feth_put32(l4 + 4, 1000);
        l4[12] = 0x50;
        l4[13] = 0x18;
    } else {
        feth_put16(l4 + 4, (uint16_t)(8 + payload));
    }
    for (size_t i = 0; i < payload; i++)
        frame[headers_of(k) + i] = (uint8_t)(i * 7 + (i >> 8));
    uint16_t sum = pseudo_of(k, frame, len);
    if (sums != NONE)
        feth_put16(frame + checksum_of(k), sum);
    if (sums == WHOLE)
        feth_put16(frame + checksum_of(k), (uint16_t)~feth_inet_sum(l4, len - transport_of(k), 0));
    return len;
}

static void next(struct feth_io *io, struct feth_frame *got)
{
    assert_int_equal(feth_io_recv_batch(io, got, 1, NULL), 1);
}

/* ---- capabilities ------------------------------------------------------------------------------------------- */

static unsigned caps_of(int major, int hwcsum, int tso, bool offload)
{
    model_set_macos(15, 0);
    make(hwcsum, tso);
    model_set_macos(major, 0);
    struct feth_io *io = open_as(FETH_TX_AUTO, offload);
    unsigned caps = feth_io_caps(io);
    feth_io_close(io);
    return caps;
}

static void test_caps(void **state)
{
    (void)state;
    const unsigned tx = FETH_CAP_TX_CSUM | FETH_CAP_TX_TSO4 | FETH_CAP_TX_TSO6;
    const unsigned rx = FETH_CAP_RX_CSUM | FETH_CAP_RX_GSO;

    assert_int_equal(caps_of(15, 0, 0, true), rx); /* nothing is left out of frames yet */
    assert_int_equal(caps_of(15, 1, 0, true), rx | FETH_CAP_TX_CSUM);
    assert_int_equal(caps_of(15, 0, 1, true), rx | tx);
    assert_int_equal(caps_of(15, 1, 1, true), rx | tx);
    assert_int_equal(caps_of(14, 0, 1, true), rx); /* where a large frame would wedge the interface */
    assert_int_equal(caps_of(15, 1, 1, false), 0);
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

static void test_unfinished_checksums(void **state)
{
    (void)state;
    make(1, 0);
    struct feth_io *asked = open_as(FETH_TX_AUTO, true), *not_asked = open_as(FETH_TX_AUTO, false);
    struct feth_frame got;

    for (const struct kind *k = kinds; k < kinds + sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t payload = 0; payload < 5; payload++) {
            size_t len = build(k, payload, PSEUDO);
            assert_true(model_host_send("feth0", frame, len));
            next(asked, &got);
            assert_int_equal(got.offload.flags, FETH_CSUM_NEEDED);
            assert_int_equal(got.offload.gso_type, FETH_GSO_NONE);
            assert_int_equal(got.offload.csum_start, transport_of(k));
            assert_int_equal(got.offload.csum_offset, checksum_of(k) - transport_of(k));
            if (!k->ip6) /* of the header it is made, since nothing could say that it is not */
                assert_int_equal(feth_inet_sum(got.data + network_of(k), 20, 0), 0xffff);
            feth_frames_release(&got, 1);
            next(not_asked, &got);
            assert_int_equal(got.offload.flags, 0);
            assert_int_equal(got.len, len);
            assert_int_equal(whole_sum(k, got.data, len), 0xffff);
            if (!k->ip6)
                assert_int_equal(feth_inet_sum(got.data + network_of(k), 20, 0), 0xffff);
            feth_frames_release(&got, 1);
            /* a frame that was passed on and is finished stays as it is */
            len = build(k, payload, WHOLE);
            assert_true(model_host_send("feth0", frame, len));
            for (int i = 0; i < 2; i++) {
                next(i ? asked : not_asked, &got);
                assert_memory_equal(got.data, frame, len);
                feth_frames_release(&got, 1);
            }
        }
    }
    /* neither TCP nor UDP: the IPv4 header alone; and what is no IP is left alone */
    size_t len = build(&kinds[0], 40, NONE);
    frame[14 + 9] = 1;
    assert_true(model_host_send("feth0", frame, len));
    next(asked, &got);
    assert_int_equal(got.offload.flags, 0);
    assert_int_equal(feth_inet_sum(got.data + 14, 20, 0), 0xffff);
    feth_frames_release(&got, 1);
    frame[12] = 0x88;
    assert_true(model_host_send("feth0", frame, len));
    next(asked, &got);
    assert_memory_equal(got.data, frame, len);
    feth_frames_release(&got, 1);
    feth_io_close(asked);
    feth_io_close(not_asked);
}

static void test_large_frames(void **state)
{
    (void)state;
    static const struct kind tcp[] = {{false, false, TCP}, {true, false, TCP}, {false, true, TCP}};

    make(0, 1);
    struct feth_io *asked = open_as(FETH_TX_AUTO, true), *not_asked = open_as(FETH_TX_AUTO, false);
    for (const struct kind *k = tcp; k < tcp + 3; k++) {
        const size_t payload = 64000, mss = MTU - (headers_of(k) - network_of(k));
        struct feth_frame got;
        size_t len = build(k, payload, WHOLE), seen = 0;

        assert_true(model_host_send("feth0", frame, len));
        next(asked, &got);
        assert_int_equal(got.len, len);
        assert_int_equal(got.offload.flags, FETH_CSUM_NEEDED);
        assert_int_equal(got.offload.gso_type, k->ip6 ? FETH_GSO_TCPV6 : FETH_GSO_TCPV4);
        assert_int_equal(got.offload.gso_size, mss);
        assert_int_equal(got.offload.hdr_len, headers_of(k));
        assert_int_equal(got.offload.csum_start, transport_of(k));
        assert_int_equal(feth_get16(got.data + checksum_of(k)), pseudo_of(k, frame, len));
        assert_memory_equal(got.data + headers_of(k), frame + headers_of(k), payload);
        feth_frames_release(&got, 1);
        while (seen < payload) {
            next(not_asked, &got);
            size_t part = got.len - headers_of(k);
            assert_int_equal(part, payload - seen < mss ? payload - seen : mss);
            assert_int_equal(whole_sum(k, got.data, got.len), 0xffff);
            assert_int_equal(feth_get32(got.data + transport_of(k) + 4), 1000 + seen);
            assert_memory_equal(got.data + headers_of(k), frame + headers_of(k) + seen, part);
            seen += part;
            feth_frames_release(&got, 1);
        }
        io_empty(asked);
        io_empty(not_asked);
    }
    feth_io_close(asked);
    feth_io_close(not_asked);
}

/* Interfaces that were not made for it: nothing is looked at. */
static void test_ordinary_interfaces(void **state)
{
    (void)state;
    struct feth_io *io = open_as(FETH_TX_AUTO, true);
    struct feth_frame got;
    size_t len = build(&kinds[0], 4000, PSEUDO);

    assert_true(model_host_send("feth0", frame, len));
    next(io, &got);
    assert_memory_equal(got.data, frame, len);
    assert_int_equal(got.offload.flags | got.offload.gso_type, 0);
    feth_frames_release(&got, 1);
    feth_io_close(io);
}

/* The handle is open, and another one comes to the far end, that was made for something else. */
static void test_far_end_changes(void **state)
{
    (void)state;
    struct feth_frame got;
    size_t len;

    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 1), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", 1), 0);
    assert_int_equal(rig_create("feth2"), 0);
    assert_int_equal(rig_sysctl("net.link.fake.hwcsum", 0), 0);
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", 0), 0);
    assert_int_equal(rig_up("feth2", true), 0);
    assert_int_equal(rig_peer("feth1", ""), 0);
    struct feth_io *asked = open_as(FETH_TX_AUTO, true), *not_asked = open_as(FETH_TX_AUTO, false);
    for (int turn = 0; turn < 3; turn++) {
        /* nothing is said of it before the first frame is there */
        assert_int_equal(rig_peer("feth1", "feth2"), 0);
        len = build(&kinds[0], 100, PSEUDO);
        assert_true(model_host_send("feth2", frame, len));
        next(asked, &got);
        assert_int_equal(got.offload.flags, FETH_CSUM_NEEDED);
        feth_frames_release(&got, 1);
        next(not_asked, &got);
        assert_int_equal(whole_sum(&kinds[0], got.data, got.len), 0xffff);
        feth_frames_release(&got, 1);
        len = build(&kinds[1], 3000, PSEUDO);
        assert_true(model_host_send("feth2", frame, len));
        next(asked, &got);
        assert_int_equal(got.offload.gso_type, FETH_GSO_TCPV6);
        feth_frames_release(&got, 1);
        for (int part = 0; part < 3; part++) {
            next(not_asked, &got);
            assert_true(got.len <= MTU + 14);
            feth_frames_release(&got, 1);
        }
        assert_int_equal(rig_peer("feth1", ""), 0);
        io_empty(asked);
        io_empty(not_asked);
        /* of this one nothing is left out: what looks unfinished came so from elsewhere */
        assert_int_equal(rig_peer("feth0", "feth1"), 0);
        len = build(&kinds[0], 3000, PSEUDO);
        assert_true(model_host_send("feth0", frame, len));
        for (int i = 0; i < 2; i++) {
            next(i ? asked : not_asked, &got);
            assert_int_equal(got.offload.flags | got.offload.gso_type, 0);
            assert_int_equal(got.len, len);
            assert_memory_equal(got.data, frame, len);
            feth_frames_release(&got, 1);
        }
        assert_int_equal(rig_peer("feth1", ""), 0);
        io_empty(asked);
        io_empty(not_asked);
    }
    feth_io_close(asked);
    feth_io_close(not_asked);
    assert_int_equal(rig_destroy("feth2"), 0);
}

/* Who sees what the host sends on this very interface sees it finished. */
static void test_seen_when_sent(void **state)
{
    (void)state;
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_frame got;
    struct feth_io *io;

    make(1, 1);
    config.nonblock = config.see_sent = true;
    assert_int_equal(feth_io_open(&io, "feth0", &config, NULL), 0);
    size_t len = build(&kinds[0], 2000, PSEUDO);
    assert_true(model_host_send("feth0", frame, len));
    for (int part = 0; part < 2; part++) {
        next(io, &got);
        assert_true(got.len <= MTU + 14);
        assert_int_equal(whole_sum(&kinds[0], got.data, got.len), 0xffff);
        feth_frames_release(&got, 1);
    }
    io_empty(io);
    feth_io_close(io);
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

static struct feth_offload needed(const struct kind *k)
{
    return (struct feth_offload){.flags = FETH_CSUM_NEEDED,
                                 .csum_start = (uint16_t)transport_of(k),
                                 .csum_offset = (uint16_t)(checksum_of(k) - transport_of(k))};
}

/* Send the frame in pieces of these sizes, the last one of what is left. */
static int send_in(struct feth_io *io, size_t len, const size_t *sizes, unsigned n,
                   const struct feth_offload *o)
{
    struct iovec iov[8];
    size_t at = 0;
    unsigned i;

    for (i = 0; i < n && at < len; i++) {
        iov[i] = (struct iovec){frame + at, sizes[i] < len - at ? sizes[i] : len - at};
        at += iov[i].iov_len;
    }
    if (at < len) {
        iov[i] = (struct iovec){frame + at, len - at};
        i++;
    }
    return feth_io_sendv(io, iov, i, o, NULL);
}

static void test_sending_large(void **state)
{
    (void)state;
    static const size_t pieces[][4] = {{66, 1000, 1, 33333}, {51, 1, 1, 1}, {33, 3, 15, 1}, {60000, 1, 1, 1}};

    for (int hwcsum = 0; hwcsum < 2; hwcsum++) {
        for (const struct way *way = io_ways; way < io_ways + io_n_ways; way++) {
            if (way->major < 15)
                continue;
            model_set_macos(15, 0);
            make(hwcsum, 1);
            struct feth_io *io = open_as(way->path, true);
            assert_string_equal(feth_io_backend(io), way->name);
            for (size_t i = 0; i < 8; i++) {
                const struct kind *k = &kinds[i % 2];
                size_t len = build(k, 60001 + i, PSEUDO);
                struct feth_offload o = needed(k);
                o.gso_type = k->ip6 ? FETH_GSO_TCPV6 : FETH_GSO_TCPV4;
                o.gso_size = 1400;
                o.hdr_len = (uint16_t)headers_of(k);
                assert_int_equal(send_in(io, len, pieces[i / 2], 4, &o), 0);
                assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), len);
                if (hwcsum) /* nobody looks */
                    assert_memory_equal(arrived, frame, len);
                else
                    assert_int_equal(whole_sum(k, arrived, len), 0xffff);
                memset(arrived + checksum_of(k), 0, 2);
                memset(frame + checksum_of(k), 0, 2);
                assert_memory_equal(arrived, frame, len);
            }
            /* between others, in one batch */
            struct feth_io_stats before, after;
            struct iovec iov = {frame, build(&kinds[0], 20000, PSEUDO)}, small = {frame, 60};
            struct feth_tx tx[3] = {
                {.iov = &small, .iovcnt = 1}, {.iov = &iov, .iovcnt = 1}, {.iov = &small, .iovcnt = 1}};
            tx[1].offload = needed(&kinds[0]);
            tx[1].offload.gso_type = FETH_GSO_TCPV4;
            tx[1].offload.gso_size = 1400;
            feth_io_get_stats(io, &before);
            for (int first = 0; first < 2; first++) {
                assert_int_equal(feth_io_send_batch(io, tx + first, 3 - (unsigned)first, NULL), 3 - first);
                if (!first)
                    assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), 60);
                assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), iov.iov_len);
                assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), 60);
            }
            feth_io_get_stats(io, &after);
            assert_int_equal(after.tx_calls - before.tx_calls, way->path == FETH_TX_NDRV_WRITEV ? 5 : 2);
            /* more than the kernel stands */
            iov.iov_len = 65550;
            assert_int_equal(feth_io_send_batch(io, tx + 1, 1, NULL), FETH_ELONG);
            iov.iov_len = 20000;
            /* one that is said to be small has to be */
            tx[1].offload.gso_type = FETH_GSO_NONE;
            assert_int_equal(feth_io_send_batch(io, tx + 1, 1, NULL), FETH_ELONG);
            feth_io_close(io);
        }
    }
}

static void test_sending_unfinished(void **state)
{
    (void)state;
    make(0, 1);
    struct feth_io *io = open_as(FETH_TX_AUTO, true), *other;
    struct feth_offload o;
    size_t len;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct kind *k = &kinds[i];
        o = needed(k);
        for (size_t cut = 0; cut < 200; cut++) { /* also in the middle of the checksum */
            const size_t sizes[] = {cut, 1};
            len = build(k, 100, PSEUDO);
            assert_int_equal(send_in(io, len, sizes, 2, &o), 0);
            assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), len);
            assert_int_equal(whole_sum(k, arrived, len), 0xffff);
            assert_int_equal(feth_get16(frame + checksum_of(k)),
                             pseudo_of(k, frame, len)); /* not ours to change */
        }
    }
    /* a UDP checksum that comes out as 0 is sent as 0xffff */
    len = build(&kinds[2], 2, PSEUDO);
    memset(frame + len - 2, 0, 2);
    feth_put16(frame + len - 2, (uint16_t)~feth_inet_sum(frame + 34, len - 34, 0));
    o = needed(&kinds[2]);
    assert_int_equal(send_in(io, len, NULL, 0, &o), 0);
    assert_int_equal(model_host_receive("feth0", arrived, sizeof(arrived)), len);
    assert_int_equal(feth_get16(arrived + 40), 0xffff);
    /* who did not ask may not */
    other = open_as(FETH_TX_AUTO, false);
    assert_int_equal(send_in(other, len, NULL, 0, &o), FETH_ENOSUP);
    feth_io_close(other);
    feth_io_close(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IO_TEST(test_far_end_changes),
        IO_TEST(test_seen_when_sent),
        IO_TEST(test_caps),
        IO_TEST(test_unfinished_checksums),
        IO_TEST(test_large_frames),
        IO_TEST(test_ordinary_interfaces),
        IO_TEST(test_sending_large),
        IO_TEST(test_sending_unfinished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
