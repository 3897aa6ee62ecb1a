/* SPDX-License-Identifier: Apache-2.0 */
/* The driver with TCP: by whom checksums are made and verified, and segments of every size. */
#include "fethif_rig.h"

#include <stdlib.h>

#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

static struct rig rig;
static struct rig_server server;
static struct rig_tcp tcp;
static struct rig_frame in;
static uint8_t out[65600], bytes[300000];

static void start(const struct rig_config *config)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 5 + (i >> 8) * 3);
    rig_open(&rig, config);
    rig_serve(&server, 80);
    tcp = (struct rig_tcp){.mss = 65495};
}

static void finish(void)
{
    rig_serve_end(&server);
    rig_close(&rig);
}

/* The metadata of an unfinished segment in `out`, which is made so. */
static struct feth_offload unfinish(void)
{
    size_t l4 = rig_l4(out);

    rig_put16(out + l4 + 16, rig_pseudo_sum(out));
    return (struct feth_offload){.flags = FETH_CSUM_NEEDED, .csum_start = (uint16_t)l4, .csum_offset = 16};
}

static void assert_received(size_t len)
{
    assert_int_equal(server.len, len);
    assert_memory_equal(server.data, bytes, len);
}

/* A segment from lwIP: finished, or with the right metadata where the handle takes it. */
static void assert_segment(bool unfinished)
{
    size_t l4 = rig_l4(in.data);

    if (!unfinished) {
        assert_int_equal(in.offload.flags, 0);
        assert_int_equal(rig_transport_sum(in.data), 0xffff);
        return;
    }
    assert_int_equal(in.offload.flags, FETH_CSUM_NEEDED);
    if (in.offload.gso_type != FETH_GSO_NONE) {
        assert_int_equal(in.offload.gso_type, in.data[14] >> 4 == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6);
        assert_int_equal(in.offload.hdr_len, l4 + (in.data[l4 + 12] >> 4) * 4u);
        assert_true(in.len - in.offload.hdr_len > in.offload.gso_size);
    }
    if (in.data[14] >> 4 == 4)
        assert_int_equal(rig_fold(rig_sum(0, in.data + 14, l4 - 14)), 0xffff);
    assert_int_equal(in.offload.csum_start, l4);
    assert_int_equal(in.offload.csum_offset, 16);
    assert_int_equal(rig_be16(in.data + l4 + 16), rig_pseudo_sum(in.data));
    /* and completing it as the metadata says makes it right */
    uint16_t sum = (uint16_t)~rig_fold(rig_sum(0, in.data + l4, in.len - l4));
    rig_put16(in.data + l4 + 16, sum);
    assert_int_equal(rig_transport_sum(in.data), 0xffff);
}

static void test_handshake_and_data(void **state)
{
    (void)state;
    const uint8_t *data;

    for (int offload = 0; offload < 2; offload++)
        for (int version = 4; version <= 6; version += 2) {
            start(&(struct rig_config){.offload = offload});
            rig_tcp_connect(&rig, &tcp, version, 80);
            assert_non_null(server.pcb);
            assert_int_equal(tcp.peer_mss, version == 4 ? 1460 : 1440);

            rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK | RIG_PSH, NULL, 0, bytes, 1000));
            tcp.seq += 1000;
            rig_turn(&rig);
            assert_received(1000);
            rig_wait(&rig, 120); /* the ACK is delayed */
            assert_true(rig_recv_ip(&rig, &in));
            assert_segment(offload);
            assert_int_equal(rig_be32(in.data + rig_l4(in.data) + 8), tcp.seq);

            /* two segments and a bit, and the FIN */
            assert_int_equal(tcp_write(server.pcb, bytes, 3000, TCP_WRITE_FLAG_COPY), ERR_OK);
            assert_int_equal(tcp_output(server.pcb), ERR_OK);
            size_t got = 0;
            while (got < 3000) {
                if (!rig_recv_ip(&rig, &in)) { /* the congestion window opens */
                    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, NULL, 0));
                    rig_turn(&rig);
                    assert_true(rig_recv_ip(&rig, &in));
                }
                assert_segment(offload);
                size_t len = rig_tcp_data(&in, &data);
                if (rig_be32(in.data + rig_l4(in.data) + 4) != tcp.ack)
                    continue; /* a repetition: this machine is slow */
                assert_memory_equal(data, bytes + got, len);
                got += len;
                tcp.ack += (uint32_t)len;
            }
            rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK | RIG_FIN, NULL, 0, NULL, 0));
            tcp.seq++;
            rig_turn(&rig);
            assert_true(server.closed);
            finish();
        }
}

