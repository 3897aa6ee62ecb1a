/* SPDX-License-Identifier: Apache-2.0 */
/* What macOS's kernel does with addresses and peers, and what the library makes of it. */
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

static uint32_t nd_flags(const char *name)
{
    struct xnu_in6_ondireq info;

    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    memset(&info, 0, sizeof(info));
    (void)snprintf(info.ifname, sizeof(info.ifname), "%s", name);
    assert_int_equal(ioctl(fd, XNU_SIOCGIFINFO_IN6, &info), 0);
    close(fd);
    return info.ndi.flags;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_an_address_changes_no_state),
        RIG_TEST(test_every_prefix_length),
        RIG_TEST(test_order_of_addresses),
        RIG_TEST(test_same_address_with_another_mask),
        RIG_TEST(test_no_duplicate_address_detection),
        RIG_TEST(test_own_peer_is_refused_before_the_kernel),
        RIG_TEST(test_peered_and_being_destroyed),
        RIG_TEST(test_carrier),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
