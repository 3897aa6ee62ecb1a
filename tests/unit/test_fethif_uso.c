/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams in runs: what the host sends as one large frame reaches lwIP one by one, and what lwIP sends to one port
 * leaves as one large frame, which cut again is what lwIP sent.
 */
#include "fethif_rig.h"

#include "../../netif/fethif_priv.h"
#include "core/offload.h"
#include "lwip/prot/udp.h"

#define SIZE 500
#define MAX  100

static struct rig rig;
static struct rig_frame in;
static uint8_t out[65600], bytes[65536];
static struct udp_pcb *pcb;

/* The datagrams that lwIP has got. */
static struct {
    unsigned n;
    size_t len[MAX];
    uint8_t data[MAX][2 * SIZE];
} got;

static void received(void *arg, struct udp_pcb *from, struct pbuf *p, const ip_addr_t *addr, u16_t port)
{
    (void)arg, (void)from, (void)addr;
    assert_int_equal(port, 4000);
    assert_true(got.n < MAX && p->tot_len <= 2 * SIZE);
    got.len[got.n] = p->tot_len;
    pbuf_copy_partial(p, got.data[got.n++], p->tot_len, 0);
    pbuf_free(p);
}

static void start(bool offload)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    memset(&got, 0, sizeof(got));
    rig_open(&rig, &(struct rig_config){.offload = offload});
    pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    assert_non_null(pcb);
    assert_int_equal(udp_bind(pcb, IP_ANY_TYPE, 3000), ERR_OK);
    udp_recv(pcb, received, NULL);
}

static void finish(void)
{
    udp_remove(pcb);
    rig_close(&rig);
}

/* ---- to lwIP ------------------------------------------------------------------------------------------------ */

/* A frame of len bytes of payload to be cut after each `size`.  @return its length */
static size_t large(int version, size_t len, unsigned size, struct feth_offload *offload)
{
    size_t total = rig_make_udp(out, version, 4000, 3000, bytes, len), l4 = rig_l4(out);

    rig_put16(out + l4 + 6, rig_pseudo_sum(out));
    *offload = (struct feth_offload){
        .flags = FETH_CSUM_NEEDED,
        .gso_type = FETH_GSO_UDP_L4,
        .gso_size = (uint16_t)size,
        .hdr_len = (uint16_t)(l4 + 8),
        .csum_start = (uint16_t)l4,
        .csum_offset = 6,
    };
    return total;
}

static void test_received(void **state)
{
    (void)state;
    static const size_t lengths[] = {SIZE + 1, 2 * SIZE, 10 * SIZE + 1, 60 * SIZE - 1};
    struct feth_offload offload;

    for (int version = 4; version <= 6; version += 2)
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            start(true);
            size_t len = lengths[i], total = large(version, len, SIZE, &offload);
            rig_send_offload(&rig, out, total, &offload);
            rig_turn(&rig);
            assert_int_equal(got.n, (len + SIZE - 1) / SIZE);
            for (unsigned k = 0; k < got.n; k++) {
                assert_int_equal(got.len[k], k + 1 < got.n ? SIZE : len - (got.n - 1) * SIZE);
                assert_memory_equal(got.data[k], bytes + k * SIZE, got.len[k]);
            }
            finish();
        }
}

/* What claims to be datagrams and is not is dropped, and nothing is read beyond its end. */
static void test_not_datagrams(void **state)
{
    (void)state;
    struct fethif_stats before, after;
    struct feth_offload offload;
    struct feth_frame frame;
    struct fethif_l4 l4;

    for (int version = 4; version <= 6; version += 2) {
        start(true);
        size_t total = large(version, 4 * SIZE, SIZE, &offload), at = rig_l4(out);
        out[version == 4 ? 23 : 20] = 6; /* TCP */
        fethif_get_stats(rig.f, &before);
        rig_send_offload(&rig, out, total, &offload);
        rig_turn(&rig);
        fethif_get_stats(rig.f, &after);
        assert_int_equal(after.rx_dropped, before.rx_dropped + 1);
        assert_int_equal(got.n, 0);
        finish();

        for (int wrong = 0; wrong < 6; wrong++) {
            total = large(version, 4 * SIZE, SIZE, &offload);
            frame = (struct feth_frame){
                .data = out, .len = (uint32_t)total, .wire_len = (uint32_t)total, .offload = offload};
            size_t length = version == 4 ? 16 : 18;
            if (wrong == 1)
                rig_put16(out + length, rig_be16(out + length) + 1u); /* more than the frame has */
            else if (wrong == 2)
                rig_put16(out + length, version == 4 ? 28 : 8); /* nothing */
            else if (wrong == 3)
                frame.offload.gso_size = 0;
            else if (wrong == 4)
                frame.offload.csum_start = (uint16_t)(at + 2);
            else if (wrong == 5)
                frame.len = (uint32_t)at + 4;
            fethif_find_l4(out, frame.len, &l4);
            assert_int_equal(fethif_uso_cuttable(&frame, &l4), wrong == 0);
        }
    }
}

/* ---- from lwIP ---------------------------------------------------------------------------------------------- */

static void send_to(int version, u16_t port, size_t from, size_t len)
{
    ip_addr_t to;
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);

    assert_non_null(p);
    if (version == 4)
        IP_ADDR4(&to, 10, 0, 0, 1);
    else
        assert_true(ipaddr_aton("fd00:feed::1", &to));
    memcpy(p->payload, bytes + from, len);
    assert_int_equal(udp_sendto(pcb, p, &to, port), ERR_OK);
    pbuf_free(p);
}

static void turn_begin(void)
{
    rig.f->in_turn = true;
}

static void turn_end(void)
{
    rig.f->in_turn = false;
    fethif_flush(rig.f);
}

