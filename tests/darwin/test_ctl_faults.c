/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of every operation fails once, with every errno that it might.  For each operation the first call
 * fails, then the second, and so on, until none was left to fail.  After a failure everything is as before: interfaces
 * with all they have, descriptors, sysctls; and the error says what was refused, and why.  Where all calls fail from
 * one on, what could not be undone is said.
 */
#include "../system/ctl_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "darwin/sys.h"
#include "model/model.h"

/* so many calls fail where all do from one on */
#define EVER_AFTER 30u

/* ---- operations --------------------------------------------------------------------------------------------- */

static const char *const host_addrs[] = {"10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64"};
static const uint8_t mac[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 9};

static struct feth_config rich(int unit)
{
    struct feth_config config = FETH_CONFIG_INIT;

    config.unit = unit;
    config.addrs = host_addrs;
    config.n_addrs = 4;
    config.mtu = 9000;
    config.mac = mac;
    config.up = true;
    config.nud = FETH_OFF;
    config.accept_ra = FETH_ON;
    return config;
}

/* feth0 and feth1: a pair; feth2, rich, and feth3: without peers */
static void make_all(void)
{
    struct feth_config config[4] = {rich(0), FETH_CONFIG_INIT, rich(2), FETH_CONFIG_INIT};
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    config[1].unit = 1;
    config[1].up = true;
    config[3].unit = 3;
    assert_int_equal(rig_clear(NULL), 0);
    rig_ok(feth_pair_create(ctl, &config[0], &config[1], &pair, &err));
    rig_ok(feth_create(ctl, &config[2], name, &err));
    rig_ok(feth_create(ctl, &config[3], name, &err));
}

static int create(void)
{
    struct feth_config config = rich(7);
    char name[FETH_NAME_SIZE];

    return feth_create(ctl, &config, name, &err);
}

static int pair_create(void)
{
    struct feth_config host = rich(FETH_UNIT_AUTO), io = FETH_CONFIG_INIT;
    struct feth_pair pair;

    io.up = true;
    io.nud = FETH_OFF;
    return feth_pair_create(ctl, &host, &io, &pair, &err);
}

static int pair_create_offload(void)
{
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    struct feth_pair pair;

    host.offload = FETH_OFFLOAD_ALL;
    io.offload = FETH_OFFLOAD_CSUM;
    return feth_pair_create(ctl, &host, &io, &pair, &err);
}

static int set_peer(void)
{
    return feth_set_peer(ctl, "feth2", "feth3", &err);
}

static int remove_peer(void)
{
    return feth_set_peer(ctl, "feth1", NULL, &err);
}

static int destroy_end(void)
{
    return feth_destroy(ctl, "feth1", &err);
}

static int pair_destroy(void)
{
    struct feth_pair pair = {.host = "feth0", .io = "feth1"};

    return feth_pair_destroy(ctl, &pair, &err);
}

static int pair_destroy_parted(void)
{
    struct feth_pair pair = {.host = "feth2", .io = "feth3"};

    return feth_pair_destroy(ctl, &pair, &err);
}

static int add_addr4(void)
{
    struct feth_addr addr = rig_addr("10.9.0.1/24");

    return feth_add_addr(ctl, "feth3", &addr, &err);
}

/* The first one, on an interface that is down. */
static int add_addr6(void)
{
    struct feth_addr addr = rig_addr("fd09::1/64");

    return feth_add_addr(ctl, "feth3", &addr, &err);
}

static int add_another_addr6(void)
{
    struct feth_addr addr = rig_addr("fd09::1/64");

    return feth_add_addr(ctl, "feth2", &addr, &err);
}

static int del_addr4(void)
{
    struct feth_addr addr = rig_addr(host_addrs[0]);

    return feth_del_addr(ctl, "feth2", &addr, &err);
}

static int del_addr6(void)
{
    struct feth_addr addr = rig_addr(host_addrs[2]);

    return feth_del_addr(ctl, "feth2", &addr, &err);
}

static int set_mtu(void)
{
    return feth_set_mtu(ctl, "feth2", 1400, &err);
}

static int set_mac(void)
{
    return feth_set_mac(ctl, "feth3", mac, &err);
}

static int set_up(void)
{
    return feth_set_up(ctl, "feth3", true, &err);
}

static int set_nud(void)
{
    return feth_set_nud(ctl, "feth3", false, &err);
}

static int set_accept_ra(void)
{
    return feth_set_accept_ra(ctl, "feth3", true, &err);
}

static int list(void)
{
    struct feth_status *all;
    int n = feth_list(ctl, &all, &err);

    feth_list_free(all, n);
    return n < 0 ? n : 0;
}

static int open_and_close(void)
{
    struct feth_ctl *other;
    int ret = feth_ctl_open(&other, &err);

    feth_ctl_close(other);
    return ret;
}

static const struct operation {
    const char *name;
    int (*run)(void);
    bool no_way_back; /* two interfaces are destroyed: between them it cannot be undone */
} operations[] = {
    {"create", create, false},
    {"pair_create", pair_create, false},
    {"pair_create_offload", pair_create_offload, false},
    {"set_peer", set_peer, false},
    {"remove_peer", remove_peer, false},
    {"destroy_end", destroy_end, false},
    {"pair_destroy", pair_destroy, true},
    {"pair_destroy_parted", pair_destroy_parted, true},
    {"add_addr4", add_addr4, false},
    {"add_addr6", add_addr6, false},
    {"add_another_addr6", add_another_addr6, false},
    {"del_addr4", del_addr4, false},
    {"del_addr6", del_addr6, false},
    {"set_mtu", set_mtu, false},
    {"set_mac", set_mac, false},
    {"set_up", set_up, false},
    {"set_nud", set_nud, false},
    {"set_accept_ra", set_accept_ra, false},
    {"list", list, false},
    {"open_and_close", open_and_close, false},
};

