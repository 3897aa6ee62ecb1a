/* SPDX-License-Identifier: Apache-2.0 */
/* Making interfaces on macOS, and whose they are. */
#include "../system/ctl_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "darwin/xnu.h"
#include "model/model.h"

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};

static void create_unit(int unit, unsigned mtu)
{
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = unit;
    config.mtu = mtu;
    rig_ok(feth_create(ctl, &config, name, &err));
}

/* A request as another program makes it. */
static int request(int family, unsigned long code, void *arg)
{
    int fd = socket(family, SOCK_DGRAM, 0);
    int ret = ioctl(fd, code, arg);

    close(fd);
    return ret;
}

/* ---- creating and destroying -------------------------------------------------------------------------------- */

static void test_new_interface(void **state)
{
    (void)state;
    char name[FETH_NAME_SIZE];

    rig_ok(feth_create(ctl, NULL, name, &err));
    struct feth_status s = rig_status(name);
    assert_int_equal(s.flags, XNU_IFF_BROADCAST | XNU_IFF_SIMPLEX | XNU_IFF_MULTICAST);
    assert_false(s.up || s.carrier);
    assert_int_equal(s.mtu, FETH_MTU_DEFAULT);
    assert_int_equal(s.mac[0] & 3, 2); /* the kernel's own would be the same on every Mac */
    assert_true(s.nud);
    assert_false(s.accept_ra); /* what macOS begins with */
    assert_int_equal(s.ownership, FETH_OURS_ALIVE);
    assert_int_equal(s.owner, getpid());
    feth_status_clear(&s);
    rig_ok(feth_destroy(ctl, name, &err));
    rig_refused(feth_destroy(ctl, name, &err), FETH_ENOIF, "feth0");
}

static void expect_counters(uint64_t frames, uint64_t bytes)
{
    struct feth_status s = rig_status("feth0");

    assert_int_equal(s.counters.rx_frames, frames);
    assert_int_equal(s.counters.tx_frames, frames);
    assert_int_equal(s.counters.rx_bytes, bytes);
    assert_int_equal(s.counters.tx_bytes, bytes);
    feth_status_clear(&s);
}

/* Counters of 64 bits, and where the kernel does not tell those, the 32 bits that getifaddrs() has. */
static void test_counters(void **state)
{
    (void)state;
    static const int errors[] = {EPERM, ENOMEM, EINVAL, ENOENT, ENOTDIR};

    create_unit(0, 0);
    expect_counters(0, 0);
    model_count("feth0", 5000000007, 7000000000009);
    expect_counters(5000000007, 7000000000009);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        model_fail_nth("NET_RT_IFLIST2", 1, errors[i]);
        expect_counters((uint32_t)5000000007, (uint32_t)7000000000009);
        expect_counters(5000000007, 7000000000009);
    }
    model_fail_nth("if_nametoindex", 1, ENXIO); /* and where the interface has no number to ask by */
    expect_counters((uint32_t)5000000007, (uint32_t)7000000000009);
}

/* Somebody takes a name between the choice and the kernel. */
static void test_name_is_taken_meanwhile(void **state)
{
    (void)state;
    struct feth_config config = FETH_CONFIG_INIT;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    model_fail_nth("SIOCIFCREATE", 1, EEXIST);
    rig_ok(feth_create(ctl, NULL, name, &err));
    assert_string_equal(name, "feth1");
    model_fail_nth("SIOCIFCREATE", 2, EEXIST);
    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    config.unit = 9;
    char *before = rig_look(RIG_ALL);
    model_fail_nth("SIOCIFCREATE", 1, EEXIST);
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EEXIST, "feth9");
    rig_same(before, RIG_ALL);
}

/* The name is free at once, and the kernel is not done with the old interface. */
static void test_destroying_takes_its_time(void **state)
{
    (void)state;
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = 3;
    model_detach_after(7);
    for (int i = 0; i < 3; i++) {
        unsigned before = model_calls("SIOCIFCREATE");
        rig_ok(feth_create(ctl, &config, name, &err));
        if (i)
            assert_true(model_calls("SIOCIFCREATE") >= before + 8);
        rig_ok(feth_destroy(ctl, name, &err));
    }
    model_detached();
    create_unit(3, 0);
    model_detach_after(-1);
    rig_ok(feth_destroy(ctl, "feth3", &err));
    char *before = rig_look(RIG_ALL);
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EBUSY, "not finished destroying");
    rig_same(before, RIG_ALL);
}

static void test_nothing_of_ipv6_is_inherited(void **state)
{
    (void)state;
    struct feth_addr addr = rig_addr("fd00::1/64");

    create_unit(4, 0);
    rig_ok(feth_add_addr(ctl, "feth4", &addr, &err));
    rig_ok(feth_set_nud(ctl, "feth4", false, &err));
    rig_ok(feth_set_accept_ra(ctl, "feth4", true, &err));
    rig_ok(feth_destroy(ctl, "feth4", &err));
    create_unit(4, 0);
    struct feth_status s = rig_status("feth4");
    assert_true(s.nud);
    assert_false(s.accept_ra);
    feth_status_clear(&s);
}

/* ---- whose it is -------------------------------------------------------------------------------------------- */