/* A complete datagram. */
static void assert_datagram(const uint8_t *frame, size_t len, uint16_t port, size_t from, size_t payload)
{
    size_t l4 = rig_l4(frame);

    assert_int_equal(len, l4 + 8 + payload);
    assert_int_equal(rig_be16(frame + l4), 3000);
    assert_int_equal(rig_be16(frame + l4 + 2), port);
    assert_int_equal(rig_be16(frame + l4 + 4), 8 + payload);
    assert_memory_equal(frame + l4 + 8, bytes + from, payload);
    assert_int_equal(rig_transport_sum(frame), 0xffff);
    if (frame[14] >> 4 == 4)
        assert_int_equal(rig_fold(rig_sum(0, frame + 14, 20)), 0xffff);
}

static void expect_single(uint16_t port, size_t from, size_t payload)
{
    assert_true(rig_recv_ip(&rig, &in));
    assert_int_equal(in.offload.gso_type, FETH_GSO_NONE);
    assert_int_equal(in.offload.flags, 0);
    assert_datagram(in.data, in.len, port, from, payload);
}

/* One frame of datagrams that were sent one after the other, all of `size` but the last. */
static void expect_run(uint16_t port, size_t from, unsigned size, size_t payload)
{
    static uint8_t cut[FETH_FRAME_MAX];
    struct feth_gso gso;
    unsigned n = 0;
    uint16_t id = 0;

    assert_true(rig_recv_ip(&rig, &in));
    assert_int_equal(in.offload.gso_type, FETH_GSO_UDP_L4);
    assert_int_equal(in.offload.gso_size, size);
    struct feth_frame frame = {
        .data = in.data, .len = (uint32_t)in.len, .wire_len = (uint32_t)in.len, .offload = in.offload};
    assert_true(feth_offload_valid(&in.offload, in.len));
    assert_true(feth_gso_begin(&gso, &frame));
    for (size_t len; (len = feth_gso_next(&gso, cut)) > 0; n++) {
        size_t left = payload - (size_t)n * size;
        assert_datagram(cut, len, port, from + (size_t)n * size, left < size ? left : size);
        if (cut[14] >> 4 == 4) {
            assert_true(n == 0 || rig_be16(cut + 18) == (uint16_t)(id + 1));
            id = rig_be16(cut + 18);
        }
    }
    assert_int_equal(n, (payload + size - 1) / size);
}

static void expect_nothing(void)
{
    assert_false(rig_recv_ip(&rig, &in));
}

static void test_sent(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int version = 4; version <= 6; version += 2) {
        start(true);
        turn_begin();
        for (size_t i = 0; i < 20; i++)
            send_to(version, 4000, i * SIZE, SIZE);
        send_to(version, 4000, 20 * SIZE, 10); /* shorter: the last */
        send_to(version, 4000, 0, SIZE);       /* longer than that: another run */
        send_to(version, 4000, SIZE, SIZE);
        send_to(version, 4001, 0, SIZE); /* to somebody else */
        send_to(version, 4000, 0, SIZE);
        send_to(version, 4000, 0, 0); /* of no bytes: a datagram all the same */
        send_to(version, 4000, 0, SIZE);
        turn_end();
        expect_run(4000, 0, SIZE, 20 * SIZE + 10);
        expect_run(4000, 0, SIZE, 2 * SIZE);
        expect_single(4001, 0, SIZE);
        expect_single(4000, 0, SIZE);
        expect_single(4000, 0, 0);
        expect_single(4000, 0, SIZE);
        expect_nothing();
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.tx_large, 2);
        finish();
    }
}

/* More than a frame holds, or than it may have pieces, goes on in the next. */
static void test_many(void **state)
{
    (void)state;
    start(true);
    turn_begin();
    for (size_t i = 0; i < 80; i++)
        send_to(4, 4000, i * 800, 800);
    for (size_t i = 0; i < 300; i++)
        send_to(4, 4001, i * 8, 8);
    turn_end();
    size_t bulk = 0, small = 0;
    while (rig_recv_ip(&rig, &in)) {
        size_t payload = in.len - 42;
        assert_memory_equal(in.data + 42, bytes + (bulk < 64000 ? bulk : small), payload);
        *(bulk < 64000 ? &bulk : &small) += payload;
    }
    assert_int_equal(bulk, 64000);
    assert_int_equal(small, 2400);
    finish();
}

/* Where the handle does not cut frames, where a datagram is in fragments, or one has no checksum. */
static void test_not_joined(void **state)
{
    (void)state;
    start(false);
    turn_begin();
    send_to(4, 4000, 0, SIZE);
    send_to(4, 4000, SIZE, SIZE);
    turn_end();
    expect_single(4000, 0, SIZE);
    expect_single(4000, SIZE, SIZE);
    finish();

    start(true);
    turn_begin();
    send_to(4, 4000, 0, 4000);
    send_to(4, 4000, 0, 4000);
    turn_end();
    for (int i = 0; i < 6; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(in.offload.gso_type, FETH_GSO_NONE);
    }
    expect_nothing();
    udp_setflags(pcb, UDP_FLAGS_NOCHKSUM);
    turn_begin();
    send_to(4, 4000, 0, SIZE);
    send_to(4, 4000, SIZE, SIZE);
    turn_end();
    for (size_t i = 0; i < 2; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(in.offload.gso_type, FETH_GSO_NONE);
        assert_int_equal(rig_be16(in.data + 40), 0);
        assert_memory_equal(in.data + 42, bytes + i * SIZE, SIZE);
    }
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_received), cmocka_unit_test(test_not_datagrams), cmocka_unit_test(test_sent),
        cmocka_unit_test(test_many),     cmocka_unit_test(test_not_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
