/* SPDX-License-Identifier: Apache-2.0 */
/* The model by itself: addresses, and what getifaddrs() tells. */
#include "../unit/cmocka_all.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "model_rig.h"

#define UP_RUNNING (XNU_IFF_UP | XNU_IFF_RUNNING)

/* What a request answers with: an address or a mask. */
static int get4(const char *name, unsigned long request, struct xnu_ifreq *req)
{
    memset(req, 0, sizeof(*req));
    (void)snprintf(req->ifr_name, sizeof(req->ifr_name), "%s", name);
    req->ifr_ifru.ifru_addr.sa_family = XNU_AF_INET;
    return rig_ioctl(request, req);
}

static void expect4(const char *name, const char *addr)
{
    struct xnu_ifreq req;
    char text[INET_ADDRSTRLEN];

    assert_int_equal(get4(name, XNU_SIOCGIFADDR, &req), 0);
    assert_int_equal(req.ifr_ifru.ifru_addr.sa_family, XNU_AF_INET);
    assert_non_null(inet_ntop(AF_INET, req.ifr_ifru.ifru_addr.sa_data + 2, text, sizeof(text)));
    assert_string_equal(text, addr);
}

static void expect_mask(const char *name, unsigned len, const char *mask)
{
    struct xnu_ifreq req;
    char text[INET_ADDRSTRLEN];

    assert_int_equal(get4(name, XNU_SIOCGIFNETMASK, &req), 0);
    assert_int_equal(req.ifr_ifru.ifru_addr.sa_len, len);
    assert_int_equal(req.ifr_ifru.ifru_addr.sa_family, 0);
    assert_non_null(inet_ntop(AF_INET, req.ifr_ifru.ifru_addr.sa_data + 2, text, sizeof(text)));
    assert_string_equal(text, mask);
}

static void test_first_address_brings_it_up(void **state)
{
    (void)state;
    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_flags("feth0") & UP_RUNNING, 0);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    assert_int_equal(rig_flags("feth0") & UP_RUNNING, UP_RUNNING);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0); /* again */
    expect4("feth0", "10.0.0.1");
}

/* A new IPv4 address, and a new mask, is announced to the peer. */
static void test_announcements(void **state)
{
    (void)state;
    uint8_t buf[4096], mac[6];

    rig_pair();
    assert_true(model_interface("feth0", NULL, NULL, mac));
    int bpf = rig_bpf_on("feth1", sizeof(buf));
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    assert_int_equal(read(bpf, buf, sizeof(buf)), 18 + 42);
    assert_memory_equal(buf + 18, "\xff\xff\xff\xff\xff\xff", 6);
    assert_memory_equal(buf + 24, mac, 6);
    assert_memory_equal(buf + 30, "\x08\x06\0\x01\x08\0\x06\x04\0\x01", 10);
    assert_memory_equal(buf + 40, mac, 6);
    assert_memory_equal(buf + 46, "\x0a\0\0\x01", 4);                    /* the sender's */
    assert_memory_equal(buf + 56, "\x0a\0\0\x01", 4);                    /* and the target's */
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0); /* nothing new */
    assert_true(read(bpf, buf, sizeof(buf)) < 0);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.0.0"), 0);
    assert_int_equal(read(bpf, buf, sizeof(buf)), 18 + 42);
    assert_int_equal(close(bpf), 0);
}

static void test_masks(void **state)
{
    (void)state;
    static const struct {
        const char *addr, *mask, *answer;
        unsigned len;
    } masks[] = {
        {"10.0.0.1", "255.0.0.0", "255.0.0.0", 5},
        {"10.0.0.1", "255.255.0.0", "255.255.0.0", 6},
        {"10.0.0.1", "255.255.255.0", "255.255.255.0", 7},
        {"10.0.0.1", "255.255.255.252", "255.255.255.252", 8},
        {"10.0.0.1", NULL, "255.0.0.0", 5},
        {"172.16.0.1", NULL, "255.255.0.0", 6},
        {"192.168.0.1", NULL, "255.255.255.0", 7},
    };

    model_detach_after(0);
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        assert_int_equal(rig_create("feth0"), 0);
        assert_int_equal(rig_add4("feth0", masks[i].addr, masks[i].mask), 0);
        expect_mask("feth0", masks[i].len, masks[i].answer);
        assert_int_equal(rig_destroy("feth0"), 0);
    }
}

static void test_removing(void **state)
{
    (void)state;
    struct xnu_ifreq req;

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(get4("feth0", XNU_SIOCGIFADDR, &req), EADDRNOTAVAIL);
    assert_int_equal(get4("feth0", XNU_SIOCGIFNETMASK, &req), EADDRNOTAVAIL);
    assert_int_equal(rig_del4("feth0", "10.0.0.1"), EADDRNOTAVAIL);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", NULL), 0);
    assert_int_equal(rig_add4("feth0", "10.1.0.1", NULL), 0);
    assert_int_equal(rig_del4("feth0", "10.2.0.1"), EADDRNOTAVAIL);
    assert_int_equal(rig_del4("feth0", "0.0.0.0"), 0);
    expect4("feth0", "10.1.0.1");
    assert_int_equal(rig_del4("feth0", "10.1.0.1"), 0);
    assert_int_equal(rig_del4("feth0", "0.0.0.0"), EADDRNOTAVAIL);
}

