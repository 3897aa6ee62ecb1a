/* SPDX-License-Identifier: Apache-2.0 */
/* Setting and looking: addresses, state, MAC, IPv6; whose an interface is; what is refused. */
#include "ctl_rig.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t mac2[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 2};

/* ---- addresses ---------------------------------------------------------------------------------------------- */

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

/* The kernel's own stack keeps out of the I/O side, until that gets an address. */
static void test_quiet_io_side(void **state)
{
    (void)state;
    struct feth_pair pair;
    struct feth_addr v4 = rig_addr("10.0.0.2/24"), v6 = rig_addr("fd00::2/64");

    rig_set_sysctl("ipv4/ip_forward", 1);
    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    assert_int_equal(rig_sysctl("ipv4/conf/feth0/forwarding"), 1);
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/forwarding"), 0);
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/arp_ignore"), 8);
    assert_int_equal(rig_sysctl("ipv6/conf/feth0/disable_ipv6"), 0);
    assert_int_equal(rig_sysctl("ipv6/conf/feth1/disable_ipv6"), 1);
    rig_ok(feth_add_addr(ctl, pair.io, &v4, &err));
    rig_ok(feth_add_addr(ctl, pair.io, &v6, &err));
    assert_true(rig_has_addr(pair.io, "10.0.0.2/24") && rig_has_addr(pair.io, "fd00::2/64"));
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/forwarding"), 1);
    assert_int_equal(rig_sysctl("ipv4/conf/feth1/arp_ignore"), 0);
    assert_int_equal(rig_sysctl("ipv6/conf/feth1/disable_ipv6"), 0);
    rig_set_sysctl("ipv4/ip_forward", 0);
}

/* A host that forwards sends what is meant for the stack behind the I/O side, and nothing comes back from the kernel
 * there: no frame bounced, no ARP or multicast report. */
static void test_forwarding_host_hears_nothing(void **state)
{
    (void)state;
    const char *addrs[] = {"10.0.0.1/24", "fd00:feed::1/64"};
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    struct feth_pair pair;
    struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    char neighbour[128];

    rig_set_sysctl("ipv4/ip_forward", 1);
    rig_set_sysctl("ipv6/conf/all/forwarding", 1);
    host.addrs = addrs;
    host.n_addrs = 2;
    host.up = io.up = true;
    io.mac = mac2;
    rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
    (void)snprintf(neighbour, sizeof(neighbour), "neigh add 10.0.0.2 lladdr 02:00:0a:00:00:02 dev %s",
                   pair.host);
    rig_ip(neighbour);
    (void)snprintf(neighbour, sizeof(neighbour), "neigh add fd00:feed::2 lladdr 02:00:0a:00:00:02 dev %s",
                   pair.host);
    rig_ip(neighbour);
    int fd4 = socket(AF_INET, SOCK_DGRAM, 0), fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
    assert_int_equal(inet_pton(AF_INET, "10.0.0.2", &to4.sin_addr), 1);
    assert_int_equal(inet_pton(AF_INET6, "fd00:feed::2", &to6.sin6_addr), 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sendto(fd4, "frame", 5, 0, (struct sockaddr *)&to4, sizeof(to4)), 5);
        assert_int_equal(sendto(fd6, "frame", 5, 0, (struct sockaddr *)&to6, sizeof(to6)), 5);
    }
    sleep(2); /* multicast reports come after a random time of up to a second, and again */
    struct feth_status h = rig_status(pair.host), i = rig_status(pair.io);
    assert_true(i.counters.rx_frames >= 6);
    assert_int_equal(h.counters.rx_frames, 0);
    assert_int_equal(i.counters.tx_frames, 0);
    feth_status_clear(&h);
    feth_status_clear(&i);
    close(fd4);
    close(fd6);
    rig_set_sysctl("ipv4/ip_forward", 0);
    rig_set_sysctl("ipv6/conf/all/forwarding", 0);
}

