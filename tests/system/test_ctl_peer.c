/* SPDX-License-Identifier: Apache-2.0 */
/* Peers: connecting, disconnecting, destroying one end; what is kept, and what is refused. */
#include "ctl_rig.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};

/* feth0 with all that an interface can have, feth1 with little */
static void make_two(void)
{
    static const char *const addrs[] = {"10.0.0.1/24", "10.0.0.7/24", "192.0.2.1/30", "fd00::1/64",
                                        "fd00::7/64"};
    struct feth_config rich = FETH_CONFIG_INIT, poor = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    rich.addrs = addrs;
    rich.n_addrs = 5;
    rich.mtu = 9000;
    rich.mac = mac1;
    rich.up = true;
    rich.nud = FETH_OFF;
    rich.accept_ra = FETH_OFF;
    rich.lifetime = FETH_PERSISTENT;
    poor.mtu = 1280;
    rig_ok(feth_create(ctl, &rich, name, &err));
    rig_ok(feth_create(ctl, &poor, name, &err));
}

static void assert_peers(const char *a, const char *b)
{
    char peer[FETH_NAME_SIZE];

    rig_ok(feth_get_peer(ctl, a, peer, &err));
    assert_string_equal(peer, b ? b : "");
    if (b) {
        rig_ok(feth_get_peer(ctl, b, peer, &err));
        assert_string_equal(peer, a);
    }
}

static bool carrier(const char *name)
{
    struct feth_status s = rig_status(name);

    feth_status_clear(&s);
    return s.carrier;
}

static void test_all_is_kept(void **state)
{
    (void)state;
    make_two();
    rig_set_sysctl("ipv4/conf/feth0/rp_filter", 2);
    rig_set_sysctl("ipv4/conf/feth0/proxy_arp", 1);
    rig_ip("link set feth0 arp off allmulticast on");
    /* what others may add: a scope, a far address, a broadcast of its own, no route */
    rig_ip("addr add 10.9.0.1/32 peer 10.9.0.2 scope link dev feth0");
    rig_ip("addr add 10.8.0.1/24 broadcast 10.8.0.99 noprefixroute dev feth0 label feth0:vpn");
    rig_ip("addr add 10.7.0.1/24 dev feth0 valid_lft 1000 preferred_lft 900");
    char *before = rig_look(RIG_FETHS);
    for (int i = 0; i < 2; i++) {
        rig_ok(feth_set_peer(ctl, "feth0", "feth1", &err));
        assert_peers("feth0", "feth1");
        assert_false(carrier("feth0")); /* feth1 is down */
        char *now = rig_look(RIG_FETHS);
        assert_string_equal(now, before);
        free(now);
        assert_int_equal(if_nametoindex("fstub0"), 0);
        assert_int_equal(if_nametoindex("fstub1"), 0);

        rig_ok(feth_set_up(ctl, "feth1", true, &err));
        assert_true(carrier("feth0") && carrier("feth1"));
        rig_ok(feth_set_peer(ctl, i ? "feth0" : "feth1", NULL, &err));
        assert_peers("feth0", NULL);
        assert_peers("feth1", NULL);
        assert_false(carrier("feth0") || carrier("feth1"));
        rig_ok(feth_set_up(ctl, "feth1", false, &err));
        now = rig_look(RIG_FETHS);
        assert_string_equal(now, before);
        free(now);
        assert_int_equal(rig_sysctl("ipv4/conf/feth0/rp_filter"), 2);
        assert_int_equal(rig_sysctl("ipv4/conf/feth0/proxy_arp"), 1);
        rig_ip("-o addr show dev feth0 | grep -q '10.9.0.1 peer 10.9.0.2/32 scope link'");
        rig_ip("-o addr show dev feth0 | grep -q 'brd 10.8.0.99 .*noprefixroute feth0:vpn'");
        rig_ip(
            "-o addr show dev feth0 | grep -q '10.7.0.1/24 .*valid_lft [0-9]*sec preferred_lft [0-9]*sec'");
        rig_ip("-o addr show dev feth0 | grep -q '10.0.0.7/24 brd 10.0.0.255 .*secondary'");
        rig_ip("route show | grep -q '^10.0.0.0/24 dev feth0'");
        rig_ip("-6 route show | grep -q '^fd00::/64 dev feth0'");
    }
    free(before);
    struct feth_status s = rig_status("feth0");
    assert_int_equal(s.ownership, FETH_OURS_PERSISTENT);
    feth_status_clear(&s);
}

