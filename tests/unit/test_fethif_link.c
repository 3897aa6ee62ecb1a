/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver makes of changes of its interface.  They are played by setting the handle's link state. */
#include "fethif_rig.h"

#include "core/io_ops.h"
#include "lwip/etharp.h"
#include "lwip/stats.h"

static struct rig rig;
static struct rig_frame in;
static uint8_t out[2000];

static unsigned calls;
static struct feth_link last;

static void changed(struct netif *netif, const struct feth_link *link, void *arg)
{
    assert_ptr_equal(netif, &rig.netif);
    assert_ptr_equal(arg, &calls);
    last = *link;
    calls++;
}

static void start(unsigned mtu, unsigned driver_mtu)
{
    calls = 0;
    rig_open(&rig, &(struct rig_config){
                       .mtu = mtu, .driver_mtu = driver_mtu, .link_changed = changed, .arg = &calls});
}

static void set_link(bool up, bool carrier, unsigned mtu, const uint8_t *mac)
{
    struct feth_link link;

    feth_io_get_link(rig.io, &link);
    link.up = up;
    link.carrier = carrier;
    link.mtu = mtu ? mtu : link.mtu;
    if (mac)
        memcpy(link.mac, mac, 6);
    feth_io_set_link(rig.io, &link);
}

/* Whether lwIP has announced its addresses: ARP, and neighbour advertisements to all nodes. */
static bool announced(const uint8_t *mac)
{
    bool arp = false, na = false;

    while (rig_recv(&rig, &in)) {
        if (rig_be16(in.data + 12) == 0x0806 && memcmp(in.data + 28, rig_ip4[1], 4) == 0 &&
            memcmp(in.data + 38, rig_ip4[1], 4) == 0)
            arp = memcmp(in.data + 22, mac, 6) == 0;
        if (rig_be16(in.data + 12) == 0x86dd && in.data[20] == 58 && in.data[54] == 136 &&
            memcmp(in.data + 62, rig_ip6[1], 16) == 0) {
            assert_int_equal(rig_transport_sum(in.data), 0xffff);
            assert_int_equal(in.data[21], 255);
            assert_int_equal(in.data[0], 0x33);
            na = memcmp(in.data + 80, mac, 6) == 0;
        }
    }
    return arp && na;
}

static void assert_answers(void)
{
    rig_send(&rig, out, rig_make_arp_request(out, rig_ip4[1]));
    rig_turn(&rig);
    rig_drain(&rig);
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 56));
    rig_turn(&rig);
    assert_true(rig_recv_ip(&rig, &in));
}

static void test_netif_at_the_start(void **state)
{
    (void)state;
    start(4000, 0);
    assert_int_equal(rig.netif.mtu, 4000);
    assert_int_equal(rig.netif.mtu6, 4000);
    assert_int_equal(rig.netif.hwaddr_len, 6);
    assert_memory_equal(rig.netif.hwaddr, rig_stack_mac, 6);
    assert_true(netif_is_link_up(&rig.netif));
    const u8_t flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    assert_int_equal(rig.netif.flags & flags, flags);
    assert_true(ip6_addr_islinklocal(netif_ip6_addr(&rig.netif, 0)));
    assert_int_equal(calls, 0);
    rig_close(&rig);
    /* a frame must fit 16 bits */
    start(65535, 0);
    assert_int_equal(rig.netif.mtu, 65521);
    rig_close(&rig);
    /* no more than the interface takes */
    start(1500, 9000);
    assert_int_equal(rig.netif.mtu, 1500);
    rig_close(&rig);
    start(9000, 1280);
    assert_int_equal(rig.netif.mtu, 1280);
    rig_close(&rig);
}

static void test_down_and_up(void **state)
{
    (void)state;
    ip4_addr_t ip;
    struct eth_addr *mac;
    const ip4_addr_t *found;

    start(0, 0);
    memcpy(&ip, rig_ip4[0], 4);
    assert_true(etharp_find_addr(&rig.netif, &ip, &mac, &found) >= 0);
    for (int carrier_only = 0; carrier_only < 2; carrier_only++) {
        calls = 0;
        set_link(carrier_only, false, 0, NULL);
        rig_turn(&rig);
        assert_false(netif_is_link_up(&rig.netif));
        assert_true(netif_is_up(&rig.netif)); /* that is the application's */
        assert_int_equal(calls, 1);
        assert_int_equal(last.up, carrier_only);
        assert_false(last.carrier);
        assert_true(etharp_find_addr(&rig.netif, &ip, &mac, &found) < 0);
        rig_turn(&rig);
        assert_int_equal(calls, 1);
        rig_drain(&rig);

        set_link(true, true, 0, NULL);
        rig_turn(&rig);
        assert_true(netif_is_link_up(&rig.netif));
        assert_int_equal(calls, 2);
        assert_true(last.up && last.carrier);
        assert_true(announced(rig_stack_mac));
        assert_answers();
    }
    rig_close(&rig);
}

