/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledgements that the next one makes needless, in both directions, and those that large frames ask for. */
#include "fethif_rig.h"

#include <stdlib.h>

#include "../../netif/fethif_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

static struct rig rig;
static struct rig_server server;
static struct rig_tcp tcp;
static struct rig_frame in;
static uint8_t a[2048], b[2048], bytes[20000];
static const struct feth_offload valid = {.flags = FETH_CSUM_VALID};

static void start(int version)
{
    rig_open(&rig, &(struct rig_config){.offload = true});
    rig_serve(&server, 80);
    tcp = (struct rig_tcp){.mss = 1460, .scale = 4};
    rig_tcp_connect(&rig, &tcp, version, 80);
    server.pcb->cwnd = TCP_SND_BUF;
    assert_int_equal(tcp_write(server.pcb, bytes, 10000, 0), ERR_OK);
    assert_int_equal(tcp_output(server.pcb), ERR_OK);
    rig_drain(&rig);
}

static void finish(void)
{
    rig_serve_end(&server);
    rig_close(&rig);
}

/* An acknowledgement of that many bytes, as a frame.  @return its length */
static size_t make(uint8_t *frame, uint32_t acked)
{
    struct rig_tcp now = tcp;

    now.ack += acked;
    return rig_make_tcp(frame, &now, RIG_ACK, NULL, 0, NULL, 0);
}

static bool superseded(size_t a_len, size_t b_len)
{
    return fethif_ack_superseded(a, a_len, b, b_len);
}

static void test_which(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        tcp =
            (struct rig_tcp){.version = version, .port = 1000, .peer_port = 80, .seq = 5, .ack = 0xfffffff0};
        size_t ip = 14, l4 = version == 4 ? 34 : 54;
        size_t n = make(a, 0);
        assert_int_equal(make(b, 100), n); /* across 2^32 */
        assert_true(superseded(n, n));
        memcpy(b, a, n);
        assert_false(superseded(n, n)); /* the same once more tells of a loss */
        make(b, (uint32_t)-100);
        assert_false(superseded(n, n)); /* an old one */

        /* everything that another connection, or more than an acknowledgement, differs in */
        struct {
            size_t at;
            uint8_t mask;
        } changes[] = {
            {0, 2},
            {6, 2},
            {12, 0x80},
            {13, 1},
            {ip, 0x10},
            {ip + 1, 1},
            {l4 - 1, 1},
            {l4, 1},
            {l4 + 3, 1},
            {l4 + 7, 1},
            {l4 + 12, 1},
            {l4 + 12, 16},
            {l4 + 13, 1},
            {l4 + 13, 2},
            {l4 + 13, 4},
            {l4 + 13, 8},
            {l4 + 13, 16},
            {l4 + 13, 32},
            {l4 + 13, 64},
            {l4 + 13, 128},
            {ip + (version == 4 ? 9 : 6), 1},
            {ip + (version == 4 ? 3 : 5), 1},
            {ip + (version == 4 ? 6 : 7), 0x20},
            {ip + (version == 4 ? 8 : 3), 1},
        };
        for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
            for (int both = 0; both < 2; both++) {
                make(a, 0);
                make(b, 100);
                b[changes[i].at] ^= changes[i].mask;
                if (both)
                    a[changes[i].at] ^= changes[i].mask;
                /* both of another connection are as good as both of this one */
                bool same_flow =
                    both && (changes[i].at < 12 || changes[i].at == ip + 1 || changes[i].at == l4 - 1 ||
                             changes[i].at == ip + (version == 4 ? 8 : 3) ||
                             (changes[i].at >= l4 && changes[i].at < l4 + 8));
                if (version == 6 && both && (changes[i].at == ip + 7))
                    same_flow = true;
                if (superseded(n, n) != same_flow)
                    fail_msg("IPv%d, byte %zu, mask %x, both %d", version, changes[i].at, changes[i].mask,
                             both);
            }

        /* cut short: nothing is read beyond the end */
        make(a, 0);
        make(b, 100);
        for (size_t len = 0; len < n; len++) {
            uint8_t *short_a = malloc(len + 1), *short_b = malloc(len + 1);
            assert_non_null(short_a);
            assert_non_null(short_b);
            memcpy(short_a, a, len);
            memcpy(short_b, b, len);
            assert_false(fethif_ack_superseded(short_a, len, short_b, len));
            free(short_a);
            free(short_b);
        }
    }
}

