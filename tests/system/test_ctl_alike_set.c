/* SPDX-License-Identifier: Apache-2.0 */
/* What holds on every system (test_ctl_alike.c): addresses and settings; whose an interface is. */
#include "ctl_rig.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t mac2[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 2};

static void test_addresses(void **state)
{
    (void)state;
    static const char *const texts[] = {"10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "fd00::1/64",
                                        "fd00::2/64"};
    char name[FETH_NAME_SIZE];
    struct feth_addr addr;

    rig_ok(feth_create(ctl, NULL, name, &err));
    for (size_t i = 0; i < 5; i++) {
        addr = rig_addr(texts[i]);
        rig_ok(feth_add_addr(ctl, name, &addr, &err));
        rig_ok(feth_add_addr(ctl, name, &addr, &err)); /* there already */
        assert_true(rig_has_addr(name, texts[i]));
    }
    struct feth_status s = rig_status(name);
    unsigned found = 0;
    for (size_t i = 0; i < s.n_addrs; i++)
        for (size_t j = 0; j < 5; j++) {
            struct feth_addr one = rig_addr(texts[j]);
            found += memcmp(&one, &s.addrs[i], sizeof(one)) == 0;
        }
    assert_int_equal(found, 5);
    feth_status_clear(&s);
    /* the first of a network goes, the others stay */
    for (size_t i = 0; i < 5; i++) {
        addr = rig_addr(texts[i]);
        rig_ok(feth_del_addr(ctl, name, &addr, &err));
        assert_false(rig_has_addr(name, texts[i]));
        for (size_t j = i + 1; j < 5; j++)
            assert_true(rig_has_addr(name, texts[j]));
        rig_refused(feth_del_addr(ctl, name, &addr, &err), FETH_ENOADDR, texts[i]);
    }
    addr = rig_addr("fd00::9/64");
    rig_ok(feth_add_addr(ctl, name, &addr, &err));
    addr.prefix = 48;
    rig_refused(feth_add_addr(ctl, name, &addr, &err), FETH_EADDR, "64");
    rig_refused(feth_del_addr(ctl, name, &addr, &err), FETH_ENOADDR, "fd00::9/48");
    addr.prefix = 129;
    rig_refused(feth_add_addr(ctl, name, &addr, &err), FETH_EADDR, "prefix length");
    addr.family = 77;
    rig_refused(feth_del_addr(ctl, name, &addr, &err), FETH_EFAMILY, "IPv4 or an IPv6");
    rig_refused(feth_add_addr(ctl, name, NULL, &err), FETH_EFAMILY, "IPv4 or an IPv6");
}

/* IPv6 is silent until it is used: no link-local address comes by itself. */
static void test_link_local_comes_with_ipv6(void **state)
{
    (void)state;
    struct feth_config up = FETH_CONFIG_INIT;
    struct feth_pair pair;
    struct feth_addr addr = rig_addr("fd00::1/64");

    up.up = true;
    up.mac = mac2;
    rig_ok(feth_pair_create(ctl, &up, NULL, &pair, &err));
    rig_ok(feth_set_up(ctl, pair.io, true, &err));
    usleep(200000);
    assert_false(rig_has_addr(pair.host, "fe80::aff:fe00:2/64"));
    rig_ok(feth_add_addr(ctl, pair.host, &addr, &err));
    bool there = false;
    for (int tries = 0; tries < 50 && !there; tries++) {
        there = rig_has_addr(pair.host, "fe80::aff:fe00:2/64");
        usleep(there ? 0 : 100000);
    }
    assert_true(there);
    /* and what it has stays when it goes down and up */
    rig_ok(feth_set_up(ctl, pair.host, false, &err));
    rig_ok(feth_set_up(ctl, pair.host, true, &err));
    assert_true(rig_has_addr(pair.host, "fd00::1/64"));
}

