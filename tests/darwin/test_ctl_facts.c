/* SPDX-License-Identifier: Apache-2.0 */
/* What macOS's kernel does with interfaces, and what the library makes of it. */
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
static const char max_mtu[] = "net.link.fake.max_mtu";

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

static uint32_t nd_flags(const char *name)
{
    struct xnu_in6_ondireq info;

    memset(&info, 0, sizeof(info));
    (void)snprintf(info.ifname, sizeof(info.ifname), "%s", name);
    assert_int_equal(request(AF_INET6, XNU_SIOCGIFINFO_IN6, &info), 0);
    return info.ndi.flags;
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

/* ---- MTU ---------------------------------------------------------------------------------------------------- */

static void test_mtu_range(void **state)
{
    (void)state;
    static const unsigned mtus[] = {72, 576, 1500, 2048, 2049, 9000, 16370};
    static const unsigned bad[] = {1, 71, 16371, 65535};
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    for (size_t i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++) {
        config.mtu = mtus[i];
        rig_ok(feth_create(ctl, &config, name, &err));
        struct feth_status s = rig_status(name);
        assert_int_equal(s.mtu, mtus[i]);
        feth_status_clear(&s);
        assert_int_equal(model_sysctl(max_mtu), 2048);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        config.mtu = bad[i];
        rig_refused(feth_create(ctl, &config, name, &err), FETH_EMTU, "72 to 16370");
        rig_refused(feth_set_mtu(ctl, "feth0", bad[i], &err), FETH_EMTU, "72 to 16370");
    }
}

/* What an interface was created for it keeps: there is a way out, and the error tells it. */
static void test_mtu_is_decided_at_creation(void **state)
{
    (void)state;
    create_unit(0, 0);
    create_unit(1, 9000);
    rig_ok(feth_set_mtu(ctl, "feth0", 2048, &err));
    char *before = rig_look(RIG_ALL);
    rig_refused(feth_set_mtu(ctl, "feth0", 2049, &err), FETH_EMTU, "created for 2048 at most");
    rig_refused(feth_set_mtu(ctl, "feth1", 9001, &err), FETH_EMTU, "destroy it, and create it with this MTU");
    rig_same(before, RIG_ALL);
    rig_ok(feth_set_mtu(ctl, "feth1", 72, &err));
    rig_ok(feth_set_mtu(ctl, "feth1", 9000, &err));
}

/* The machine's setting is changed for as short and as little as can be. */
static void test_max_mtu_is_put_back(void **state)
{
    (void)state;
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    struct feth_pair pair;

    host.mtu = 9000;
    io.mtu = 16000;
    rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
    assert_int_equal(model_sysctl(max_mtu), 2048);
    struct feth_status s = rig_status(pair.io);
    assert_int_equal(s.mtu, 16000);
    feth_status_clear(&s);

    assert_true(model_set_sysctl(max_mtu, 9000)); /* somebody's own wish */
    unsigned set = model_calls("sysctlbyname:set");
    create_unit(7, 9000);
    create_unit(8, 1500);
    assert_int_equal(model_calls("sysctlbyname:set"), set); /* it is enough */
    create_unit(9, 9001);
    assert_int_equal(model_sysctl(max_mtu), 9000);

    assert_true(model_set_sysctl(max_mtu, 1500)); /* less than what the kernel begins with */
    create_unit(10, 1501);
    assert_int_equal(model_sysctl(max_mtu), 1500);
    assert_true(model_set_sysctl(max_mtu, 2048));
}

/* ---- addresses ---------------------------------------------------------------------------------------------- */

/* The kernel brings an interface up when it gets an address; the caller did not say so. */
static void test_an_address_changes_no_state(void **state)
{
    (void)state;
    static const char *const texts[] = {"10.0.0.1/24", "fd00::1/64", "10.0.1.1/24", "fd00::2/64"};

    create_unit(0, 0);
    for (int up = 0; up < 2; up++) {
        rig_ok(feth_set_up(ctl, "feth0", up, &err));
        for (int i = 0; i < 2; i++) {
            struct feth_addr addr = rig_addr(texts[2 * up + i]);
            rig_ok(feth_add_addr(ctl, "feth0", &addr, &err));
            struct feth_status s = rig_status("feth0");
            assert_int_equal(s.up, up);
            feth_status_clear(&s);
        }
    }
}

/* Masks come cut behind their last byte. */
static void test_every_prefix_length(void **state)
{
    (void)state;
    struct feth_addr addr = rig_addr("10.1.2.3/32");
    struct feth_addr addr6 = rig_addr("fd00:1:2:3:4:5:6:7/128");

    create_unit(0, 0);
    for (unsigned prefix = 1; prefix <= 128; prefix++) {
        struct feth_addr *a = prefix <= 32 ? &addr : &addr6;
        for (; a; a = a == &addr ? &addr6 : NULL) {
            a->prefix = prefix;
            rig_ok(feth_add_addr(ctl, "feth0", a, &err));
            struct feth_status s = rig_status("feth0");
            bool found = false;
            for (size_t i = 0; i < s.n_addrs; i++)
                found |= memcmp(&s.addrs[i], a, sizeof(*a)) == 0;
            assert_true(found);
            feth_status_clear(&s);
            rig_ok(feth_del_addr(ctl, "feth0", a, &err));
        }
    }
    addr.prefix = addr6.prefix = 0;
    rig_refused(feth_add_addr(ctl, "feth0", &addr, &err), FETH_EADDR, "prefix length of 0");
    rig_refused(feth_add_addr(ctl, "feth0", &addr6, &err), FETH_EADDR, "prefix length of 0");
}

static void test_order_of_addresses(void **state)
{
    (void)state;
    static const char *const texts[] = {"10.0.0.9/24", "10.0.0.1/24", "192.0.2.1/30", "fd00::9/64",
                                        "fd00::1/64"};
    size_t at = 0;

    create_unit(0, 0);
    for (size_t i = 0; i < 5; i++) {
        struct feth_addr addr = rig_addr(texts[i]);
        rig_ok(feth_add_addr(ctl, "feth0", &addr, &err));
    }
    struct feth_status s = rig_status("feth0");
    assert_int_equal(s.n_addrs, 6); /* and the link-local one */
    for (size_t i = 0; i < s.n_addrs && at < 5; i++) {
        struct feth_addr addr = rig_addr(texts[at]);
        at += memcmp(&s.addrs[i], &addr, sizeof(addr)) == 0;
    }
    assert_int_equal(at, 5);
    feth_status_clear(&s);
}

/* Asked to add what is there with another mask, the kernel would change the mask. */
static void test_same_address_with_another_mask(void **state)
{
    (void)state;
    struct feth_addr addr = rig_addr("10.0.0.1/24"), nothing = {.family = AF_INET};

    create_unit(0, 0);
    rig_ok(feth_add_addr(ctl, "feth0", &addr, &err));
    char *before = rig_look(RIG_ALL);
    addr.prefix = 16;
    rig_refused(feth_add_addr(ctl, "feth0", &addr, &err), FETH_EADDR, "prefix length 24");
    rig_refused(feth_del_addr(ctl, "feth0", &addr, &err), FETH_ENOADDR, "10.0.0.1/16");
    /* for 0.0.0.0 it would remove the first */
    rig_refused(feth_del_addr(ctl, "feth0", &nothing, &err), FETH_ENOADDR, "0.0.0.0");
    rig_same(before, RIG_ALL);
}

/* Nobody else can have the address, and asking takes a second. */
static void test_no_duplicate_address_detection(void **state)
{
    (void)state;
    struct feth_addr v4 = rig_addr("10.0.0.1/24"), v6 = rig_addr("fd00::1/64");
    struct feth_pair pair;
    struct feth_config up = FETH_CONFIG_INIT;

    up.up = true;
    up.mac = mac1;
    rig_ok(feth_pair_create(ctl, &up, NULL, &pair, &err));
    unsigned attached = model_calls("SIOCPROTOATTACH_IN6");
    rig_ok(feth_add_addr(ctl, pair.host, &v4, &err));
    assert_int_equal(model_calls("SIOCPROTOATTACH_IN6"), attached); /* no word of IPv6 before it is used */
    rig_ok(feth_add_addr(ctl, pair.host, &v6, &err));
    assert_int_equal(nd_flags(pair.host) & XNU_ND6_IFF_DAD, 0);
    assert_int_equal(nd_flags(pair.host) & XNU_ND6_IFF_PERFORMNUD, XNU_ND6_IFF_PERFORMNUD);
    assert_true(rig_has_addr(pair.host, "fe80::aff:fe00:1/64"));
    struct feth_status s = rig_status(pair.io); /* and none at all on the other side */
    assert_int_equal(s.n_addrs, 0);
    feth_status_clear(&s);
    assert_int_equal(model_calls("SIOCPROTOATTACH_IN6"), attached + 1);
}

/* ---- peers -------------------------------------------------------------------------------------------------- */

/* The kernel would do it. */
static void test_own_peer_is_refused_before_the_kernel(void **state)
{
    (void)state;
    create_unit(0, 0);
    unsigned before = model_calls("SIOCSDRVSPEC");
    rig_refused(feth_set_peer(ctl, "feth0", "feth0", &err), FETH_ESELF, "feth0");
    assert_int_equal(model_calls("SIOCSDRVSPEC"), before);
}

/* Both say EBUSY to the library. */
static void test_peered_and_being_destroyed(void **state)
{
    (void)state;
    create_unit(0, 0);
    create_unit(1, 0);
    char *before = rig_look(RIG_ALL);
    model_fail_nth("SIOCSDRVSPEC", 1, EBUSY);
    rig_refused(feth_set_peer(ctl, "feth0", "feth1", &err), FETH_EBUSY, "being destroyed");
    rig_same(before, RIG_ALL);
}

static void test_carrier(void **state)
{
    (void)state;
    create_unit(0, 0);
    create_unit(1, 0);
    for (int peered = 0; peered < 2; peered++) {
        for (int up = 0; up < 4; up++) {
            rig_ok(feth_set_up(ctl, "feth0", up & 1, &err));
            rig_ok(feth_set_up(ctl, "feth1", up & 2, &err));
            struct feth_status a = rig_status("feth0"), b = rig_status("feth1");
            assert_int_equal(a.carrier, peered && up == 3);
            assert_int_equal(b.carrier, peered && up == 3);
            feth_status_clear(&a);
            feth_status_clear(&b);
        }
        if (!peered)
            rig_ok(feth_set_peer(ctl, "feth1", "feth0", &err));
    }
    rig_ok(feth_destroy(ctl, "feth1", &err));
    rig_peers("feth0", NULL);
    struct feth_status s = rig_status("feth0");
    assert_true(s.up && !s.carrier);
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
        RIG_TEST(test_destroying_takes_its_time),
        RIG_TEST(test_nothing_of_ipv6_is_inherited),
        RIG_TEST(test_mtu_range),
        RIG_TEST(test_mtu_is_decided_at_creation),
        RIG_TEST(test_max_mtu_is_put_back),
        RIG_TEST(test_an_address_changes_no_state),
        RIG_TEST(test_every_prefix_length),
        RIG_TEST(test_order_of_addresses),
        RIG_TEST(test_same_address_with_another_mask),
        RIG_TEST(test_no_duplicate_address_detection),
        RIG_TEST(test_own_peer_is_refused_before_the_kernel),
        RIG_TEST(test_peered_and_being_destroyed),
        RIG_TEST(test_carrier),
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
