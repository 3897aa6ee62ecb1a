/* SPDX-License-Identifier: Apache-2.0 */
/* The model by itself: what macOS's kernel was seen to do with interfaces, and nothing else than that. */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model_rig.h"

static void get_mac(const char *name, uint8_t mac[6])
{
    assert_true(model_interface(name, NULL, NULL, mac));
}

/* ---- creating and destroying -------------------------------------------------------------------------------- */

static void test_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "foo0", "fet0", "feth-1", "feth1x", "feth 1"};

    assert_int_equal(rig_create("feth7"), 0);
    assert_int_equal(rig_create("feth7"), EEXIST);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(rig_create(bad[i]), EINVAL);
    assert_int_equal(rig_create("feth32768"), ENXIO);
    assert_int_equal(rig_create("feth32767"), 0);
    assert_int_equal(rig_create("feth01"), 0);
    assert_true(model_interface("feth1", NULL, NULL, NULL));
    assert_int_equal(rig_destroy("feth9"), ENXIO);
}

static void test_lowest_unit(void **state)
{
    (void)state;
    struct xnu_ifreq req;

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_create("feth2"), 0);
    for (int expected = 1; expected < 4; expected += 2) {
        char name[16];
        (void)snprintf(name, sizeof(name), "feth%d", expected);
        memset(&req, 0, sizeof(req));
        memcpy(req.ifr_name, "feth", 4);
        assert_int_equal(rig_ioctl(XNU_SIOCIFCREATE, &req), 0);
        assert_string_equal(req.ifr_name, name);
    }
}

static void test_new_one(void **state)
{
    (void)state;
    static const uint8_t expected[6] = {0x66, 0x65, 0x74, 0x68, 0x01, 0x02};
    uint8_t mac[6];
    unsigned mtu;

    assert_int_equal(rig_create("feth258"), 0);
    assert_true(model_interface("feth258", &mtu, NULL, mac));
    assert_int_equal(rig_flags("feth258"), 0x8802);
    assert_int_equal(mtu, 1500);
    assert_memory_equal(mac, expected, 6);
}

static void test_destroy_is_asynchronous(void **state)
{
    (void)state;
    assert_int_equal(rig_create("feth0"), 0);
    model_detach_after(2);
    assert_int_equal(rig_destroy("feth0"), 0);
    assert_false(model_interface("feth0", NULL, NULL, NULL));
    assert_int_equal(rig_destroy("feth0"), ENXIO);
    assert_int_equal(rig_create("feth0"), EBUSY);
    assert_int_equal(rig_create("feth0"), EBUSY);
    assert_int_equal(rig_create("feth0"), 0);

    model_detach_after(-1);
    assert_int_equal(rig_destroy("feth0"), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rig_create("feth0"), EBUSY);
    model_detached();
    assert_int_equal(rig_create("feth0"), 0);
}

static void test_made_again(void **state)
{
    (void)state;
    static const uint8_t mac[14] = {2, 0, 0, 0, 0, 9};
    static const uint8_t expected[6] = {0x66, 0x65, 0x74, 0x68, 0, 3};
    uint8_t now[6];
    unsigned mtu;

    model_detach_after(0);
    assert_int_equal(rig_create("feth3"), 0);
    assert_int_equal(rig_mtu("feth3", 900), 0);
    assert_int_equal(rig_mac("feth3", mac, 6), 0);
    assert_int_equal(rig_up("feth3", true), 0);
    assert_int_equal(rig_destroy("feth3"), 0);
    assert_int_equal(rig_create("feth3"), 0);
    assert_true(model_interface("feth3", &mtu, NULL, now));
    assert_int_equal(mtu, 1500);
    assert_memory_equal(now, expected, 6);
    assert_int_equal(rig_flags("feth3"), 0x8802);
}

static void test_denied(void **state)
{
    (void)state;
    assert_int_equal(rig_create("feth0"), 0);
    model_deny(true);
    assert_int_equal(rig_create("feth1"), EPERM);
    assert_int_equal(rig_destroy("feth0"), EPERM);
    assert_int_equal(rig_up("feth0", true), EPERM);
    assert_int_equal(rig_mtu("feth0", 1400), EPERM);
    assert_int_equal(rig_peer("feth0", "feth0"), EPERM);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", NULL), EPERM);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 9000), EPERM);
    assert_int_equal(rig_flags("feth0"), 0x8802);
    model_deny(false);
}

