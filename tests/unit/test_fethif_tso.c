/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that follow each other leave as one large frame, and only those that segmentation makes again. */
#include "fethif_rig.h"

#include "../../netif/fethif_priv.h"
#include "lwip/priv/tcp_priv.h"

static struct rig rig;
static struct rig_server server;
static struct rig_tcp tcp;
static struct rig_frame in;
static uint8_t out[65600], bytes[300000];

static size_t socket_buffer; /* 0: the default */

static void start(int version, bool offload, unsigned mtu)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 5 + (i >> 8) * 3);
    rig_open(&rig, &(struct rig_config){.offload = offload, .mtu = mtu, .socket_buffer = socket_buffer});
    rig_serve(&server, 80);
    tcp = (struct rig_tcp){.mss = 65495, .scale = 4};
    rig_tcp_connect(&rig, &tcp, version, 80);
    server.pcb->cwnd = TCP_SND_BUF; /* what congestion allows is not the matter here */
    tcp_nagle_disable(server.pcb);
}

static void finish(void)
{
    rig_serve_end(&server);
    rig_close(&rig);
}

/* What is sent between the two is of one turn. */
static void turn_begin(void)
{
    rig.f->in_turn = true;
}

static void turn_end(void)
{
    rig.f->in_turn = false;
    fethif_flush(rig.f);
}

static void write_bytes(size_t from, size_t len)
{
    assert_int_equal(tcp_write(server.pcb, bytes + from, (u16_t)len, TCP_WRITE_FLAG_COPY), ERR_OK);
    assert_int_equal(tcp_output(server.pcb), ERR_OK);
}

/* The next frame is data from there on, in segments of that size; size 0: one ordinary segment. */
static void expect(size_t from, size_t len, unsigned size, unsigned flags)
{
    const uint8_t *data;

    assert_true(rig_recv_ip(&rig, &in));
    size_t l4 = rig_l4(in.data);
    assert_int_equal(rig_tcp_data(&in, &data), len);
    assert_memory_equal(data, bytes + from, len);
    assert_int_equal(rig_tcp_flags(&in), flags);
    assert_int_equal(in.offload.gso_size, size);
    assert_int_equal(in.offload.gso_type, !size              ? FETH_GSO_NONE
                                          : tcp.version == 4 ? FETH_GSO_TCPV4
                                                             : FETH_GSO_TCPV6);
    if (size)
        assert_int_equal(in.offload.hdr_len, l4 + 20);
    /* the lengths and sums of the headers are those of the large frame */
    if (tcp.version == 4) {
        assert_int_equal(rig_be16(in.data + 16), in.len - 14);
        assert_int_equal(rig_fold(rig_sum(0, in.data + 14, 20)), 0xffff);
    } else {
        assert_int_equal(rig_be16(in.data + 18), in.len - 54);
    }
    if (in.offload.flags & FETH_CSUM_NEEDED)
        assert_int_equal(rig_be16(in.data + l4 + 16), rig_pseudo_sum(in.data));
    else
        assert_int_equal(rig_transport_sum(in.data), 0xffff);
}

static void expect_nothing(void)
{
    assert_false(rig_recv_ip(&rig, &in));
}

static void test_run(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int version = 4; version <= 6; version += 2) {
        start(version, true, 1500);
        unsigned mss = tcp.peer_mss;
        turn_begin();
        write_bytes(0, 10 * mss + 100);
        turn_end();
        expect(0, 10 * mss + 100, mss, RIG_ACK | RIG_PSH);
        expect_nothing();
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.tx_large, 1);
        finish();
    }
}

static void test_fin_in_a_run(void **state)
{
    (void)state;
    start(4, true, 1500);
    unsigned mss = tcp.peer_mss;
    turn_begin();
    write_bytes(0, 2 * mss + 10);
    assert_int_equal(tcp_shutdown(server.pcb, 0, 1), ERR_OK);
    turn_end();
    expect(0, 2 * mss + 10, mss, RIG_ACK | RIG_PSH);
    expect(0, 0, 0, RIG_ACK | RIG_FIN);
    finish();

    /* where lwIP puts it on the last segment it goes with the run */
    start(4, true, 1500);
    turn_begin();
    assert_int_equal(tcp_write(server.pcb, bytes, (u16_t)(2 * mss + 10), TCP_WRITE_FLAG_COPY), ERR_OK);
    assert_int_equal(tcp_shutdown(server.pcb, 0, 1), ERR_OK);
    turn_end();
    expect(0, 2 * mss + 10, mss, RIG_ACK | RIG_PSH | RIG_FIN);
    expect_nothing();
    finish();
}

/* A short segment ends a run; one that is longer than the first begins another. */
static void test_sizes(void **state)
{
    (void)state;
    start(4, true, 1500);
    unsigned mss = tcp.peer_mss;
    turn_begin();
    write_bytes(0, 100);
    write_bytes(100, 100);
    write_bytes(200, 60);
    write_bytes(260, 60);
    write_bytes(320, mss);
    turn_end();
    expect(0, 260, 100, RIG_ACK | RIG_PSH);
    expect(260, 60, 0, RIG_ACK | RIG_PSH);
    expect(320, mss, 0, RIG_ACK | RIG_PSH);
    expect_nothing();
    finish();
}