static void test_bad_checksum(void **state)
{
    (void)state;

    for (int offload = 0; offload < 2; offload++)
        for (int version = 4; version <= 6; version += 2) {
            start(&(struct rig_config){.offload = offload});
            rig_tcp_connect(&rig, &tcp, version, 80);
            u32_t errors = lwip_stats.tcp.chkerr;
            size_t len = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes, 100);
            out[len - 1] ^= 1;
            rig_send(&rig, out, len);
            rig_turn(&rig);
            assert_int_equal(server.len, 0);
            assert_int_equal(lwip_stats.tcp.chkerr, errors + 1);
            /* that checks are skipped for one frame does not mean that they are for the next */
            if (offload) {
                struct feth_offload valid = {.flags = FETH_CSUM_VALID};
                size_t size = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes, 10);
                rig_send_offload(&rig, out, size, &valid);
                tcp.seq += 10;
                rig_turn(&rig);
                assert_received(10);
                len = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes + 10, 100);
                out[len - 1] ^= 1;
                rig_send(&rig, out, len);
                rig_turn(&rig);
                assert_received(10);
                assert_int_equal(lwip_stats.tcp.chkerr, errors + 2);
            }
            finish();
        }
}

static void test_unfinished_is_trusted(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int version = 4; version <= 6; version += 2) {
        start(&(struct rig_config){.offload = true});
        rig_tcp_connect(&rig, &tcp, version, 80);
        size_t len = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes, 1000);
        struct feth_offload offload = unfinish();
        rig_send_offload(&rig, out, len, &offload);
        tcp.seq += 1000;
        rig_turn(&rig);
        assert_received(1000);
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_csum_trusted, 1);

        /* Metadata for another place than the transport header: completed there, and the rest is verified. */
        len = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes + 1000, 1000);
        offload = (struct feth_offload){
            .flags = FETH_CSUM_NEEDED, .csum_start = (uint16_t)(rig_l4(out) + 200), .csum_offset = 100};
        u32_t errors = lwip_stats.tcp.chkerr;
        rig_send_offload(&rig, out, len, &offload);
        rig_turn(&rig);
        assert_received(1000);
        assert_int_equal(lwip_stats.tcp.chkerr, errors + 1);
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_csum_trusted, 1);
        finish();
    }
}

/* "Valid" said of a fragment is nothing about the datagram. */
static void test_fragments_are_verified(void **state)
{
    (void)state;
    static uint8_t frame[2000];
    struct feth_offload valid = {.flags = FETH_CSUM_VALID};
    u32_t errors;

    start(&(struct rig_config){.offload = true});
    rig_tcp_connect(&rig, &tcp, 4, 80);
    rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes, 1000);
    for (int bad = 1; bad >= 0; bad--) {
        errors = lwip_stats.tcp.chkerr;
        out[34 + 900] ^= (uint8_t)bad;
        size_t len = rig_make_ip4_fragment(frame, 6, 5, 0, true, out + 34, 800);
        rig_send_offload(&rig, frame, len, &valid);
        len = rig_make_ip4_fragment(frame, 6, 5, 800, false, out + 34 + 800, 220);
        rig_send_offload(&rig, frame, len, &valid);
        rig_turn(&rig);
        out[34 + 900] ^= (uint8_t)bad;
        assert_int_equal(lwip_stats.tcp.chkerr, errors + (u32_t)bad);
        assert_received(bad ? 0 : 1000);
    }
    finish();
}

/* A segment of segments, as the kernel passes them on: taken whole. */
static void test_large_received(void **state)
{
    (void)state;
    struct fethif_stats stats;
    size_t total = 0;

    for (int version = 4; version <= 6; version += 2) {
        start(&(struct rig_config){.offload = true});
        rig_tcp_connect(&rig, &tcp, version, 80);
        const size_t most = 65535 - (version == 4 ? 54 : 74);
        total = 0;
        for (size_t len = most; total + len < sizeof(bytes); len -= 1000) {
            size_t size = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes + total, len);
            struct feth_offload offload = unfinish();
            offload.gso_type = version == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
            offload.gso_size = version == 4 ? 1460 : 1440;
            offload.hdr_len = (uint16_t)(rig_l4(out) + 20);
            rig_send_offload(&rig, out, size, &offload);
            tcp.seq += (uint32_t)len;
            total += len;
            rig_turn(&rig);
            assert_received(total);
        }
        /* one byte more than a pbuf can have */
        rig_drain(&rig);
        size_t size = rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, bytes, most + 1);
        struct feth_offload offload = unfinish();
        offload.gso_type = version == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
        offload.gso_size = 1440;
        offload.hdr_len = (uint16_t)(rig_l4(out) + 20);
        rig_send_offload(&rig, out, size, &offload);
        rig_turn(&rig);
        assert_received(total);
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_dropped, 1);
        finish();
    }
}