/* ---- settings ----------------------------------------------------------------------------------------------- */

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
        assert_int_equal(rig_sysctl("ipv6/conf/feth0/accept_ra"), on);
        /* ndisc's delay before the first probe: the RFC's, or days */
        long delay = rig_sysctl("ipv6/neigh/feth0/delay_first_probe_time");
        assert_true(on ? delay == 5 : delay > 24 * 3600);
    }
    /* and nobody else's */
    assert_int_equal(rig_sysctl("ipv6/neigh/lo/delay_first_probe_time"), 5);
    rig_ok(feth_set_mac(ctl, name, mac2, &err));
    struct feth_status s = rig_status(name);
    assert_memory_equal(s.mac, mac2, sizeof(mac2));
    feth_status_clear(&s);
    rig_refused(feth_set_mac(ctl, name, group, &err), FETH_EMAC, "multicast");
    rig_refused(feth_set_mac(ctl, name, NULL, &err), FETH_EMAC, "no address");
}

/* ---- whose it is -------------------------------------------------------------------------------------------- */

/* Every call that changes something, on one name. */
static void all_refused(const char *name, int code, const char *says)
{
    struct feth_addr addr = rig_addr("10.0.0.1/24");
    struct feth_pair pair = {.host = "feth20"};

    rig_refused(feth_destroy(ctl, name, &err), code, says);
    rig_refused(feth_set_peer(ctl, name, "feth20", &err), code, says);
    rig_refused(feth_set_peer(ctl, "feth20", name, &err), code, says);
    rig_refused(feth_set_peer(ctl, name, NULL, &err), code, says);
    rig_refused(feth_add_addr(ctl, name, &addr, &err), code, says);
    rig_refused(feth_del_addr(ctl, name, &addr, &err), code, says);
    rig_refused(feth_set_mtu(ctl, name, 1400, &err), code, says);
    rig_refused(feth_set_mac(ctl, name, mac2, &err), code, says);
    rig_refused(feth_set_up(ctl, name, true, &err), code, says);
    rig_refused(feth_set_nud(ctl, name, false, &err), code, says);
    rig_refused(feth_set_accept_ra(ctl, name, false, &err), code, says);
    if (code != FETH_ENOIF && strlen(name) < sizeof(pair.io)) {
        memcpy(pair.io, name, strlen(name) + 1);
        memcpy(pair.host, name, strlen(name) + 1);
        rig_refused(feth_pair_destroy(ctl, &pair, &err), code, says);
    }
}

static void make_feth20(void)
{
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = 20;
    rig_ok(feth_create(ctl, &config, name, &err));
}

static void test_bad_names(void **state)
{
    (void)state;
    make_feth20();
    char *before = rig_look(RIG_ALL);
    all_refused("", FETH_ENAME, "\"\"");
    all_refused("feth", FETH_ENAME, "unit number");
    all_refused("feth01", FETH_ENAME, "starts with 0");
    all_refused("foo0", FETH_ENAME, "does not start");
    all_refused("lo", FETH_ENAME, "does not start");
    all_refused("fstub20", FETH_ENAME, "does not start");
    all_refused("feth123456789012", FETH_ENAME, "15");
    all_refused("feth32768", FETH_EUNIT, "32767");
    all_refused("feth21", FETH_ENOIF, "feth21");
    rig_same(before, RIG_ALL);
    struct feth_status s;
    char peer[FETH_NAME_SIZE];
    rig_refused(feth_get_status(ctl, "foo0", &s, &err), FETH_ENAME, "foo0");
    rig_refused(feth_get_status(ctl, NULL, &s, &err), FETH_ENAME, "\"\"");
    rig_refused(feth_get_status(ctl, "feth21", &s, &err), FETH_ENOIF, "feth21");
    rig_refused(feth_get_peer(ctl, "feth21", peer, &err), FETH_ENOIF, "feth21");
}