/* Another window, or another acknowledgement, cannot be told within one frame. */
static void test_headers_that_differ(void **state)
{
    (void)state;
    start(4, true, 1500);
    unsigned mss = tcp.peer_mss;
    turn_begin();
    write_bytes(0, mss);
    server.pcb->rcv_ann_wnd -= 8192;
    write_bytes(mss, mss);
    write_bytes(2 * mss, mss);
    server.pcb->rcv_nxt += 1;
    write_bytes(3 * mss, mss);
    turn_end();
    expect(0, mss, 0, RIG_ACK | RIG_PSH);
    expect(mss, 2 * mss, mss, RIG_ACK | RIG_PSH);
    expect(3 * mss, mss, 0, RIG_ACK | RIG_PSH);
    expect_nothing();
    finish();
}

/* Something else between two segments keeps its place. */
static void test_order(void **state)
{
    (void)state;
    start(4, true, 1500);
    unsigned mss = tcp.peer_mss;
    struct udp_pcb *udp = udp_new();
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 10, PBUF_RAM);
    ip_addr_t to;

    assert_true(udp && p);
    memset(p->payload, 0, 10);
    IP_ADDR4(&to, rig_ip4[0][0], rig_ip4[0][1], rig_ip4[0][2], rig_ip4[0][3]);
    turn_begin();
    write_bytes(0, 2 * mss);
    assert_int_equal(udp_sendto(udp, p, &to, 9), ERR_OK);
    write_bytes(2 * mss, 2 * mss);
    turn_end();
    pbuf_free(p);
    udp_remove(udp);
    expect(0, 2 * mss, mss, RIG_ACK | RIG_PSH);
    assert_true(rig_recv_ip(&rig, &in));
    assert_int_equal(in.data[23], 17);
    expect(2 * mss, 2 * mss, mss, RIG_ACK | RIG_PSH);
    finish();
}

/* No packet has more than 65535 bytes, and no frame more pieces than it may. */
static void test_bounds(void **state)
{
    (void)state;
    static const unsigned mtus[] = {576, 1500, 9000, 30000};

    for (unsigned i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++)
        for (int copied = 0; copied < 2; copied++) {
            const uint8_t *data;
            size_t got = 0, largest = 0, len = 250000;
            start(4, true, mtus[i]);
            turn_begin();
            for (size_t at = 0; at < len; at += 50000)
                assert_int_equal(tcp_write(server.pcb, bytes + at, 50000, copied ? TCP_WRITE_FLAG_COPY : 0),
                                 ERR_OK);
            assert_int_equal(tcp_output(server.pcb), ERR_OK);
            turn_end();
            while (got < len) {
                assert_true(rig_recv_ip(&rig, &in));
                size_t n = rig_tcp_data(&in, &data);
                assert_memory_equal(data, bytes + got, n);
                assert_true(in.len <= 65535 + 14);
                got += n;
                largest = in.len > largest ? in.len : largest;
            }
            assert_int_equal(got, len);
            assert_true(largest + mtus[i] > 60000);
            expect_nothing();
            finish();
        }
}

/* A cable that takes a few frames at a time: the others keep their headers while more are queued behind them. */
static void test_blocked(void **state)
{
    (void)state;
    const uint8_t *data;
    size_t queued = 0, got = 0;

    socket_buffer = 30000;
    start(4, true, 1500);
    socket_buffer = 0;
    while (got < sizeof(bytes)) {
        turn_begin();
        for (unsigned i = 0; i < 3 && queued < sizeof(bytes); i++) {
            size_t n = sizeof(bytes) - queued < 20000 ? sizeof(bytes) - queued : 20000;
            write_bytes(queued, n);
            server.pcb->rcv_ann_wnd ^= 8192; /* the next one is another frame */
            queued += n;
        }
        turn_end();
        for (unsigned i = 0; i < (queued < sizeof(bytes) ? 1 : 100) && rig_recv_ip(&rig, &in); i++) {
            size_t n = rig_tcp_data(&in, &data);
            assert_int_equal(rig_be32(in.data + rig_l4(in.data) + 4), tcp.ack + got);
            assert_int_equal(rig_be16(in.data + 16), in.len - 14);
            assert_memory_equal(data, bytes + got, n);
            got += n;
        }
    }
    expect_nothing();
    finish();
}

/* A lost piece of a large frame is resent alone. */
static void test_lost_piece(void **state)
{
    (void)state;
    start(4, true, 1500);
    unsigned mss = tcp.peer_mss;
    turn_begin();
    write_bytes(0, 6 * mss);
    turn_end();
    expect(0, 6 * mss, mss, RIG_ACK | RIG_PSH);
    tcp.ack += mss; /* the second one is missing: three acknowledgements say so again */
    for (int i = 0; i < 4; i++) {
        rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, NULL, 0));
        rig_turn(&rig);
    }
    expect(mss, mss, 0, RIG_ACK);
    finish();
}

/* A handle that cannot gets segments one by one. */
static void test_without(void **state)
{
    (void)state;
    start(4, false, 1500);
    unsigned mss = tcp.peer_mss;
    turn_begin();
    write_bytes(0, 3 * mss);
    turn_end();
    for (unsigned i = 0; i < 3; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(in.offload.gso_type, FETH_GSO_NONE);
        assert_int_equal(in.len, mss + 54);
        assert_int_equal(rig_transport_sum(in.data), 0xffff);
    }
    expect_nothing();
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),     cmocka_unit_test(test_fin_in_a_run),
        cmocka_unit_test(test_sizes),   cmocka_unit_test(test_headers_that_differ),
        cmocka_unit_test(test_order),   cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_blocked), cmocka_unit_test(test_lost_piece),
        cmocka_unit_test(test_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
