/* SPDX-License-Identifier: Apache-2.0 */
/* What holds on every system (test_ctl_alike.c): peers. */
#include "ctl_rig.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};

/* The order decides which address the host speaks from. */
static void test_order_of_addresses_is_kept(void **state)
{
    (void)state;
    rig_make_two();
    struct feth_status was = rig_status("feth0");
    rig_ok(feth_set_peer(ctl, "feth0", "feth1", &err));
    struct feth_status is = rig_status("feth0");
    assert_int_equal(was.n_addrs, is.n_addrs);
    assert_memory_equal(was.addrs, is.addrs, was.n_addrs * sizeof(*was.addrs));
    feth_status_clear(&was);
    feth_status_clear(&is);
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

    rig_make_two();
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
    rig_make_two();
    char *before = rig_look(RIG_ALL);
    rig_ok(feth_set_peer(ctl, "feth0", "feth1", &err));
    rig_ok(feth_destroy(ctl, "feth1", &err));
    rig_peers("feth0", NULL);
    assert_int_equal(if_nametoindex("feth1"), 0);
    assert_true(rig_has_addr("feth0", "10.0.0.1/24") && rig_has_addr("feth0", "fd00::7/64"));
    struct feth_status s = rig_status("feth0");
    assert_true(s.up && !s.carrier && !s.nud && !s.accept_ra);
    assert_int_equal(s.mtu, 9000);
    assert_memory_equal(s.mac, mac1, sizeof(mac1));
    feth_status_clear(&s);
    rig_ok(feth_destroy(ctl, "feth0", &err));
    rig_make_two();
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
    rig_peers(name, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_order_of_addresses_is_kept),
        RIG_TEST(test_link_local_is_kept),
        RIG_TEST(test_refused),
        RIG_TEST(test_destroy_one_side),
        RIG_TEST(test_destroy_what_is_left_of_a_pair),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
