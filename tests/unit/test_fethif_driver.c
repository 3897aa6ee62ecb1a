/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's own affairs: buffers lent to lwIP, batches, a full handle, waiting and stopping. */
#include "fethif_rig.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <netif/lwip_port.h>

#include "lwip/etharp.h"
#include "lwip/raw.h"
#include "lwip/stats.h"

static struct rig rig;
static struct rig_frame in;
static uint8_t out[65600], bytes[2000];

/* ---- making ------------------------------------------------------------------------------------------------- */

static void test_config_is_checked(void **state)
{
    (void)state;
    struct feth_io *ends[2];
    struct feth_error err;
    struct fethif *f;
    uint8_t multicast[6] = {1};
    struct netif netif;

    assert_int_equal(feth_memory_pair(ends, NULL, &err), 0);
    struct fethif_config good = {.size = sizeof(good), .io = ends[0]}, bad = good;
    assert_int_equal(fethif_new(&f, NULL, &err), FETH_EINVAL);
    assert_null(f);
    bad.size = 1;
    assert_int_equal(fethif_new(&f, &bad, &err), FETH_EINVAL);
    bad = good;
    bad.io = NULL;
    assert_int_equal(fethif_new(&f, &bad, NULL), FETH_EINVAL);
    bad = good;
    bad.mtu = 67;
    assert_int_equal(fethif_new(&f, &bad, &err), FETH_EINVAL);
    assert_non_null(strstr(err.text, "68"));
    assert_string_equal(err.ifname, "memory0");
    bad.mtu = 65522;
    assert_int_equal(fethif_new(&f, &bad, &err), FETH_EINVAL);
    bad = good;
    bad.mac = multicast;
    assert_int_equal(fethif_new(&f, &bad, &err), FETH_EINVAL);
    assert_null(f);
    lwip_port_set_hooks(NULL);
    assert_int_equal(fethif_new(&f, &good, &err), FETH_EINVAL);
    assert_non_null(strstr(err.text, "lwip_port_set_hooks"));
    assert_null(f);
    fethif_free(NULL);

    /* a netif without a driver, and a driver with two */
    assert_null(netif_add(&netif, NULL, NULL, NULL, NULL, fethif_init, netif_input));
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    rig_open(&rig, NULL);
    assert_null(netif_add(&netif, NULL, NULL, NULL, rig.f, fethif_init, netif_input));
    rig_close(&rig);
}

static void count_assertion(const char *what, const char *file, int line, void *arg)
{
    assert_string_equal(what, "never");
    assert_string_equal(file, __FILE__);
    assert_true(line > 0);
    ++*(unsigned *)arg;
}

/* The program decides, also to go on. */
static void test_assertions_are_the_programs(void **state)
{
    (void)state;
    unsigned count = 0;

    lwip_port_set_hooks(&(struct lwip_port_hooks){.assertion = count_assertion, .arg = &count});
    LWIP_ASSERT("never", count > 0);
    assert_int_equal(count, 1);
    LWIP_ASSERT("never", count > 0);
    assert_int_equal(count, 1);
    lwip_port_set_hooks(NULL);
    LWIP_ASSERT("never", count == 0);
    assert_int_equal(count, 1);
}

static void test_without_netif(void **state)
{
    (void)state;
    struct fethif_stats stats;

    rig_open(&rig, NULL);
    netif_remove(&rig.netif);
    rig_drain(&rig);
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 56));
    rig_turn(&rig);
    fethif_flush(rig.f);
    assert_false(rig_recv(&rig, &in));
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.rx_dropped, 1);
    /* and it can be added again */
    ip4_addr_t ip, mask;
    memcpy(&ip, rig_ip4[1], 4);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    assert_non_null(netif_add(&rig.netif, &ip, &mask, NULL, rig.f, fethif_init, netif_input));
    netif_set_up(&rig.netif);
    rig_drain(&rig);
    rig_send(&rig, out, rig_make_arp_request(out, rig_ip4[1]));
    rig_turn(&rig);
    assert_true(rig_recv(&rig, &in));
    rig_close(&rig);
}

/* ---- lent buffers ------------------------------------------------------------------------------------------- */

enum { HELD_MAX = 64 };
static struct pbuf *held[HELD_MAX];
static unsigned n_held;

static u8_t keep(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)arg;
    (void)pcb;
    (void)addr;
    assert_true(n_held < HELD_MAX);
    held[n_held++] = p;
    return 1;
}