static void test_received(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int version = 4; version <= 6; version += 2) {
        start(version);
        u32_t before = lwip_stats.tcp.recv;
        for (uint32_t i = 1; i <= 5; i++)
            rig_send_offload(&rig, a, make(a, i * 1000), &valid);
        rig_turn(&rig);
        assert_int_equal(lwip_stats.tcp.recv, before + 1);
        assert_int_equal(server.pcb->lastack, tcp.ack + 5000);
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_acks_joined, 4);

        /* the third repetition asks for a segment again: all of them count */
        assert_false(server.pcb->flags & TF_INFR);
        for (int i = 0; i < 3; i++)
            rig_send_offload(&rig, a, make(a, 5000), &valid);
        rig_turn(&rig);
        assert_int_equal(lwip_stats.tcp.recv, before + 4);
        assert_true(server.pcb->flags & TF_INFR); /* fast recovery */

        /* one whose checksum is yet to be verified may be a damaged one: what came before it counts */
        rig_send_offload(&rig, a, make(a, 6000), &valid);
        size_t n = make(a, 7000);
        a[n - 4] ^= 1;
        rig_send(&rig, a, n);
        rig_turn(&rig);
        assert_int_equal(server.pcb->lastack, tcp.ack + 6000);
        finish();
    }
}

/* @param len of each of n segments of one turn.  @return the acknowledgements that lwIP sent for them at once */
static unsigned acknowledgements(unsigned n, size_t len)
{
    unsigned seen = 0;
    uint32_t last = 0;

    for (unsigned i = 0; i < n; i++) {
        static uint8_t frame[20000];
        size_t total = rig_make_tcp(frame, &tcp, RIG_ACK, NULL, 0, bytes, len);
        size_t l4 = rig_l4(frame);
        struct feth_offload large = {
            .flags = FETH_CSUM_NEEDED,
            .csum_start = (uint16_t)l4,
            .csum_offset = 16,
            .gso_type = tcp.version == 4 ? FETH_GSO_TCPV4 : FETH_GSO_TCPV6,
            .gso_size = 1440,
            .hdr_len = (uint16_t)(l4 + 20),
        };
        rig_put16(frame + l4 + 16, rig_pseudo_sum(frame));
        if (len <= 1440)
            large.gso_type = FETH_GSO_NONE;
        rig_send_offload(&rig, frame, total, &large);
        tcp.seq += (uint32_t)len;
    }
    rig_turn(&rig);
    while (rig_recv_ip(&rig, &in)) {
        seen++;
        last = rig_be32(in.data + rig_l4(in.data) + 8);
    }
    if (seen)
        assert_int_equal(last, tcp.seq);
    return seen;
}

static void test_sent(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int version = 4; version <= 6; version += 2) {
        rig_open(&rig, &(struct rig_config){.offload = true});
        rig_serve(&server, 80);
        tcp = (struct rig_tcp){.mss = 1460, .scale = 4};
        rig_tcp_connect(&rig, &tcp, version, 80);
        assert_int_equal(acknowledgements(1, 100), 0);  /* delayed … */
        assert_int_equal(acknowledgements(1, 100), 1);  /* … until the second */
        assert_int_equal(acknowledgements(1, 9000), 1); /* more than two segments in one frame */
        assert_int_equal(acknowledgements(1, 9000), 1);
        assert_int_equal(acknowledgements(4, 9000), 1); /* the last says it all */
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.tx_acks_joined, 3);
        assert_int_equal(server.len, 200 + 6 * 9000);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which),
        cmocka_unit_test(test_received),
        cmocka_unit_test(test_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