/* The order decides which address the host speaks from. */
static void test_order_of_addresses_is_kept(void **state)
{
    (void)state;
    make_two();
    struct feth_status was = rig_status("feth0");
    rig_ok(feth_set_peer(ctl, "feth0", "feth1", &err));
    struct feth_status is = rig_status("feth0");
    assert_int_equal(was.n_addrs, is.n_addrs);
    assert_memory_equal(was.addrs, is.addrs, was.n_addrs * sizeof(*was.addrs));
    feth_status_clear(&was);
    feth_status_clear(&is);
}

/* The quiet I/O side of a pair stays quiet. */
static void test_quiet_is_kept(void **state)
{
    (void)state;
    struct feth_pair pair;

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ok(feth_set_peer(ctl, pair.host, NULL, &err));
    rig_ok(feth_set_peer(ctl, pair.io, pair.host, &err));
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/forwarding"), 0);
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/arp_ignore"), 8);
    assert_int_equal(rig_sysctl("ipv6/conf/feth1/disable_ipv6"), 1);
    assert_int_equal(rig_sysctl("ipv6/conf/feth1/addr_gen_mode"), 1);
    assert_int_equal(rig_sysctl("ipv6/conf/feth0/disable_ipv6"), 0);
}

static void test_link_local_is_kept(void **state)
{
    (void)state;
    static const char *const addrs[] = {"fd00::1/64"};
    struct feth_config config = FETH_CONFIG_INIT, far = FETH_CONFIG_INIT;
    struct feth_pair pair;

    config.addrs = addrs;
    config.n_addrs = 1;
    config.mac = mac1;
    config.up = far.up = true;
    rig_ok(feth_pair_create(ctl, &config, &far, &pair, &err));
    for (int tries = 0; tries < 50 && !rig_has_addr(pair.host, "fe80::aff:fe00:1/64"); tries++)
        usleep(100000);
    assert_true(rig_has_addr(pair.host, "fe80::aff:fe00:1/64"));
    rig_ok(feth_set_peer(ctl, pair.host, NULL, &err));
    assert_true(rig_has_addr(pair.host, "fe80::aff:fe00:1/64"));
}

static void test_refused(void **state)
{
    (void)state;
    struct feth_pair pair;

    make_two();
    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err)); /* feth2, feth3 */
    char *before = rig_look(RIG_ALL);
    rig_refused(feth_set_peer(ctl, "feth0", "feth0", &err), FETH_ESELF, "another");
    rig_refused(feth_set_peer(ctl, "feth2", "feth3", &err), FETH_EPEERED,
                "feth2 is already peered with feth3");
    rig_refused(feth_set_peer(ctl, "feth3", "feth2", &err), FETH_EPEERED,
                "feth3 is already peered with feth2");
    rig_refused(feth_set_peer(ctl, "feth0", "feth3", &err), FETH_EPEERED, "remove that peer first");
    rig_refused(feth_set_peer(ctl, "feth3", "feth0", &err), FETH_EPEERED,
                "feth3 is already peered with feth2");
    rig_refused(feth_set_peer(ctl, "feth0", "feth9", &err), FETH_ENOIF, "feth9");
    rig_refused(feth_set_peer(ctl, "feth9", "feth0", &err), FETH_ENOIF, "feth9");
    rig_refused(feth_set_peer(ctl, "feth9", NULL, &err), FETH_ENOIF, "feth9");
    rig_refused(feth_set_peer(ctl, "feth0", "lo", &err), FETH_ENAME, "lo");
    rig_ok(feth_set_peer(ctl, "feth0", NULL, &err)); /* none to remove */
    rig_same(before, RIG_ALL);
}