/* Answer lwIP's segments until it has sent len bytes of `bytes`, from the given one on. */
static void take_data(size_t from, size_t len, bool unfinished, size_t largest)
{
    const uint8_t *data;
    size_t got = 0, most = 0;

    for (int idle = 0; got < len && idle < 100;) {
        if (!rig_recv_ip(&rig, &in)) {
            rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, NULL, 0));
            idle++;
            rig_wait(&rig, idle > 1 ? 20 : 0);
            continue;
        }
        idle = 0;
        assert_segment(unfinished);
        size_t n = rig_tcp_data(&in, &data);
        if (rig_be32(in.data + rig_l4(in.data) + 4) != tcp.ack)
            continue; /* a repetition */
        assert_memory_equal(data, bytes + from + got, n);
        got += n;
        size_t segment = in.offload.gso_type != FETH_GSO_NONE ? in.offload.gso_size : n;
        most = segment > most ? segment : most;
        tcp.ack += (uint32_t)n;
    }
    assert_int_equal(got, len);
    assert_int_equal(most, largest);
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, NULL, 0, NULL, 0));
    rig_turn(&rig);
}

static void send_data(size_t from, size_t len)
{
    while (len > 0) {
        u16_t n = (u16_t)(len < 30000 ? len : 30000);
        assert_int_equal(tcp_write(server.pcb, bytes + from, n, 0), ERR_OK);
        from += n;
        len -= n;
    }
    assert_int_equal(tcp_output(server.pcb), ERR_OK);
}

static void test_segment_sizes(void **state)
{
    (void)state;
    static const unsigned mtus[] = {576, 1500, 9000, 16384, 65000, 65521};

    for (unsigned i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++)
        for (int offload = 0; offload < 2; offload++) {
            start(&(struct rig_config){.mtu = mtus[i], .offload = offload});
            tcp.scale = 4; /* lwIP sends no more at once than half of the window */
            int version = offload && mtus[i] >= 1280 ? 6 : 4;
            rig_tcp_connect(&rig, &tcp, version, 80);
            assert_int_equal(tcp.peer_mss, mtus[i] - (version == 4 ? 40 : 60));
            send_data(0, sizeof(bytes));
            take_data(0, sizeof(bytes), offload, tcp.peer_mss);
            finish();
        }
}

/* A fragment of the segment in `in`.  @return where in the segment what follows is */
static size_t fragment(const uint8_t **at, size_t *len)
{
    if (in.data[14] >> 4 == 4) {
        *at = in.data + 34;
        *len = rig_be16(in.data + 16) - 20u;
        return (rig_be16(in.data + 20) & 0x1fffu) * 8;
    }
    assert_int_equal(in.data[20], 44);
    *at = in.data + 62;
    *len = rig_be16(in.data + 18) - 8u;
    return rig_be16(in.data + 56) & 0xfff8u;
}

/* lwIP fragments segments that were made for a larger MTU; nobody can finish the checksum of a fragment. */
static void mtu_shrinks(int version)
{
    static uint8_t whole[10000];
    struct fethif_stats stats;
    const uint8_t *at;
    size_t have = 0, len;
    bool first = false;

    start(&(struct rig_config){.mtu = 9000, .offload = true, .driver_mtu = 9000});
    rig_tcp_connect(&rig, &tcp, version, 80);
    rig.netif.mtu = rig.netif.mtu6 = 1500;
    nd6_clear_destination_cache();
    send_data(0, 8000);
    assert_true(rig_recv_ip(&rig, &in)); /* what follows the first fragment */
    rig_drain(&rig);
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.tx_dropped, 1);

    rig_wait(&rig, 1700); /* the retransmission */
    while (rig_recv_ip(&rig, &in)) {
        assert_int_equal(in.offload.flags, 0);
        size_t offset = fragment(&at, &len);
        if (offset == 0) {
            first = true;
            have = 0;
        }
        memcpy(whole + offset, at, len);
        have += len;
    }
    assert_true(first);
    assert_int_equal(have, 8020);
    if (version == 4)
        rig_make_ip4(out, 6, whole, have);
    else
        rig_make_ip6(out, 6, whole, have);
    assert_int_equal(rig_transport_sum(out), 0xffff);
    assert_memory_equal(whole + 20, bytes, 8000);
    finish();
}