/* What others have made is seen, and left alone. */
static void test_foreign(void **state)
{
    (void)state;
    struct feth_status *list;

    make_feth20();
    rig_ip("link add feth9 type veth peer name feth10");
    rig_ip("link add feth11 type bridge");
    rig_ip("link set feth10 alias 'libfeth:1 pid=1'"); /* nearly a mark */
    char *before = rig_look(RIG_ALL);
    all_refused("feth9", FETH_ENOTOURS, "feth9");
    all_refused("feth10", FETH_ENOTOURS, "feth10");
    all_refused("feth11", FETH_ENOTFETH, "feth11");
    rig_same(before, RIG_ALL);
    assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 3);
    assert_string_equal(list[0].name, "feth9");
    assert_string_equal(list[0].peer, "feth10");
    assert_int_equal(list[0].ownership, FETH_FOREIGN);
    assert_int_equal(list[1].ownership, FETH_FOREIGN);
    assert_int_equal(list[2].ownership, FETH_OURS_ALIVE);
    feth_list_free(list, 3);
    feth_list_free(NULL, 0);
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

/* ---- privilege ---------------------------------------------------------------------------------------------- */

static bool refused_for_privilege(int ret)
{
    bool ok = ret == FETH_EPERM && err.code == FETH_EPERM && !err.incomplete &&
              strstr(err.text, "CAP_NET_ADMIN") && strstr(err.text, "sudo") &&
              strstr(err.text, "unshare -rn");
    if (!ok)
        print_message("%s: %s\n", feth_code_name(ret), ret < 0 ? err.text : "");
    return ok;
}

static bool unprivileged(void)
{
    struct feth_addr addr = {.family = AF_INET, .bytes = {10, 0, 0, 1}, .prefix = 24};
    struct feth_pair pair = {.host = "feth0", .io = "feth1"}, none;
    struct feth_status *list;
    struct feth_ctl *own;
    char name[FETH_NAME_SIZE];

    bool other_user = setuid(65534) == 0; /* in a user namespace only our own id is mapped */
    if (!rig_drop_privilege() || feth_ctl_open(&own, NULL) < 0)
        return false;
    /* looking needs none */
    bool ok = feth_list(own, &list, NULL) == 3;
    feth_list_free(list, 3);
    ok &= refused_for_privilege(feth_create(own, NULL, name, &err));
    ok &= refused_for_privilege(feth_pair_create(own, NULL, NULL, &none, &err));
    ok &= refused_for_privilege(feth_destroy(own, "feth0", &err));
    ok &= refused_for_privilege(feth_destroy(own, "feth2", &err));
    ok &= refused_for_privilege(feth_pair_destroy(own, &pair, &err));
    ok &= refused_for_privilege(feth_set_peer(own, "feth0", NULL, &err));
    ok &= refused_for_privilege(feth_add_addr(own, "feth0", &addr, &err));
    ok &= refused_for_privilege(feth_del_addr(own, "feth0", &addr, &err));
    ok &= refused_for_privilege(feth_set_mtu(own, "feth0", 1400, &err));
    ok &= refused_for_privilege(feth_set_mac(own, "feth0", mac2, &err));
    ok &= refused_for_privilege(feth_set_up(own, "feth0", true, &err));
    ok &= refused_for_privilege(feth_set_nud(own, "feth0", false, &err));
    addr = (struct feth_addr){.family = AF_INET6, .bytes = {0xfd, [15] = 1}, .prefix = 64};
    ok &= refused_for_privilege(feth_add_addr(own, "feth0", &addr, &err));
    ok &= refused_for_privilege(feth_add_addr(own, "feth1", &addr, &err));
    /* root may write /proc/sys without a capability: only another user is refused, where there is one */
    if (other_user)
        ok &= refused_for_privilege(feth_set_accept_ra(own, "feth0", false, &err));
    feth_ctl_close(own);
    return ok;
}

static void test_no_privilege(void **state)
{
    (void)state;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    rig_ok(feth_pair_create(ctl, NULL, NULL, &pair, &err));
    rig_ok(feth_create(ctl, NULL, name, &err));
    char *before = rig_look(RIG_ALL);
    pid_t child = fork();
    if (child == 0)
        _exit(unprivileged() ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    rig_same(before, RIG_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_addresses),     RIG_TEST(test_link_local_comes_with_ipv6),
        RIG_TEST(test_quiet_io_side), RIG_TEST(test_forwarding_host_hears_nothing),
        RIG_TEST(test_settings),      RIG_TEST(test_bad_names),
        RIG_TEST(test_foreign),       RIG_TEST(test_empty_list),
        RIG_TEST(test_leftovers),     RIG_TEST(test_no_privilege),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