static void assert_held(unsigned i, unsigned seq, size_t len)
{
    rig_make_echo(out, 4, seq, len);
    assert_int_equal(held[i]->tot_len, 28 + len);
    assert_int_equal(pbuf_memcmp(held[i], 0, out + 14, (u16_t)(28 + len)), 0);
}

static void test_held_buffers(void **state)
{
    (void)state;
    struct fethif_stats stats;

    for (int free_driver_first = 0; free_driver_first < 2; free_driver_first++) {
        rig_open(&rig, &(struct rig_config){.rx_buffers = 16});
        struct raw_pcb *pcb = raw_new(IP_PROTO_ICMP);
        raw_recv(pcb, keep, NULL);
        n_held = 0;
        fethif_get_stats(rig.f, &stats);
        uint64_t borrowed = stats.rx_borrowed;
        for (unsigned i = 0; i < 40; i++) {
            rig_send(&rig, out, rig_make_echo(out, 4, i, 100 + i));
            rig_turn(&rig);
        }
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(n_held, 40);
        assert_int_equal(stats.rx_borrowed - borrowed, 8); /* half of the buffers */
        assert_int_equal(stats.rx_copied, 32);
        for (unsigned i = 0; i < 40; i++)
            assert_held(i, i, 100 + i);

        /* what is given back is lent again */
        for (unsigned i = 0; i < 4; i++)
            pbuf_free(held[i]);
        memmove(held, held + 4, 36 * sizeof(held[0]));
        n_held = 36;
        for (unsigned i = 0; i < 8; i++) {
            rig_send(&rig, out, rig_make_echo(out, 4, 40 + i, 10));
            rig_turn(&rig);
        }
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.rx_borrowed - borrowed, 12);
        assert_int_equal(stats.rx_copied, 36);
        raw_remove(pcb);

        if (free_driver_first) {
            /* pbufs outlive netif, driver and handle */
            size_t used = rig.used;
            rig.leaves_fragments = true; /* compared below */
            rig_close(&rig);
            for (unsigned i = 0; i < 36; i++)
                assert_held(i, i + 4, 104 + i);
            for (unsigned i = 0; i < n_held; i++)
                pbuf_free(held[i]);
            memset(held, 0, sizeof(held)); /* so that a leak is nobody's */
            assert_int_equal(lwip_stats.mem.used, used);
        } else {
            for (unsigned i = 0; i < n_held; i++)
                pbuf_free(held[i]);
            rig_close(&rig);
        }
    }
}

/* With a single buffer nothing is lent, and nothing gets stuck. */
static void test_one_buffer(void **state)
{
    (void)state;
    struct fethif_stats stats;

    rig_open(&rig, &(struct rig_config){.rx_buffers = 1});
    for (unsigned i = 0; i < 100; i++)
        rig_send(&rig, out, rig_make_echo(out, 4, i, 56));
    rig_turn(&rig);
    for (unsigned i = 0; i < 100; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(rig_be16(in.data + 40), i);
    }
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.rx_borrowed, 0);
    assert_true(stats.rx_copied >= 100);
    rig_close(&rig);
}

/* ---- batches ------------------------------------------------------------------------------------------------ */

static uint64_t tx_calls(void)
{
    struct feth_io_stats stats;

    feth_io_get_stats(rig.io, &stats);
    return stats.tx_calls;
}

static void test_one_batch_for_a_turn(void **state)
{
    (void)state;

    rig_open(&rig, NULL);
    for (unsigned i = 0; i < 50; i++)
        rig_send(&rig, out, rig_make_echo(out, 4, i, 56));
    uint64_t before = tx_calls();
    rig_turn(&rig);
    assert_int_equal(tx_calls(), before + 1);
    for (unsigned i = 0; i < 50; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(rig_be16(in.data + 40), i);
    }
    /* outside a turn: at once */
    before = tx_calls();
    etharp_gratuitous(&rig.netif);
    assert_int_equal(tx_calls(), before + 1);
    assert_true(rig_recv(&rig, &in));
    etharp_gratuitous(&rig.netif);
    assert_int_equal(tx_calls(), before + 2);
    rig_close(&rig);
}

static void test_turns_are_bounded(void **state)
{
    (void)state;
    unsigned n = 0;

    rig_open(&rig, &(struct rig_config){.socket_buffer = 16 * 1024 * 1024});
    for (unsigned i = 0; i < 600; i++)
        rig_send(&rig, out, rig_make_echo(out, 4, i, 10));
    rig_turn(&rig);
    assert_int_equal(fethif_timeout(rig.f), 0); /* there is more */
    while (rig_recv_ip(&rig, &in))
        assert_int_equal(rig_be16(in.data + 40), n++);
    assert_int_equal(n, 256);
    rig_turn(&rig);
    rig_turn(&rig);
    while (rig_recv_ip(&rig, &in))
        assert_int_equal(rig_be16(in.data + 40), n++);
    assert_int_equal(n, 600);
    assert_int_not_equal(fethif_timeout(rig.f), 0);
    rig_close(&rig);
}

