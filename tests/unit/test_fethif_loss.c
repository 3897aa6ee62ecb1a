/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of a large frame is lost where it is cut: it is asked for and sent again, and nothing else is. */
#include "fethif_rig.h"

#include "../../netif/fethif_priv.h"
#include "core/offload.h"
#include "lwip/priv/tcp_priv.h"

#define TOTAL 600000

static struct rig rig;
static struct rig_server server;
static struct rig_tcp tcp;
static struct rig_frame in;
static uint8_t out[65600], bytes[TOTAL];

static void start(int version, bool offload)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 5 + (i >> 8) * 3 + (i >> 16));
    rig_open(&rig, &(struct rig_config){.offload = offload});
    rig_serve(&server, 80);
    tcp = (struct rig_tcp){.mss = 65495, .scale = 4, .sack = true};
    rig_tcp_connect(&rig, &tcp, version, 80);
}

static void finish(void)
{
    rig_serve_end(&server);
    rig_close(&rig);
}

/* ---- lwIP sends --------------------------------------------------------------------------------------------- */

/* The machine at the other end: what it has, and what of it came over the wire more often than once. */
static struct {
    uint32_t first;       /* sequence number of bytes[0] */
    bool have[TOTAL + 1]; /* up to TOTAL, which is where the search ends */
    size_t next;          /* what it has without a gap */
    size_t seen;          /* what was on the wire, lost or not */
    unsigned pieces;      /* of large frames so far */
    unsigned lose;        /* the piece to lose, counted from 1; 0: none */
    size_t lost_at, lost; /* and what that was */
    size_t resent;        /* bytes that were there before */
    unsigned resends;     /* in so many segments */
} machine;

static void acknowledge(void)
{
    tcp.ack = machine.first + (uint32_t)machine.next;
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, NULL, 0));
}

/* One segment as it would be on a wire. */
static void segment(const uint8_t *frame, size_t len, bool piece)
{
    size_t l4 = rig_l4(frame), header = l4 + (frame[l4 + 12] >> 4) * 4u, n = len - header;
    size_t at = rig_be32(frame + l4 + 4) - machine.first;

    if (n == 0)
        return;
    assert_int_equal(rig_transport_sum(frame), 0xffff);
    assert_true(at + n <= TOTAL);
    assert_memory_equal(frame + header, bytes + at, n);
    if (at < machine.seen) {
        /* what is sent again is the lost piece, with its own borders, and no part of a large frame */
        assert_int_equal(at, machine.lost_at);
        assert_int_equal(n, machine.lost);
        assert_false(piece);
        machine.resent += n;
        machine.resends++;
    }
    if (at + n > machine.seen)
        machine.seen = at + n;
    if (piece && ++machine.pieces == machine.lose) {
        machine.lost_at = at;
        machine.lost = n;
        return;
    }
    memset(machine.have + at, true, n);
    while (machine.have[machine.next])
        machine.next++;
    acknowledge();
}

/* A frame from lwIP, cut if it is large. */
static void take_frame(void)
{
    static uint8_t piece[FETH_FRAME_MAX];
    struct feth_frame frame = {.data = in.data, .len = (uint32_t)in.len, .offload = in.offload};
    struct feth_gso gso;
    size_t len;

    if (in.offload.gso_type == FETH_GSO_NONE) {
        feth_offload_complete(&frame);
        segment(in.data, in.len, false);
        return;
    }
    assert_true(feth_gso_begin(&gso, &frame));
    while ((len = feth_gso_next(&gso, piece)) > 0)
        segment(piece, len, true);
}

/* Send all of `bytes`, of which the machine loses a piece.  Time stands still: nothing is sent again for being late. */
static void transfer(unsigned lose)
{
    memset(&machine, 0, sizeof(machine));
    machine.first = tcp.ack;
    machine.lose = lose;
    server.pcb->cwnd = 100000; /* so that there are large frames from the start */
    rig.f->in_turn = true;
    for (size_t at = 0; at < TOTAL; at += 30000)
        assert_int_equal(tcp_write(server.pcb, bytes + at, 30000, TCP_WRITE_FLAG_COPY), ERR_OK);
    assert_int_equal(tcp_output(server.pcb), ERR_OK);
    rig.f->in_turn = false;
    fethif_flush(rig.f);
    for (int turns = 0; machine.next < TOTAL && turns < 1000; turns++) {
        while (rig_recv_ip(&rig, &in))
            take_frame();
        server.pcb->rtime = 0;
        rig_turn(&rig);
    }
    assert_int_equal(machine.next, TOTAL);
}