static void test_destroy_one_side(void **state)
{
    (void)state;
    make_two();
    char *before = rig_look(RIG_ALL);
    rig_ok(feth_set_peer(ctl, "feth0", "feth1", &err));
    rig_ok(feth_destroy(ctl, "feth1", &err));
    assert_peers("feth0", NULL);
    assert_int_equal(if_nametoindex("feth1"), 0);
    assert_true(rig_has_addr("feth0", "10.0.0.1/24") && rig_has_addr("feth0", "fd00::7/64"));
    struct feth_status s = rig_status("feth0");
    assert_true(s.up && !s.carrier && !s.nud && !s.accept_ra);
    assert_int_equal(s.mtu, 9000);
    assert_memory_equal(s.mac, mac1, sizeof(mac1));
    feth_status_clear(&s);
    rig_ok(feth_destroy(ctl, "feth0", &err));
    make_two();
    /* the stubs' MAC addresses differ, and feth1's random one: the names and what was given do not */
    char *after = rig_look(RIG_ALL);
    assert_int_equal(strlen(before), strlen(after));
    free(before);
    free(after);
}

/* Half of a pair is gone already, or has another peer now. */
static void test_destroy_what_is_left_of_a_pair(void **state)
{
    (void)state;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];
    char *empty = rig_look(RIG_ALL);

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ok(feth_destroy(ctl, pair.host, &err));
    rig_ok(feth_pair_destroy(ctl, &pair, &err));
    rig_same(empty, RIG_ALL);

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ok(feth_set_peer(ctl, pair.host, NULL, &err));
    rig_ok(feth_create(ctl, NULL, name, &err));
    rig_ok(feth_set_peer(ctl, pair.io, name, &err));
    rig_ok(feth_pair_destroy(ctl, &pair, &err));
    assert_peers(name, NULL);
}

/* Somebody has made one end his own: nothing that would take it along is done. */
static void test_foreign_peer(void **state)
{
    (void)state;
    struct feth_pair pair;

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ip("link set feth1 alias mine");
    char *before = rig_look(RIG_ALL);
    rig_refused(feth_destroy(ctl, "feth0", &err), FETH_ENOTOURS, "feth1");
    rig_refused(feth_set_peer(ctl, "feth0", NULL, &err), FETH_ENOTOURS, "feth1");
    rig_refused(feth_pair_destroy(ctl, &pair, &err), FETH_ENOTOURS, "feth1");
    rig_same(before, RIG_ALL);
}

/* One end lives in another network namespace: the pair is seen, and can be destroyed. */
static void test_end_elsewhere(void **state)
{
    (void)state;
    struct feth_pair pair;
    char peer[FETH_NAME_SIZE];
    int in[2], out[2];
    char byte;

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    assert_int_equal(pipe(in) + pipe(out), 0);
    pid_t child = fork();
    if (child == 0) {
        bool ok = unshare(CLONE_NEWNET) == 0 && write(out[1], "x", 1) == 1 && read(in[0], &byte, 1) == 1;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(read(out[0], &byte, 1), 1);
    char move[64];
    (void)snprintf(move, sizeof(move), "link set feth1 netns %d", (int)child);
    rig_ip(move);
    rig_ok(feth_get_peer(ctl, "feth0", peer, &err));
    assert_string_not_equal(peer, "");
    rig_refused(feth_set_peer(ctl, "feth1", NULL, &err), FETH_ENOIF, "feth1");
    rig_ok(feth_pair_destroy(ctl, &pair, &err));
    assert_int_equal(if_nametoindex("feth0"), 0);
    assert_int_equal(write(in[1], "x", 1), 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_all_is_kept),
        RIG_TEST(test_order_of_addresses_is_kept),
        RIG_TEST(test_quiet_is_kept),
        RIG_TEST(test_link_local_is_kept),
        RIG_TEST(test_refused),
        RIG_TEST(test_destroy_one_side),
        RIG_TEST(test_destroy_what_is_left_of_a_pair),
        RIG_TEST(test_foreign_peer),
        RIG_TEST(test_end_elsewhere),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