static err_t send_udp(struct udp_pcb *pcb, struct pbuf *p)
{
    ip_addr_t to;

    IP_ADDR4(&to, 10, 0, 0, 1);
    return udp_sendto(pcb, p, &to, 9);
}

static struct pbuf *numbered(unsigned i, u16_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, len, PBUF_RAM);

    assert_non_null(p);
    memset(p->payload, 0, len);
    rig_put32(p->payload, i);
    return p;
}

/* A handle that takes no more: order is kept, what does not fit is counted, and the sender is told. */
static void test_full_handle(void **state)
{
    (void)state;
    struct fethif_stats stats;
    unsigned accepted = 0, got = 0, refused = 0;

    rig_open(&rig, &(struct rig_config){.socket_buffer = 32768});
    struct udp_pcb *pcb = rig_udp_echo(7);
    for (unsigned i = 0; i < 5000; i++) {
        struct pbuf *p = numbered(accepted, 1000);
        if (send_udp(pcb, p) == ERR_OK)
            accepted++;
        else
            refused++;
        pbuf_free(p);
    }
    assert_true(refused > 0);
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.tx_dropped, refused);
    assert_true(fethif_timeout(rig.f) == 0 || fethif_timeout(rig.f) == 1); /* some are waiting */
    for (int turn = 0; turn < 200; turn++) {
        while (rig_recv_ip(&rig, &in))
            assert_int_equal(rig_be32(in.data + 42), got++);
        rig_turn(&rig);
    }
    assert_int_equal(got, accepted);
    /* once more, with frames left behind when the driver goes */
    for (unsigned i = 0; i < 1000; i++) {
        struct pbuf *p = numbered(i, 1000);
        send_udp(pcb, p);
        pbuf_free(p);
    }
    udp_remove(pcb);
    rig_close(&rig);
}

/* ---- what is copied ----------------------------------------------------------------------------------------- */

static u8_t send_volatile(void *arg, struct raw_pcb *raw, struct pbuf *p, const ip_addr_t *addr)
{
    (void)raw;
    (void)p;
    (void)addr;
    /* the memory changes as soon as lwIP's call is back, and that is before the end of the turn */
    for (unsigned i = 0; i < 3; i++) {
        struct pbuf *ref = pbuf_alloc(PBUF_TRANSPORT, sizeof(bytes), PBUF_REF);
        ref->payload = bytes;
        memset(bytes, (int)(i + 1), sizeof(bytes));
        assert_int_equal(send_udp(arg, ref), ERR_OK);
        memset(bytes, 0xee, sizeof(bytes));
        pbuf_free(ref);
    }
    return 0;
}

static void test_volatile_memory_is_copied(void **state)
{
    (void)state;
    struct fethif_stats stats;
    static const unsigned mtus[] = {9000, 1500}; /* whole, and in fragments */

    for (unsigned m = 0; m < 2; m++) {
        rig_open(&rig, &(struct rig_config){.mtu = mtus[m]});
        struct udp_pcb *pcb = rig_udp_echo(7);
        struct raw_pcb *raw = raw_new(IP_PROTO_ICMP);
        raw_recv(raw, send_volatile, pcb);
        rig_send(&rig, out, rig_make_echo(out, 4, 0, 10));
        rig_turn(&rig);
        for (unsigned i = 0; i < 3; i++) {
            size_t have = 0;
            while (have < 8 + sizeof(bytes)) {
                assert_true(rig_recv_ip(&rig, &in));
                for (size_t k = have ? 34 : 42; k < in.len; k++)
                    assert_int_equal(in.data[k], i + 1);
                have += in.len - 34;
            }
        }
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.tx_copied, m == 0 ? 3 : 6);
        raw_remove(raw);
        udp_remove(pcb);
        rig_close(&rig);
    }
}