static void test_lost_from_lwip(void **state)
{
    (void)state;
    static const unsigned lose[] = {0, 1, 2, 30, 44, 45, 46, 66, 67, 68, 69, 100, 200, 300};

    for (int version = 4; version <= 6; version += 2)
        for (unsigned i = 0; i < sizeof(lose) / sizeof(lose[0]); i++) {
            start(version, true);
            transfer(lose[i]);
            assert_int_equal(machine.resent, machine.lost);
            assert_int_equal(machine.resends, lose[i] > 0);
            assert_true(lose[i] == 0 || machine.lost > 0);
            finish();
        }
}

/* ---- lwIP receives ------------------------------------------------------------------------------------------ */

/* To lwIP: data from there on, as one frame, large if it is more than a segment.  No checksum has been made of it. */
static void send_data(size_t at, size_t len, unsigned flags)
{
    struct rig_tcp from = tcp;

    from.seq = tcp.seq + (uint32_t)at;
    size_t size = rig_make_tcp(out, &from, RIG_ACK | flags, NULL, 0, bytes + at, len), l4 = rig_l4(out);
    struct feth_offload offload = {.flags = FETH_CSUM_NEEDED, .csum_start = (uint16_t)l4, .csum_offset = 16};
    if (len > tcp.peer_mss) {
        offload.gso_type = tcp.version == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
        offload.gso_size = tcp.peer_mss;
        offload.hdr_len = (uint16_t)(l4 + 20);
    }
    rig_put16(out + l4 + 16, rig_pseudo_sum(out));
    rig_send_offload(&rig, out, size, &offload);
}

/* lwIP acknowledges up to there, and tells by SACK that it has more, from there to there. */
static void expect_ack(size_t upto, size_t from, size_t to)
{
    assert_true(rig_recv_ip(&rig, &in));
    const uint8_t *header = in.data + rig_l4(in.data);
    size_t end = (size_t)(header[12] >> 4) * 4;
    assert_int_equal(rig_be32(header + 8), tcp.seq + upto);
    for (size_t i = 20; i < end; i += header[i] == 1 ? 1u : header[i + 1])
        if (header[i] == 5) {
            assert_int_equal(header[i + 1], to ? 10 : 0);
            assert_int_equal(rig_be32(header + i + 2), tcp.seq + from);
            assert_int_equal(rig_be32(header + i + 6), tcp.seq + to);
            to = 0;
        }
    assert_int_equal(to, 0);
}

/* The n-th of ten segments is lost; what is before and behind it arrives in large frames. */
static void receive(int version, unsigned n, bool resend_all)
{
    start(version, true);
    const size_t mss = tcp.peer_mss, hole = n * mss, total = 10 * mss + 100;

    if (n > 0)
        send_data(0, hole, 0);
    rig_turn(&rig);
    rig_drain(&rig);
    send_data(hole + mss, total - hole - mss, RIG_PSH | RIG_FIN);
    rig_turn(&rig);
    expect_ack(hole, hole + mss, total); /* lwIP tells of bytes, not of FIN */
    assert_int_equal(server.len, hole);
    assert_false(server.closed);
    if (resend_all)
        send_data(0, total, RIG_PSH | RIG_FIN);
    else
        send_data(hole, mss, 0);
    rig_turn(&rig);
    expect_ack(total + 1, 0, 0);
    assert_int_equal(server.len, total);
    assert_memory_equal(server.data, bytes, total);
    assert_true(server.closed);
    finish();
}

static void test_lost_to_lwip(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2)
        for (unsigned n = 0; n < 10; n++)
            for (int resend_all = 0; resend_all < 2; resend_all++)
                receive(version, n, resend_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_from_lwip),
        cmocka_unit_test(test_lost_to_lwip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