static void test_foreign(void **state)
{
    (void)state;
    struct xnu_ifreq r;
    struct feth_status *list;

    rig_make_feth20();
    memset(&r, 0, sizeof(r));
    memcpy(r.ifr_name, "feth9", 6);
    assert_int_equal(request(AF_INET, XNU_SIOCIFCREATE, &r), 0);
    struct xnu_if_descreq d;
    memset(&d, 0, sizeof(d));
    memcpy(d.ifdr_name, "feth9", 6);
    d.ifdr_len = sizeof(d.ifdr_desc); /* without a NUL, and nearly a mark */
    memset(d.ifdr_desc, ' ', sizeof(d.ifdr_desc));
    memcpy(d.ifdr_desc, "libfeth:1 persistent", 20);
    for (int i = 0; i < 2; i++) {
        char *before = rig_look(RIG_ALL);
        rig_all_refused("feth9", FETH_ENOTOURS, "feth9");
        rig_same(before, RIG_ALL);
        assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 2);
        assert_string_equal(list[0].name, "feth9");
        assert_int_equal(list[0].ownership, FETH_FOREIGN);
        assert_int_equal(list[1].ownership, FETH_OURS_ALIVE);
        feth_list_free(list, 2);
        assert_int_equal(request(AF_INET, XNU_SIOCSIFDESC, &d), 0);
    }
}

/* Where the kernel has no place for the mark, the handle that made the interface knows it, and nobody else. */
static void test_without_a_mark(void **state)
{
    (void)state;
    struct feth_config config = FETH_CONFIG_INIT;
    struct feth_ctl *other;
    struct feth_status s;
    char name[FETH_NAME_SIZE];

    config.mac = mac1;
    for (int i = 0; i < 2; i++) {
        model_fail_nth("SIOCSIFDESC", 1, i ? EOPNOTSUPP : EINVAL);
        rig_ok(feth_create(ctl, &config, name, &err));
        s = rig_status(name);
        assert_int_equal(s.ownership, FETH_OURS_ALIVE);
        assert_int_equal(s.owner, getpid());
        feth_status_clear(&s);
        rig_ok(feth_ctl_open(&other, &err));
        rig_ok(feth_get_status(other, name, &s, &err));
        assert_int_equal(s.ownership, FETH_FOREIGN);
        feth_status_clear(&s);
        rig_refused(feth_destroy(other, name, &err), FETH_ENOTOURS, name);
        feth_ctl_close(other);
        rig_ok(feth_set_up(ctl, name, true, &err));
        rig_ok(feth_destroy(ctl, name, &err));
    }
    /* another interface of the name is not taken for it */
    model_fail_nth("SIOCSIFDESC", 1, EOPNOTSUPP);
    rig_ok(feth_create(ctl, &config, name, &err));
    model_destroy(name);
    model_detached();
    struct xnu_ifreq r;
    memset(&r, 0, sizeof(r));
    memcpy(r.ifr_name, name, sizeof(name));
    assert_int_equal(request(AF_INET, XNU_SIOCIFCREATE, &r), 0);
    rig_refused(feth_destroy(ctl, name, &err), FETH_ENOTOURS, name);
}

static void test_other_interfaces_are_not_ours(void **state)
{
    (void)state;
    struct feth_status *list;

    model_add_ethernet("en7");
    rig_make_feth20();
    assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 1);
    assert_string_equal(list[0].name, "feth20");
    feth_list_free(list, 1);
}

/* ---- privilege ---------------------------------------------------------------------------------------------- */

static void sudo(int ret)
{
    rig_refused(ret, FETH_EPERM, "run it with sudo");
}

static void test_no_privilege(void **state)
{
    (void)state;
    struct feth_addr v4 = rig_addr("10.0.0.1/24"), v6 = rig_addr("fd00::1/64");
    struct feth_config large = FETH_CONFIG_INIT;
    struct feth_pair pair, none;
    char name[FETH_NAME_SIZE];

    large.mtu = 9000;
    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ok(feth_add_addr(ctl, pair.host, &v4, &err));
    char *before = rig_look(RIG_ALL);
    model_deny(true);
    struct feth_status s = rig_status(pair.host); /* looking needs none */
    assert_string_equal(s.peer, pair.io);
    assert_int_equal(s.ownership, FETH_OURS_ALIVE);
    feth_status_clear(&s);
    sudo(feth_create(ctl, NULL, name, &err));
    sudo(feth_create(ctl, &large, name, &err));
    sudo(feth_pair_create(ctl, NULL, NULL, &none, &err));
    sudo(feth_destroy(ctl, pair.host, &err));
    sudo(feth_pair_destroy(ctl, &pair, &err));
    sudo(feth_set_peer(ctl, pair.host, NULL, &err));
    sudo(feth_del_addr(ctl, pair.host, &v4, &err));
    v4.bytes[3] = 2;
    sudo(feth_add_addr(ctl, pair.host, &v4, &err));
    sudo(feth_add_addr(ctl, pair.host, &v6, &err));
    sudo(feth_set_mtu(ctl, pair.host, 1400, &err));
    sudo(feth_set_mac(ctl, pair.host, mac1, &err));
    sudo(feth_set_up(ctl, pair.host, true, &err));
    sudo(feth_set_nud(ctl, pair.host, false, &err));
    sudo(feth_set_accept_ra(ctl, pair.host, true, &err));
    model_deny(false);
    rig_same(before, RIG_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_new_interface),
        RIG_TEST(test_counters),
        RIG_TEST(test_name_is_taken_meanwhile),
        RIG_TEST(test_destroying_takes_its_time),
        RIG_TEST(test_nothing_of_ipv6_is_inherited),
        RIG_TEST(test_foreign),
        RIG_TEST(test_without_a_mark),
        RIG_TEST(test_other_interfaces_are_not_ours),
        RIG_TEST(test_no_privilege),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
