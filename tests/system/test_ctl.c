/* SPDX-License-Identifier: Apache-2.0 */
/* Creating and destroying: what is Linux's own; the rest is in test_ctl_alike.c. */
#include "ctl_rig.h"

#include <net/if.h>
#include <string.h>
#include <unistd.h>

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};

static void test_create_and_destroy(void **state)
{
    (void)state;
    char name[FETH_NAME_SIZE];
    char *before = rig_look(RIG_ALL);

    rig_ok(feth_create(ctl, NULL, name, &err));
    assert_string_equal(name, "feth0");
    assert_true(if_nametoindex(name) > 0);
    struct feth_status s = rig_status(name);
    assert_string_equal(s.name, name);
    assert_string_equal(s.peer, "");
    assert_false(s.up);
    assert_false(s.carrier);
    assert_int_equal(s.mtu, FETH_MTU_DEFAULT);
    assert_int_equal(s.mac[0] & 3, 2);
    assert_int_equal(s.n_addrs, 0);
    assert_true(s.nud);
    assert_true(s.accept_ra);
    assert_int_equal(s.ownership, FETH_OURS_ALIVE);
    assert_int_equal(s.owner, getpid());
    feth_status_clear(&s);
    rig_ok(feth_destroy(ctl, name, &err));
    rig_same(before, RIG_ALL);
    rig_refused(feth_destroy(ctl, name, &err), FETH_ENOIF, "feth0");
}

/* What has the name is not seen among the feths: the kernel tells, and the next unit is taken. */
static void test_name_of_something_else(void **state)
{
    (void)state;
    struct feth_config config = FETH_CONFIG_INIT;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    rig_ip("link add feth0 type bridge");
    rig_ip("link add fstub1 type bridge");
    rig_ok(feth_create(ctl, NULL, name, &err));
    assert_string_equal(name, "feth2");
    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    assert_string_equal(pair.host, "feth1");
    assert_string_equal(pair.io, "feth3");
    config.unit = 0;
    char *before = rig_look(RIG_ALL);
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EEXIST, "feth0");
    rig_refused(feth_pair_create(ctl, NULL, &config, &pair, &err), FETH_EEXIST, "feth0");
    assert_string_equal(pair.host, "");
    rig_same(before, RIG_ALL);
}

static void test_every_field(void **state)
{
    (void)state;
    const char *addrs[] = {"10.0.0.1/24", "fd00:feed::1/64", "10.0.0.5/24", "192.0.2.0/31"};
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = 7;
    config.mtu = 9000;
    config.mac = mac1;
    config.addrs = addrs;
    config.n_addrs = 4;
    config.up = true;
    config.nud = FETH_OFF;
    config.accept_ra = FETH_OFF;
    config.lifetime = FETH_PERSISTENT;
    rig_ok(feth_create(ctl, &config, name, &err));
    struct feth_status s = rig_status("feth7");
    assert_int_equal(s.mtu, 9000);
    assert_memory_equal(s.mac, mac1, sizeof(mac1));
    assert_true(s.up);
    assert_false(s.carrier); /* there is no cable in it */
    assert_false(s.nud);
    assert_false(s.accept_ra);
    assert_int_equal(s.ownership, FETH_OURS_PERSISTENT);
    assert_int_equal(s.owner, 0);
    feth_status_clear(&s);
    for (int i = 0; i < 4; i++)
        assert_true(rig_has_addr("feth7", addrs[i]));
    rig_ip("-o -4 addr show dev feth7 | grep -q 'brd 10.0.0.255 '");
    rig_ip("-o -4 addr show dev feth7 | grep -q '192.0.2.0/31 scope'"); /* RFC 3021: no broadcast */
    rig_ip("-o -6 addr show dev feth7 | grep 'fd00:feed::1/64' | grep -q -v tentative");
    assert_int_equal(rig_sysctl("ipv6/conf/feth7/accept_ra"), 0);
    config.unit = 8;
    config.nud = FETH_ON;
    config.accept_ra = FETH_ON;
    config.up = false;
    rig_ok(feth_create(ctl, &config, name, &err));
    s = rig_status(name);
    assert_false(s.up); /* although it has addresses */
    assert_true(s.nud);
    assert_true(s.accept_ra);
    feth_status_clear(&s);
}

static void test_mtu_range(void **state)
{
    (void)state;
    static const unsigned mtus[] = {68, 576, 1500, 65535};
    static const unsigned bad[] = {1, 67, 65536, 1u << 31};
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    for (size_t i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
        config.mtu = mtus[i];
        rig_ok(feth_create(ctl, &config, name, &err));
        struct feth_status s = rig_status(name);
        assert_int_equal(s.mtu, mtus[i]);
        feth_status_clear(&s);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config.mtu = bad[i];
        rig_refused(feth_create(ctl, &config, name, &err), FETH_EMTU, "68 to 65535");
        rig_refused(feth_set_mtu(ctl, "feth0", bad[i], &err), FETH_EMTU, "68 to 65535");
    }
    rig_ok(feth_set_mtu(ctl, "feth0", 1280, &err));
    struct feth_status s = rig_status("feth0");
    assert_int_equal(s.mtu, 1280);
    feth_status_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_create_and_destroy),
        RIG_TEST(test_name_of_something_else),
        RIG_TEST(test_every_field),
        RIG_TEST(test_mtu_range),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
