/* SPDX-License-Identifier: Apache-2.0 */
/* IP and MAC addresses, from and to text. */
#include "cmocka_all.h"

#include <string.h>
#include <sys/socket.h>

#include <feth/feth.h>

static void test_text_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
        int family;
        unsigned prefix;
    } good[] = {
        {"10.0.0.1/24", "10.0.0.1/24", AF_INET, 24},
        {"10.0.0.1", "10.0.0.1/32", AF_INET, 32},
        {"0.0.0.0/0", "0.0.0.0/0", AF_INET, 0},
        {"255.255.255.255/32", "255.255.255.255/32", AF_INET, 32},
        {"192.168.1.77/031", "192.168.1.77/31", AF_INET, 31},
        {"fd00:feed::1/64", "fd00:feed::1/64", AF_INET6, 64},
        {"FD00:FEED:0:0:0:0:0:1/64", "fd00:feed::1/64", AF_INET6, 64},
        {"::1", "::1/128", AF_INET6, 128},
        {"::/0", "::/0", AF_INET6, 0},
        {"::ffff:10.0.0.1/96", "::ffff:10.0.0.1/96", AF_INET6, 96},
        {"1111:2222:3333:4444:5555:6666:7777:8888/128", "1111:2222:3333:4444:5555:6666:7777:8888/128",
         AF_INET6, 128},
    };
    struct feth_addr addr;
    struct feth_error err;
    char text[FETH_ADDR_TEXT_SIZE];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (feth_addr_parse(good[i].text, &addr, &err) != 0)
            fail_msg("%s", err.text);
        assert_int_equal(addr.family, good[i].family);
        assert_int_equal(addr.prefix, good[i].prefix);
        assert_ptr_equal(feth_addr_format(&addr, text), text);
        assert_string_equal(text, good[i].canonical);
    }
}

static void test_refused_texts(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "/",
        "/24",
        "10.0.0.1/",
        "10.0.0.1/33",
        "10.0.0.1/-1",
        "10.0.0.1/+1",
        "10.0.0.1/ 8",
        "10.0.0.1/8 ",
        "10.0.0.1/8/8",
        "10.0.0.1/0x8",
        "10.0.0.1/4294967304",
        "10.0.0.1/1000",
        "10.0.0.1/255.255.255.0",
        "10.0.0",
        "10.0.0.256/24",
        "10.0.0.1.1/24",
        " 10.0.0.1/24",
        "fd00::1/129",
        "fd00::1/999",
        "fd00::1::/64",
        "fd00:/64",
        "fe80::1%lo/64",
        "example.org/24",
        "1111:2222:3333:4444:5555:6666:7777:8888:1111:2222:3333:4444:5555:6666/64",
    };
    struct feth_addr addr, before;
    struct feth_error err;

    memset(&addr, 0x5a, sizeof(addr));
    before = addr;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (feth_addr_parse(bad[i], &addr, &err) != FETH_EADDR)
            fail_msg("\"%s\" is taken for an address", bad[i]);
        assert_int_equal(err.code, FETH_EADDR);
        assert_memory_equal(&addr, &before, sizeof(addr));
        assert_non_null(strstr(err.text, "10.0.0.1/24")); /* an example of a good one */
    }
    assert_int_equal(feth_addr_parse(NULL, &addr, &err), FETH_EADDR);
    assert_int_equal(feth_addr_parse("x", &addr, NULL), FETH_EADDR);
}

static void test_overlap(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool overlap;
    } cases[] = {
        {"10.0.0.1/24", "10.0.0.2/24", true},
        {"10.0.0.1/24", "10.0.1.1/24", false},
        {"10.0.0.1/24", "10.0.0.200/32", true},
        {"10.0.0.1/23", "10.0.1.1/24", true},
        {"10.0.2.1/23", "10.0.1.1/24", false},
        {"10.0.0.127/25", "10.0.0.128/25", false},
        {"10.0.0.0/31", "10.0.0.1/31", true},
        {"10.0.0.1/32", "10.0.0.1/32", true},
        {"10.0.0.0/32", "10.0.0.1/32", false},
        {"0.0.0.0/0", "203.0.113.9/32", true},
        {"fd00::1/64", "fd00::2/64", true},
        {"fd00::1/64", "fd00:0:0:1::1/64", false},
        {"fd00::1/63", "fd00:0:0:1::1/64", true},
        {"::/0", "10.0.0.1/24", false},
        {"0.0.0.0/0", "::/0", false},
    };
    struct feth_addr a, b;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(feth_addr_parse(cases[i].a, &a, NULL), 0);
        assert_int_equal(feth_addr_parse(cases[i].b, &b, NULL), 0);
        if (feth_addr_overlap(&a, &b) != cases[i].overlap || feth_addr_overlap(&b, &a) != cases[i].overlap)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

static void test_mac(void **state)
{
    (void)state;
    static const uint8_t want[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0xfe, 0x1b};
    uint8_t mac[FETH_MAC_SIZE];
    struct feth_error err;

    assert_int_equal(feth_mac_parse("02:00:0a:00:fe:1b", mac, &err), 0);
    assert_memory_equal(mac, want, sizeof(want));
    assert_int_equal(feth_mac_parse("02:00:0A:00:FE:1B", mac, &err), 0);
    assert_memory_equal(mac, want, sizeof(want));
    assert_int_equal(feth_mac_parse("2:0:a:0:fe:1b", mac, &err), 0); /* as macOS prints it */
    assert_memory_equal(mac, want, sizeof(want));
}

static void test_refused_macs(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        ":",
        "02:00:0a:00:fe",
        "02:00:0a:00:fe:",
        "02:00:0a:00:fe:1b:",
        "02:00:0a:00:fe:1b:00",
        "02:00:0a:00:fe:1g",
        "02:00:0a:00:fe:001",
        "02:00:0a:00:fe:1b ",
        " 02:00:0a:00:fe:1b",
        "02:00:0a::fe:1b",
        "02-00-0a-00-fe-1b",
        "02000a00fe1b",
        "00:00:00:00:00:00", /* nobody */
        "01:00:5e:00:00:01", /* a group */
        "ff:ff:ff:ff:ff:ff", /* everybody */
    };
    uint8_t mac[FETH_MAC_SIZE] = {2, 1, 1, 1, 1, 1}, before[FETH_MAC_SIZE];
    struct feth_error err;

    memcpy(before, mac, sizeof(mac));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (feth_mac_parse(bad[i], mac, &err) != FETH_EMAC)
            fail_msg("\"%s\" is taken for a station's MAC address", bad[i]);
        assert_int_equal(err.code, FETH_EMAC);
        assert_memory_equal(mac, before, sizeof(mac));
    }
    assert_int_equal(feth_mac_parse(NULL, mac, &err), FETH_EMAC);
    assert_int_equal(feth_mac_parse("x", mac, NULL), FETH_EMAC);
}

static void test_random_mac(void **state)
{
    (void)state;
    uint8_t a[FETH_MAC_SIZE], b[FETH_MAC_SIZE];
    unsigned differ = 0;

    for (int i = 0; i < 100; i++) {
        assert_int_equal(feth_mac_random(a, NULL), 0);
        assert_int_equal(feth_mac_random(b, NULL), 0);
        assert_int_equal(a[0] & 3, 2); /* unicast, locally administered */
        differ += memcmp(a, b, sizeof(a)) != 0;
    }
    assert_int_equal(differ, 100); /* by chance equal: once in 2^40 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_back), cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_overlap),       cmocka_unit_test(test_mac),
        cmocka_unit_test(test_refused_macs),  cmocka_unit_test(test_random_mac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