/* A received frame that goes back is referenced, also when the application frees it first. */
static void test_received_frame_is_sent_without_copy(void **state)
{
    (void)state;
    struct fethif_stats stats;

    rig_open(&rig, NULL);
    struct udp_pcb *pcb = rig_udp_echo(7);
    for (unsigned i = 0; i < 60; i++) {
        memset(bytes, (int)i, sizeof(bytes));
        rig_send(&rig, out, rig_make_udp(out, 4, 5000, 7, bytes, 1000));
    }
    rig_turn(&rig);
    for (unsigned i = 0; i < 60; i++) {
        assert_true(rig_recv_ip(&rig, &in));
        memset(bytes, (int)i, sizeof(bytes));
        assert_memory_equal(in.data + 42, bytes, 1000);
    }
    fethif_get_stats(rig.f, &stats);
    assert_int_equal(stats.tx_copied, 0);
    assert_int_equal(stats.rx_copied, 0);
    udp_remove(pcb);
    rig_close(&rig);
}

static void test_many_pieces(void **state)
{
    (void)state;
    struct fethif_stats stats;

    rig_open(&rig, NULL);
    struct udp_pcb *pcb = rig_udp_echo(7);
    for (unsigned pieces = 100; pieces <= 200; pieces += 100) {
        struct pbuf *chain = NULL;
        for (unsigned i = 0; i < pieces; i++) {
            struct pbuf *p = pbuf_alloc(chain ? PBUF_RAW : PBUF_TRANSPORT, 5, PBUF_RAM);
            memset(p->payload, (int)i, 5);
            if (chain)
                pbuf_cat(chain, p);
            else
                chain = p;
        }
        assert_int_equal(send_udp(pcb, chain), ERR_OK);
        pbuf_free(chain);
        assert_true(rig_recv_ip(&rig, &in));
        assert_int_equal(in.len, 42 + 5 * pieces);
        for (unsigned i = 0; i < 5 * pieces; i++)
            assert_int_equal(in.data[42 + i], i / 5);
        fethif_get_stats(rig.f, &stats);
        assert_int_equal(stats.tx_copied, pieces > FETH_IOV_MAX);
    }
    udp_remove(pcb);
    rig_close(&rig);
}

/* ---- waiting and stopping ----------------------------------------------------------------------------------- */

static void test_timeout_and_descriptor(void **state)
{
    (void)state;
    struct pollfd p;

    rig_open(&rig, NULL);
    int timeout = fethif_timeout(rig.f);
    assert_true(timeout > 0 && timeout <= 1000); /* lwIP's ARP timer runs every second */
    p = (struct pollfd){.fd = fethif_fd(rig.f), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 56));
    assert_int_equal(poll(&p, 1, 0), 1);
    rig_turn(&rig);
    assert_int_equal(poll(&p, 1, 0), 0);
    rig_close(&rig);
}

static void *stop_later(void *arg)
{
    poll(NULL, 0, 50);
    fethif_stop(arg);
    return NULL;
}

static volatile sig_atomic_t alarmed;

static void on_alarm(int sig)
{
    (void)sig;
    alarmed = 1;
    fethif_stop(rig.f);
}

static void test_run_and_stop(void **state)
{
    (void)state;
    pthread_t thread;
    struct feth_error err;

    rig_open(&rig, NULL);
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 56));
    assert_int_equal(pthread_create(&thread, NULL, stop_later, rig.f), 0);
    assert_int_equal(fethif_run(rig.f, &err), 0);
    pthread_join(thread, NULL);
    assert_true(rig_recv_ip(&rig, &in));

    /* before it runs, and more often than a pipe holds */
    for (unsigned i = 0; i < 100000; i++)
        fethif_stop(rig.f);
    assert_int_equal(fethif_run(rig.f, &err), 0);

    signal(SIGALRM, on_alarm);
    ualarm(50000, 0);
    assert_int_equal(fethif_run(rig.f, &err), 0);
    assert_true(alarmed); /* all that was said before is forgotten */
    signal(SIGALRM, SIG_DFL);

    feth_io_close(rig.wire);
    rig.wire = NULL;
    assert_int_equal(fethif_run(rig.f, &err), FETH_EGONE);
    assert_int_equal(err.code, FETH_EGONE);
    assert_int_equal(fethif_dispatch(rig.f, NULL), FETH_EGONE);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_is_checked),
        cmocka_unit_test(test_assertions_are_the_programs),
        cmocka_unit_test(test_without_netif),
        cmocka_unit_test(test_held_buffers),
        cmocka_unit_test(test_one_buffer),
        cmocka_unit_test(test_one_batch_for_a_turn),
        cmocka_unit_test(test_turns_are_bounded),
        cmocka_unit_test(test_full_handle),
        cmocka_unit_test(test_volatile_memory_is_copied),
        cmocka_unit_test(test_received_frame_is_sent_without_copy),
        cmocka_unit_test(test_many_pieces),
        cmocka_unit_test(test_timeout_and_descriptor),
        cmocka_unit_test(test_run_and_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
