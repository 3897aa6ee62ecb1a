/* SPDX-License-Identifier: Apache-2.0 */
/* Setting and looking: what is Linux's own; the rest is in test_ctl_alike_set.c. */
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

/* ---- the I/O side ------------------------------------------------------------------------------------------- */

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
    char name[FETH_NAME_SIZE];

    rig_ok(feth_create(ctl, NULL, name, &err));
    for (int on = 1; on >= 0; on--) {
        rig_ok(feth_set_nud(ctl, name, on, &err));
        rig_ok(feth_set_accept_ra(ctl, name, on, &err));
        assert_int_equal(rig_sysctl("ipv6/conf/feth0/accept_ra"), on);
        /* ndisc's delay before the first probe: the RFC's, or days */
        long delay = rig_sysctl("ipv6/neigh/feth0/delay_first_probe_time");
        assert_true(on ? delay == 5 : delay > 24 * 3600);
    }
    /* and nobody else's */
    assert_int_equal(rig_sysctl("ipv6/neigh/lo/delay_first_probe_time"), 5);
}

/* ---- whose it is -------------------------------------------------------------------------------------------- */

/* What others have made is seen, and left alone. */
static void test_foreign(void **state)
{
    (void)state;
    struct feth_status *list;

    rig_make_feth20();
    rig_ip("link add feth9 type veth peer name feth10");
    rig_ip("link add feth11 type bridge");
    rig_ip("link set feth10 alias 'libfeth:1 pid=1'"); /* nearly a mark */
    char *before = rig_look(RIG_ALL);
    rig_all_refused("feth9", FETH_ENOTOURS, "feth9");
    rig_all_refused("feth10", FETH_ENOTOURS, "feth10");
    rig_all_refused("feth11", FETH_ENOTFETH, "feth11");
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
        RIG_TEST(test_quiet_io_side), RIG_TEST(test_forwarding_host_hears_nothing),
        RIG_TEST(test_settings),      RIG_TEST(test_foreign),
        RIG_TEST(test_no_privilege),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    feth_ctl_close(ctl);
    return status;
}