/* Down and up between two turns: the neighbours may be others. */
static void test_flap_between_turns(void **state)
{
    (void)state;
    ip4_addr_t ip;
    struct eth_addr *mac;
    const ip4_addr_t *found;

    start(0, 0);
    memcpy(&ip, rig_ip4[0], 4);
    set_link(false, false, 0, NULL);
    set_link(true, true, 0, NULL);
    rig_turn(&rig);
    assert_int_equal(calls, 1);
    assert_true(netif_is_link_up(&rig.netif));
    assert_true(etharp_find_addr(&rig.netif, &ip, &mac, &found) < 0);
    assert_true(announced(rig_stack_mac));
    assert_answers();
    rig_close(&rig);
}

static void test_mtu(void **state)
{
    (void)state;
    ip4_addr_t ip;
    struct eth_addr *mac;
    const ip4_addr_t *found;

    start(9000, 0);
    set_link(true, true, 1400, NULL);
    rig_turn(&rig);
    assert_int_equal(rig.netif.mtu, 1400);
    assert_int_equal(rig.netif.mtu6, 1400);
    assert_int_equal(calls, 1);
    memcpy(&ip, rig_ip4[0], 4);
    assert_true(etharp_find_addr(&rig.netif, &ip, &mac, &found) >= 0); /* still who they were */
    rig_drain(&rig);
    rig_send(&rig, out, rig_make_echo(out, 4, 1, 1500));
    rig_turn(&rig);
    assert_true(rig_recv_ip(&rig, &in));
    assert_int_equal(in.len, 14 + 1396); /* a fragment */
    set_link(true, true, 9000, NULL);
    rig_turn(&rig);
    assert_int_equal(rig.netif.mtu, 9000);
    rig_close(&rig);

    start(9000, 2000);
    set_link(true, true, 1400, NULL);
    rig_turn(&rig);
    assert_int_equal(rig.netif.mtu, 1400);
    set_link(true, true, 9000, NULL);
    rig_turn(&rig);
    assert_int_equal(rig.netif.mtu, 2000);
    rig_close(&rig);
}

static void test_mac(void **state)
{
    (void)state;
    static const uint8_t interface[6] = {0x66, 0x65, 0x74, 0x68, 0, 9},
                         other[6] = {0x6e, 0x65, 0x74, 0x68, 0, 9};

    start(0, 0);
    set_link(true, true, 0, interface);
    rig_turn(&rig);
    assert_memory_equal(rig.netif.hwaddr, other, 6);
    assert_int_equal(calls, 1);
    assert_true(announced(other));
    rig_send(&rig, out, rig_make_arp_request(out, rig_ip4[1]));
    rig_turn(&rig);
    assert_true(rig_recv(&rig, &in));
    assert_memory_equal(in.data + 22, other, 6);
    rig_close(&rig);
}

static void test_gone(void **state)
{
    (void)state;
    struct feth_error err;

    start(0, 0);
    feth_io_close(rig.wire);
    rig.wire = NULL;
    assert_int_equal(fethif_dispatch(rig.f, &err), FETH_EGONE);
    assert_non_null(strstr(err.text, "memory0"));
    assert_false(netif_is_link_up(&rig.netif));
    assert_int_equal(calls, 1);
    assert_true(last.gone);
    /* sending to nobody does no harm */
    etharp_gratuitous(&rig.netif);
    assert_int_equal(fethif_dispatch(rig.f, &err), FETH_EGONE);
    assert_int_equal(calls, 1);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_netif_at_the_start),
        cmocka_unit_test(test_down_and_up),
        cmocka_unit_test(test_flap_between_turns),
        cmocka_unit_test(test_mtu),
        cmocka_unit_test(test_mac),
        cmocka_unit_test(test_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