/* ---- peers -------------------------------------------------------------------------------------------------- */

static void test_peers(void **state)
{
    (void)state;
    char peer[16];

    for (int i = 0; i < 4; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "feth%d", i);
        assert_int_equal(rig_create(name), 0);
    }
    assert_int_equal(rig_peer("feth0", "feth9"), ENXIO);
    assert_int_equal(rig_peer("feth0", "lo0"), EINVAL);
    assert_int_equal(rig_peer("lo0", "feth0"), EOPNOTSUPP);
    assert_int_equal(rig_peer("feth0", ""), 0);
    assert_int_equal(rig_peer("feth3", "feth3"), 0);
    assert_int_equal(rig_peer("feth1", "feth0"), 0);
    rig_peer_of("feth0", peer);
    assert_string_equal(peer, "feth1");
    rig_peer_of("feth1", peer);
    assert_string_equal(peer, "feth0");
    assert_int_equal(rig_peer("feth0", "feth1"), EBUSY);
    assert_int_equal(rig_peer("feth0", "feth2"), EBUSY);
    assert_int_equal(rig_peer("feth2", "feth0"), EBUSY);
    assert_int_equal(rig_peer("feth0", ""), 0);
    rig_peer_of("feth1", peer);
    assert_string_equal(peer, "");
}

static void test_peer_is_destroyed(void **state)
{
    (void)state;
    char peer[16];

    rig_pair();
    assert_int_equal(rig_destroy("feth0"), 0);
    rig_peer_of("feth1", peer);
    assert_string_equal(peer, "");
    assert_int_equal(rig_flags("feth1") & XNU_IFF_UP, XNU_IFF_UP);
}

static void test_malformed_requests(void **state)
{
    (void)state;
    struct xnu_if_fake_request fake;
    struct xnu_ifdrv drv;

    assert_int_equal(rig_create("feth0"), 0);
    memset(&fake, 0, sizeof(fake));
    memset(&drv, 0, sizeof(drv));
    memcpy(drv.ifd_name, "feth0", 6);
    drv.ifd_data = &fake;
    drv.ifd_cmd = XNU_IF_FAKE_S_CMD_SET_PEER;
    drv.ifd_len = 159;
    assert_int_equal(rig_ioctl(XNU_SIOCSDRVSPEC, &drv), EINVAL);
    assert_int_equal(rig_ioctl(XNU_SIOCGDRVSPEC, &drv), EINVAL);
    drv.ifd_len = 160;
    fake.iffr_reserved[3] = 1;
    assert_int_equal(rig_ioctl(XNU_SIOCSDRVSPEC, &drv), EINVAL);
    fake.iffr_reserved[3] = 0;
    drv.ifd_cmd = 99;
    assert_int_equal(rig_ioctl(XNU_SIOCSDRVSPEC, &drv), EOPNOTSUPP);
    assert_int_equal(rig_ioctl(XNU_SIOCGDRVSPEC, &drv), EOPNOTSUPP);
}

/* ---- MTU, MAC, description ---------------------------------------------------------------------------------- */

static void test_mtu(void **state)
{
    (void)state;
    struct xnu_ifreq req;

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_mtu("feth0", 71), EINVAL);
    assert_int_equal(rig_mtu("feth0", 72), 0);
    assert_int_equal(rig_mtu("feth0", 2048), 0);
    assert_int_equal(rig_mtu("feth0", 2049), EINVAL);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 1499), EINVAL);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16371), EINVAL);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 16370), 0);
    assert_int_equal(rig_mtu("feth0", 2049), EINVAL);
    assert_int_equal(rig_create("feth1"), 0);
    assert_int_equal(rig_sysctl("net.link.fake.max_mtu", 2048), 0);
    assert_int_equal(rig_mtu("feth1", 16370), 0);
    assert_int_equal(rig_mtu("feth1", 16371), EINVAL);
    memset(&req, 0, sizeof(req));
    memcpy(req.ifr_name, "feth1", 6);
    assert_int_equal(rig_ioctl(XNU_SIOCGIFDEVMTU, &req), 0);
    assert_int_equal(req.ifr_ifru.ifru_devmtu.ifdm_current, 16370);
    assert_int_equal(req.ifr_ifru.ifru_devmtu.ifdm_min, 72);
    assert_int_equal(req.ifr_ifru.ifru_devmtu.ifdm_max, 16370);
}

