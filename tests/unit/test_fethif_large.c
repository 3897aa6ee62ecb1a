/* SPDX-License-Identifier: Apache-2.0 */
/* Large frames as a host sends them, with all that a TCP or IP header may have: FIN, URG, options, another window. */
#include "fethif_rig.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

#define RIG_URG 32
#define TOTAL   14700 /* ten segments and a bit */

static struct rig rig;
static struct rig_server server;
static struct rig_tcp tcp;
static struct rig_frame in;
static uint8_t out[65600], bytes[TOTAL];

static void start(int version)
{
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 5 + (i >> 8) * 3);
    rig_open(&rig, &(struct rig_config){.offload = true});
    rig_serve(&server, 80);
    tcp = (struct rig_tcp){.mss = 1460, .scale = 4};
    rig_tcp_connect(&rig, &tcp, version, 80);
    rig_drain(&rig);
}

static void finish(void)
{
    rig_serve_end(&server);
    rig_close(&rig);
}

/* What has become of a checksum on its way. */
enum checksum { UNFINISHED, VERIFIED, COMPLETE, WRONG, CHECKSUMS };

/* Put something between the IP header and TCP: options of IPv4, an extension header of IPv6.  @return the new length */
static size_t insert(size_t len, const uint8_t *what, size_t n)
{
    size_t l4 = rig_l4(out);

    memmove(out + l4 + n, out + l4, len - l4);
    memcpy(out + l4, what, n);
    if (tcp.version == 4) {
        out[14] = (uint8_t)(out[14] + n / 4);
        rig_put16(out + 16, (unsigned)(rig_be16(out + 16) + n));
        rig_put16(out + 24, 0);
        rig_put16(out + 24, (uint16_t)~rig_sum(0, out + 14, 20 + n));
    } else {
        rig_put16(out + 18, (unsigned)(rig_be16(out + 18) + n));
        out[l4] = out[20];
        out[20] = what[0];
    }
    return len + n;
}

struct extra {
    unsigned flags, urgent, window;
    const uint8_t *ip, *options; /* of IPv4 or in front of TCP over IPv6; of TCP */
    size_t ip_len, options_len;
    enum checksum checksum;
};

/* To lwIP: data from there on, as one frame, large if it is more than a segment. */
static void send_data(size_t at, size_t len, const struct extra *e)
{
    struct rig_tcp from = tcp;
    struct feth_offload offload = {0};

    from.seq = tcp.seq + (uint32_t)at;
    size_t size = rig_make_tcp(out, &from, RIG_ACK | e->flags, e->options, e->options_len, bytes + at, len);
    size_t l4 = rig_l4(out);
    rig_put16(out + l4 + 18, e->urgent);
    if (e->window)
        rig_put16(out + l4 + 14, e->window);
    rig_checksum(out);
    if (e->checksum == WRONG)
        out[size - 1] ^= 1;
    if (e->checksum == VERIFIED)
        offload.flags = FETH_CSUM_VALID;
    if (e->checksum == UNFINISHED) {
        rig_put16(out + l4 + 16, rig_pseudo_sum(out));
        offload.flags = FETH_CSUM_NEEDED;
        offload.csum_start = (uint16_t)(l4 + e->ip_len);
        offload.csum_offset = 16;
        if (len + e->options_len > tcp.peer_mss) {
            offload.gso_type = tcp.version == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6;
            offload.gso_size = (uint16_t)(tcp.peer_mss - e->options_len);
            offload.hdr_len = (uint16_t)(l4 + e->ip_len + 20 + e->options_len);
        }
    }
    if (e->ip_len)
        size = insert(size, e->ip, e->ip_len);
    rig_send_offload(&rig, out, size, &offload);
}

static void assert_received(size_t len)
{
    assert_int_equal(server.len, len);
    assert_memory_equal(server.data, bytes, len);
}

static void assert_acknowledged(uint32_t upto)
{
    uint32_t ack = 0;

    rig_wait(&rig, 120); /* it may be delayed */
    while (rig_recv_ip(&rig, &in))
        ack = rig_be32(in.data + rig_l4(in.data) + 8);
    assert_int_equal(ack - tcp.seq, upto);
}

static void test_fin(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        start(version);
        send_data(0, TOTAL, &(struct extra){.flags = RIG_PSH | RIG_FIN});
        rig_turn(&rig);
        assert_received(TOTAL);
        assert_true(server.closed);
        assert_acknowledged(TOTAL + 1);
        finish();
    }
}

/* lwIP has no urgent data: as with SO_OOBINLINE the bytes stay where they are, and none is lost. */
static void test_urgent(void **state)
{
    (void)state;
    static const unsigned urgent[] = {1, 700, 1460, TOTAL - 1, TOTAL, TOTAL + 1, 65535};

    for (int version = 4; version <= 6; version += 2)
        for (unsigned i = 0; i < sizeof(urgent) / sizeof(urgent[0]); i++) {
            start(version);
            send_data(0, 1000, &(struct extra){.flags = RIG_URG, .urgent = urgent[i]});
            send_data(1000, TOTAL - 2000, &(struct extra){.flags = RIG_URG, .urgent = urgent[i]});
            send_data(TOTAL - 1000, 1000, &(struct extra){0});
            rig_turn(&rig);
            assert_received(TOTAL);
            assert_acknowledged(TOTAL);
            finish();
        }
}