/* ---- failing ------------------------------------------------------------------------------------------------ */

/* Calls without which an operation can do: the mark, a counter, a setting that is only shown; and those whose failure
 * says nothing, as that of close. */
static bool can_do_without(const char *call)
{
    static const char *const names[] = {"SIOCSIFDESC", "SIOCGIFDESC", "SIOCGIFEFLAGS", "SIOCGIFINFO_IN6",
                                        "KERN_PROC", "NET_RT_IFLIST2", "if_nametoindex", "fcntl", "close",
                                        "inet",
                                        /* segmentation offload, which not every kernel has */
                                        "kern.osrelease",
                                        /* once more, where it is busy; attached already; gone already */
                                        "SIOCIFCREATE", "SIOCPROTOATTACH_IN6", "SIOCIFDESTROY"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], call) == 0)
            return true;
    return false;
}

static char failed[64]; /* the name of the call that failed last */

/* Use up what is still to fail. */
static void fail_none(void)
{
    (void)snprintf(failed, sizeof(failed), "%s", model_failed() ? model_failed() : "");
    for (int i = 0; i <= (int)EVER_AFTER; i++) {
        char text[64];
        size_t size = sizeof(text);
        (void)sysctlbyname("kern.osrelease", text, &size, NULL, 0);
    }
}

static void describe(const struct operation *op, unsigned at, int error, const char *what)
{
    fail_msg("%s, call %u (%s: %s): %s: %s", op->name, at, failed, strerror(error), what, err.text);
}

/* The one call whose failure cannot be made good: then the error says so. */
static bool putting_back(void)
{
    return strncmp(failed, "net.link.fake.", 14) == 0 && strstr(err.text, "cannot be set back");
}

/* Whether the call was one that needs root; others have no reason to say EPERM. */
static bool asks_to_change(void)
{
    return (strncmp(failed, "SIOC", 4) == 0 && strncmp(failed, "SIOCG", 5) != 0) ||
           strncmp(failed, "net.link.", 9) == 0;
}

/* Which code an errno becomes where nothing better is known of it. */
static void check_code(const struct operation *op, unsigned at, int error)
{
    int expected = 0;

    switch (error) {
    case EPERM:
        expected = FETH_EPERM;
        break;
    case ENOBUFS:
        expected = FETH_ENOMEM;
        break;
    default:
        break;
    }
    if (expected && err.code != expected && asks_to_change())
        describe(op, at, error, feth_code_name(err.code));
    if (err.code == FETH_EPERM && error == EPERM && !strstr(err.text, "sudo"))
        describe(op, at, error, "no advice");
}

/* Let each call fail in turn, and with ever_after all that follow.  Returns how often the operation failed. */
static unsigned fail_each(const struct operation *op, int error, bool ever_after)
{
    unsigned refused = 0;

    make_all();
    char *before = rig_look(RIG_ALL);
    for (unsigned at = 1; at < 1000; at++) {
        unsigned had = model_all_calls();
        rig_poison();
        for (unsigned i = 0; i < (ever_after ? EVER_AFTER : 1u); i++)
            model_fail_any(at + i, error);
        int ret = op->run();
        bool reached = model_all_calls() - had >= at;
        fail_none();
        if (!reached) {
            rig_ok(ret);
            break;
        }
        refused += ret < 0;
        char *after = rig_look(RIG_ALL);
        bool same = strcmp(before, after) == 0;
        if (ret == 0) {
            rig_ok(ret);
            /* one that is gone, or no feth, is passed over, and needs not be destroyed */
            if (!ever_after && error != ENXIO && error != EOPNOTSUPP && !can_do_without(failed))
                describe(op, at, error, "it succeeded all the same");
        } else if (err.code != ret || err.text[0] == '\0') {
            describe(op, at, error, "not described");
        } else if (!same && !err.incomplete) {
            fail_msg("%s, call %u (%s: %s):\nbefore:\n%safter:\n%s%s", op->name, at, model_failed(),
                     strerror(error), before, after, err.text);
        } else if (err.incomplete && !ever_after && !op->no_way_back && !putting_back()) {
            describe(op, at, error, "incomplete");
        } else if (!ever_after && !putting_back()) {
            check_code(op, at, error);
        }
        free(after);
        if (ret < 0 && same)
            continue;
        free(before);
        (void)model_set_sysctl("net.link.fake.max_mtu", 2048);
        (void)model_set_sysctl("net.link.fake.hwcsum", 0);
        (void)model_set_sysctl("net.link.fake.tso_support", 0);
        make_all();
        before = rig_look(RIG_ALL);
    }
    free(before);
    return refused;
}

static void each_operation(int error, bool ever_after, unsigned at_least)
{
    unsigned refused = 0;

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        refused += fail_each(&operations[i], error, ever_after);
    print_message("%s: %u failures\n", strerror(error), refused);
    assert_true(refused >= at_least);
}

static void test_one_call_fails(void **state)
{
    (void)state;
    /* what the facts name, and what any call may say */
    static const int errors[] = {EPERM, ENXIO,   EBUSY,      EINVAL,       EEXIST,
                                 EIO,   ENOBUFS, EOPNOTSUPP, EADDRNOTAVAIL};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        each_operation(errors[i], false, 50);
}

static void test_calls_fail_from_then_on(void **state)
{
    (void)state;
    each_operation(EPERM, true, 100);
    each_operation(ENOBUFS, true, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_one_call_fails),
        RIG_TEST(test_calls_fail_from_then_on),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