static void test_mtu_shrinks(void **state)
{
    (void)state;
    mtu_shrinks(4);
    mtu_shrinks(6);
}

/* An MSS in any other segment than a SYN is no business of lwIP's: data that waits is in larger segments. */
static void test_mss_is_settled_by_the_handshake(void **state)
{
    (void)state;
    static const uint8_t mss[8] = {1, 1, 1, 1, 2, 4, 0, 1};

    start(NULL);
    rig_tcp_connect(&rig, &tcp, 4, 80);
    send_data(0, 100000);
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK, mss, 8, NULL, 0));
    rig_turn(&rig);
    assert_int_equal(server.pcb->mss, 1460);
    send_data(100000, 1000);
    take_data(0, 101000, false, 1460);
    finish();
}

static void test_syn_reopens_from_time_wait(void **state)
{
    (void)state;

    start(NULL);
    rig_tcp_connect(&rig, &tcp, 4, 80);
    /* lwIP closes first */
    tcp_recv(server.pcb, NULL);
    tcp_err(server.pcb, NULL);
    assert_int_equal(tcp_close(server.pcb), ERR_OK);
    server.pcb = NULL;
    assert_true(rig_recv_ip(&rig, &in));
    assert_true(rig_tcp_flags(&in) & RIG_FIN);
    tcp.ack++;
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_ACK | RIG_FIN, NULL, 0, NULL, 0));
    tcp.seq++;
    rig_turn(&rig);
    assert_non_null(tcp_tw_pcbs);
    rig_drain(&rig);

    /* an old SYN does not */
    tcp.seq -= 100;
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_SYN, NULL, 0, NULL, 0));
    rig_turn(&rig);
    assert_non_null(tcp_tw_pcbs);
    rig_drain(&rig);
    /* a new one removes it, and when it is repeated it is answered */
    tcp.seq += 5000;
    rig_send(&rig, out, rig_make_tcp(out, &tcp, RIG_SYN, NULL, 0, NULL, 0));
    rig_turn(&rig);
    assert_null(tcp_tw_pcbs);
    assert_false(rig_recv_ip(&rig, &in));
    rig_tcp_connect(&rig, &tcp, 4, 80);
    assert_non_null(server.pcb);
    finish();
}

static void test_sequence_numbers_differ(void **state)
{
    (void)state;
    uint32_t first[16];

    start(NULL);
    for (unsigned i = 0; i < 16; i++) {
        tcp = (struct rig_tcp){0};
        rig_tcp_connect(&rig, &tcp, 4, 80);
        first[i] = tcp.ack;
        for (unsigned k = 0; k < i; k++)
            assert_true(first[i] - first[k] + 0x100 > 0x200); /* lwIP's own are next to each other */
    }
    finish();
}

/* From wherever the random numbers let lwIP begin.  One start in 16384 is the last port: so many hit it. */
static void test_local_ports_are_dynamic_ones(void **state)
{
    (void)state;
    enum { STARTS = 300000 };

    rig_open(&rig, NULL);
    for (unsigned i = 0; i < STARTS; i++) {
        struct tcp_pcb *pcbs[2];

        tcp_init();
        for (unsigned k = 0; k < 2; k++) {
            pcbs[k] = tcp_new_ip_type(IPADDR_TYPE_ANY);
            assert_non_null(pcbs[k]);
            assert_int_equal(tcp_bind(pcbs[k], IP_ANY_TYPE, 0), ERR_OK);
            assert_true(pcbs[k]->local_port >= 0xc000);
        }
        assert_int_not_equal(pcbs[0]->local_port, pcbs[1]->local_port);
        for (unsigned k = 0; k < 2; k++)
            tcp_abort(pcbs[k]);
    }
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_and_data),
        cmocka_unit_test(test_bad_checksum),
        cmocka_unit_test(test_unfinished_is_trusted),
        cmocka_unit_test(test_fragments_are_verified),
        cmocka_unit_test(test_large_received),
        cmocka_unit_test(test_segment_sizes),
        cmocka_unit_test(test_mtu_shrinks),
        cmocka_unit_test(test_mss_is_settled_by_the_handshake),
        cmocka_unit_test(test_syn_reopens_from_time_wait),
        cmocka_unit_test(test_sequence_numbers_differ),
        cmocka_unit_test(test_local_ports_are_dynamic_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
