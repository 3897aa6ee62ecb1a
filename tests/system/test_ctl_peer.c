/* SPDX-License-Identifier: Apache-2.0 */
/* Peers: what is Linux's own, foremost what is kept when both are re-made; the rest is in test_ctl_alike_peer.c. */
#include "ctl_rig.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool carrier(const char *name)
{
    struct feth_status s = rig_status(name);

    feth_status_clear(&s);
    return s.carrier;
}

static void test_all_is_kept(void **state)
{
    (void)state;
    rig_make_two();
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
        rig_peers("feth0", "feth1");
        assert_false(carrier("feth0")); /* feth1 is down */
        char *now = rig_look(RIG_FETHS);
        assert_string_equal(now, before);
        free(now);
        assert_int_equal(if_nametoindex("fstub0"), 0);
        assert_int_equal(if_nametoindex("fstub1"), 0);

        rig_ok(feth_set_up(ctl, "feth1", true, &err));
        assert_true(carrier("feth0") && carrier("feth1"));
        rig_ok(feth_set_peer(ctl, i ? "feth0" : "feth1", NULL, &err));
        rig_peers("feth0", NULL);
        rig_peers("feth1", NULL);
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
        RIG_TEST(test_quiet_is_kept),
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