/* ---- IPv6 --------------------------------------------------------------------------------------------------- */

static int add6(const char *name, const char *addr)
{
    struct xnu_in6_aliasreq req;

    memset(&req, 0, sizeof(req));
    (void)snprintf(req.ifra_name, sizeof(req.ifra_name), "%s", name);
    req.ifra_addr.sin6_len = sizeof(req.ifra_addr);
    req.ifra_addr.sin6_family = XNU_AF_INET6;
    assert_int_equal(inet_pton(AF_INET6, addr, &req.ifra_addr.sin6_addr), 1);
    req.ifra_prefixmask = req.ifra_addr;
    assert_int_equal(inet_pton(AF_INET6, "ffff:ffff:ffff:ffff::", &req.ifra_prefixmask.sin6_addr), 1);
    return rig_ioctl6(XNU_SIOCAIFADDR_IN6, &req);
}

static int flags6(const char *name, uint32_t *flags)
{
    struct xnu_in6_ondireq req;

    memset(&req, 0, sizeof(req));
    (void)snprintf(req.ifname, sizeof(req.ifname), "%s", name);
    int error = rig_ioctl6(XNU_SIOCGIFINFO_IN6, &req);
    *flags = req.ndi.flags;
    return error;
}

static void test_ipv6(void **state)
{
    (void)state;
    struct xnu_in6_ndireq nd;
    uint32_t flags;

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(flags6("feth0", &flags), EINVAL); /* IPv6 never was there */
    assert_int_equal(add6("feth0", "::"), EINVAL);
    assert_int_equal(add6("feth0", "ff02::1"), EINVAL);
    assert_int_equal(add6("feth0", "fd00::1"), 0);
    assert_int_equal(rig_flags("feth0") & UP_RUNNING, UP_RUNNING);
    assert_int_equal(flags6("feth0", &flags), 0);
    assert_int_equal(flags & XNU_ND6_IFF_PERFORMNUD, XNU_ND6_IFF_PERFORMNUD);
    memset(&nd, 0, sizeof(nd));
    memcpy(nd.ifname, "feth0", 6);
    assert_int_equal(rig_ioctl6(XNU_SIOCSIFINFO_FLAGS, &nd), 0);
    assert_int_equal(flags6("feth0", &flags), 0);
    assert_int_equal(flags, 0);

    /* the next interface of this name finds it so */
    model_detach_after(0);
    assert_int_equal(rig_destroy("feth0"), 0);
    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(flags6("feth0", &flags), 0);
    assert_int_equal(flags, 0);
}

/* ---- getifaddrs() ------------------------------------------------------------------------------------------- */

static unsigned count(const struct ifaddrs *list, const char *name, int family)
{
    unsigned n = 0;

    for (const struct ifaddrs *i = list; i; i = i->ifa_next)
        if (strcmp(i->ifa_name, name) == 0 &&
            ((const struct xnu_sockaddr *)(const void *)i->ifa_addr)->sa_family == family)
            n++;
    return n;
}

static void test_getifaddrs(void **state)
{
    (void)state;
    struct ifaddrs *list, *i;

    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_add4("feth0", "10.0.0.1", "255.255.255.0"), 0);
    assert_int_equal(add6("feth0", "fd00::1"), 0);
    assert_int_equal(getifaddrs(&list), 0);
    assert_int_equal(count(list, "lo0", XNU_AF_LINK), 1);
    assert_int_equal(count(list, "feth0", XNU_AF_LINK), 1);
    assert_int_equal(count(list, "feth0", XNU_AF_INET), 1);
    assert_int_equal(count(list, "feth0", XNU_AF_INET6), 2); /* one is link-local */
    for (i = list; strcmp(i->ifa_name, "feth0") != 0;)
        i = i->ifa_next;
    const struct xnu_sockaddr_dl *sdl = (const void *)i->ifa_addr;
    assert_int_equal(sdl->sdl_nlen, 5);
    assert_int_equal(sdl->sdl_alen, 6);
    assert_memory_equal(sdl->sdl_data, "feth0feth\0\0", 11);
    assert_int_equal(((const struct xnu_if_data *)i->ifa_data)->ifi_mtu, 1500);
    i = i->ifa_next;
    assert_int_equal(((const uint8_t *)i->ifa_netmask)[0], 7); /* cut behind the last byte that is not 0 */
    freeifaddrs(list);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_first_address_brings_it_up),
        TEST(test_announcements),
        TEST(test_masks),
        TEST(test_removing),
        TEST(test_ipv6),
        TEST(test_getifaddrs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