/* Acknowledgement and window come with the data. */
static void test_ack_and_window(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        start(version);
        tcp_nagle_disable(server.pcb);
        server.pcb->cwnd = 10000;
        assert_int_equal(tcp_write(server.pcb, bytes, 3000, TCP_WRITE_FLAG_COPY), ERR_OK);
        assert_int_equal(tcp_output(server.pcb), ERR_OK);
        rig_drain(&rig);
        assert_non_null(server.pcb->unacked);
        tcp.ack += 1000;
        send_data(0, 5000, &(struct extra){.window = 1000});
        rig_turn(&rig);
        assert_int_equal(server.pcb->snd_wnd, 16000);
        assert_int_equal(server.pcb->lastack, tcp.ack);
        tcp.ack += 2000;
        send_data(5000, 5000, &(struct extra){.window = 2000});
        send_data(10000, TOTAL - 10000, &(struct extra){.window = 500});
        rig_turn(&rig);
        assert_null(server.pcb->unacked);
        assert_int_equal(server.pcb->lastack, tcp.ack);
        assert_int_equal(server.pcb->snd_wnd, 8000);
        assert_received(TOTAL);
        finish();
    }
}

/* What does not fit the window any more is not taken, and the end of the connection is not either. */
static void test_beyond_the_window(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        start(version);
        tcpwnd_size_t window = server.pcb->rcv_wnd;
        server.pcb->rcv_wnd = server.pcb->rcv_ann_wnd = 3000;
        send_data(0, TOTAL, &(struct extra){.flags = RIG_FIN});
        rig_turn(&rig);
        assert_received(3000);
        assert_false(server.closed);
        server.pcb->rcv_wnd = server.pcb->rcv_ann_wnd = window;
        send_data(3000, TOTAL - 3000, &(struct extra){.flags = RIG_FIN});
        rig_turn(&rig);
        assert_received(TOTAL);
        assert_true(server.closed);
        finish();
    }
}

/* ---- options ------------------------------------------------------------------------------------------------ */

/* In every state that a checksum can have: large where somebody is to cut, whole segments else. */
static void in_every_state(struct extra *e, size_t room)
{
    size_t at = 0;

    for (e->checksum = 0; e->checksum < CHECKSUMS; e->checksum++) {
        size_t len = e->checksum == UNFINISHED ? 5000 : room;
        u32_t errors = lwip_stats.tcp.chkerr, before = (u32_t)server.len;
        send_data(at, len, e);
        rig_turn(&rig);
        if (e->checksum == WRONG) {
            assert_int_equal(lwip_stats.tcp.chkerr, errors + 1);
            assert_int_equal(server.len, before);
            continue;
        }
        at += len;
        assert_received(at);
        assert_int_equal(lwip_stats.tcp.chkerr, errors);
    }
    assert_acknowledged((uint32_t)at);
}

static void test_ip4_options(void **state)
{
    (void)state;
    static const uint8_t nops[4] = {1, 1, 1, 0}, router_alert[4] = {148, 4, 0, 0}, route[40] = {7, 39, 4},
                         stamps[40] = {68, 40, 5, 0}, security[12] = {130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const struct {
        const uint8_t *bytes;
        size_t len;
    } options[] = {{nops, 4}, {router_alert, 4}, {route, 40}, {stamps, 40}, {security, 12}};

    for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        start(4);
        in_every_state(&(struct extra){.ip = options[i].bytes, .ip_len = options[i].len}, 1460 - 40);
        finish();
    }
}

static void test_ip6_extension_headers(void **state)
{
    (void)state;
    static const uint8_t hop_by_hop[8] = {0, 0, 1, 4}, destination[16] = {60, 1, 1, 12};

    start(6);
    in_every_state(&(struct extra){.ip = hop_by_hop, .ip_len = sizeof(hop_by_hop)}, 1400);
    finish();
    start(6);
    in_every_state(&(struct extra){.ip = destination, .ip_len = sizeof(destination)}, 1400);
    finish();
}

/* Timestamps that were not agreed on, and what nobody knows. */
static void test_tcp_options(void **state)
{
    (void)state;
    static const uint8_t stamps[12] = {1, 1, 8, 10, 1, 2, 3, 4}, unknown[40] = {253, 39};

    for (int version = 4; version <= 6; version += 2) {
        start(version);
        in_every_state(&(struct extra){.options = stamps, .options_len = sizeof(stamps)}, 1400);
        finish();
        start(version);
        in_every_state(&(struct extra){.options = unknown, .options_len = sizeof(unknown)}, 1400);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fin),
        cmocka_unit_test(test_urgent),
        cmocka_unit_test(test_ack_and_window),
        cmocka_unit_test(test_beyond_the_window),
        cmocka_unit_test(test_ip4_options),
        cmocka_unit_test(test_ip6_extension_headers),
        cmocka_unit_test(test_tcp_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