static void test_settings(void **state)
{
    (void)state;
    static const uint8_t group[FETH_MAC_SIZE] = {3, 0, 0, 0, 0, 1};
    char name[FETH_NAME_SIZE];

    rig_ok(feth_create(ctl, NULL, name, &err));
    for (int on = 1; on >= 0; on--) {
        rig_ok(feth_set_up(ctl, name, on, &err));
        rig_ok(feth_set_nud(ctl, name, on, &err));
        rig_ok(feth_set_accept_ra(ctl, name, on, &err));
        struct feth_status s = rig_status(name);
        assert_int_equal(s.up, on);
        assert_int_equal(s.nud, on);
        assert_int_equal(s.accept_ra, on);
        feth_status_clear(&s);
    }
    rig_ok(feth_set_mac(ctl, name, mac2, &err));
    struct feth_status s = rig_status(name);
    assert_memory_equal(s.mac, mac2, sizeof(mac2));
    feth_status_clear(&s);
    rig_refused(feth_set_mac(ctl, name, group, &err), FETH_EMAC, "multicast");
    rig_refused(feth_set_mac(ctl, name, NULL, &err), FETH_EMAC, "no address");
}

static void test_bad_names(void **state)
{
    (void)state;
    rig_make_feth20();
    char *before = rig_look(RIG_ALL);
    rig_all_refused("", FETH_ENAME, "\"\"");
    rig_all_refused("feth", FETH_ENAME, "unit number");
    rig_all_refused("feth01", FETH_ENAME, "starts with 0");
    rig_all_refused("foo0", FETH_ENAME, "does not start");
    rig_all_refused("lo", FETH_ENAME, "does not start");
    rig_all_refused("fstub20", FETH_ENAME, "does not start");
    rig_all_refused("feth123456789012", FETH_ENAME, "15");
    rig_all_refused("feth32768", FETH_EUNIT, "32767");
    rig_all_refused("feth21", FETH_ENOIF, "feth21");
    rig_same(before, RIG_ALL);
    struct feth_status s;
    char peer[FETH_NAME_SIZE];
    rig_refused(feth_get_status(ctl, "foo0", &s, &err), FETH_ENAME, "foo0");
    rig_refused(feth_get_status(ctl, NULL, &s, &err), FETH_ENAME, "\"\"");
    rig_refused(feth_get_status(ctl, "feth21", &s, &err), FETH_ENOIF, "feth21");
    rig_refused(feth_get_peer(ctl, "feth21", peer, &err), FETH_ENOIF, "feth21");
}

static void test_empty_list(void **state)
{
    (void)state;
    struct feth_status *list = (void *)1;

    assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 0);
    assert_null(list);
}

/* A process that ends without destroying leaves leftovers that can be told, and destroyed. */
static void test_leftovers(void **state)
{
    (void)state;
    struct feth_config persistent = FETH_CONFIG_INIT;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];
    char *before = rig_look(RIG_ALL);

    persistent.lifetime = FETH_PERSISTENT;
    pid_t child = fork();
    if (child == 0) {
        struct feth_ctl *own;
        bool ok = feth_ctl_open(&own, NULL) == 0 && feth_pair_create(own, NULL, NULL, &pair, NULL) == 0 &&
                  feth_create(own, &persistent, name, NULL) == 0;
        feth_ctl_close(own);
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct feth_status *list;
    assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 3);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(list[i].ownership, FETH_OURS_DEAD);
        assert_int_equal(list[i].owner, child);
    }
    assert_int_equal(list[2].ownership, FETH_OURS_PERSISTENT);
    feth_list_free(list, 3);
    rig_ok(feth_destroy(ctl, "feth0", &err));
    struct feth_status s = rig_status("feth1"); /* re-made, and still the same leftover */
    assert_int_equal(s.ownership, FETH_OURS_DEAD);
    assert_int_equal(s.owner, child);
    feth_status_clear(&s);
    rig_ok(feth_destroy(ctl, "feth1", &err));
    rig_ok(feth_destroy(ctl, "feth2", &err));
    rig_same(before, RIG_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_addresses),  RIG_TEST(test_link_local_comes_with_ipv6),
        RIG_TEST(test_settings),   RIG_TEST(test_bad_names),
        RIG_TEST(test_empty_list), RIG_TEST(test_leftovers),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