static void test_mac(void **state)
{
    (void)state;
    static const uint8_t multicast[14] = {0x01, 0, 0x5e, 1, 2, 3};
    struct xnu_ifreq req;
    uint8_t mac[6];

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_mac("feth0", multicast, 5), EINVAL);
    assert_int_equal(rig_mac("feth0", multicast, 7), EINVAL);
    assert_int_equal(rig_mac("feth0", multicast, 18), EINVAL);
    assert_int_equal(rig_mac("feth0", multicast, 6), 0);
    memset(&req, 0, sizeof(req));
    memcpy(req.ifr_name, "feth0", 6);
    assert_int_equal(rig_ioctl(XNU_SIOCGIFLLADDR, &req), 0);
    assert_int_equal(req.ifr_ifru.ifru_addr.sa_len, 6);
    assert_int_equal(req.ifr_ifru.ifru_addr.sa_family, XNU_AF_LINK);
    assert_memory_equal(req.ifr_ifru.ifru_addr.sa_data, multicast, 6);
    assert_int_equal(rig_mac("feth0", multicast, 0), 0);
    get_mac("feth0", mac);
    assert_memory_equal(mac, "\0\0\0\0\0\0", 6);
}

static void test_description(void **state)
{
    (void)state;
    struct xnu_if_descreq req;

    assert_int_equal(sizeof(req), 148);
    assert_int_equal(rig_create("feth0"), 0);
    memset(&req, 0xff, sizeof(req));
    memcpy(req.ifdr_name, "feth0", 6);
    assert_int_equal(rig_ioctl(XNU_SIOCGIFDESC, &req), 0);
    assert_int_equal(req.ifdr_len, 0);
    req.ifdr_len = 5;
    memcpy(req.ifdr_desc, "mine!", 5);
    assert_int_equal(rig_ioctl(XNU_SIOCSIFDESC, &req), 0);
    memset(&req.ifdr_len, 0xff, sizeof(req) - sizeof(req.ifdr_name));
    assert_int_equal(rig_ioctl(XNU_SIOCGIFDESC, &req), 0);
    assert_int_equal(req.ifdr_len, 5);
    assert_memory_equal(req.ifdr_desc, "mine!\0", 6);
    req.ifdr_len = 129;
    assert_int_equal(rig_ioctl(XNU_SIOCSIFDESC, &req), EINVAL);
    req.ifdr_len = 0;
    assert_int_equal(rig_ioctl(XNU_SIOCSIFDESC, &req), 0);
    assert_int_equal(rig_ioctl(XNU_SIOCGIFDESC, &req), 0);
    assert_int_equal(req.ifdr_len, 0);
}

static void test_sysctls(void **state)
{
    (void)state;
    char release[32];
    size_t size = sizeof(release);
    int value;

    assert_int_equal(rig_sysctl("net.link.fake.no_such", 1), ENOENT);
    for (int major = 11; major < 13; major++) {
        model_set_macos(major, 0);
        assert_int_equal(rig_sysctl("net.link.fake.tso_support", 1), ENOENT);
    }
    model_set_macos(11, 0);
    assert_int_equal(sysctlbyname("kern.osrelease", release, &size, NULL, 0), 0);
    assert_string_equal(release, "20.0.0");
    model_set_macos(14, 4);
    size = sizeof(release);
    assert_int_equal(sysctlbyname("kern.osrelease", release, &size, NULL, 0), 0);
    assert_string_equal(release, "23.4.0");
    assert_int_equal(rig_sysctl("net.link.fake.tso_support", 1), 0);
    size = sizeof(value);
    assert_int_equal(sysctlbyname("net.link.fake.tso_support", &value, &size, NULL, 0), 0);
    assert_int_equal(value, 1);
    assert_int_equal(size, sizeof(value));
    size = 2;
    assert_int_equal(sysctlbyname("net.link.fake.tso_support", &value, &size, NULL, 0), -1);
    assert_int_equal(errno, ENOMEM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_lowest_unit),
        TEST(test_new_one),
        TEST(test_destroy_is_asynchronous),
        TEST(test_made_again),
        TEST(test_denied),
        TEST(test_peers),
        TEST(test_peer_is_destroyed),
        TEST(test_malformed_requests),
        TEST(test_mtu),
        TEST(test_mac),
        TEST(test_description),
        TEST(test_sysctls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
