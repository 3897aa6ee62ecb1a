/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds on every system: creating, alone and as pairs.  On Linux this is run against the kernel, and with the
 * macOS backend against a model of that one.
 */
#include "ctl_rig.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

static const uint8_t mac1[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 1};

static void test_units(void **state)
{
    (void)state;
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = 1;
    rig_ok(feth_create(ctl, &config, name, &err));
    assert_string_equal(name, "feth1");
    rig_ok(feth_create(ctl, NULL, name, &err));
    assert_string_equal(name, "feth0");
    rig_ok(feth_create(ctl, NULL, name, &err)); /* the lowest free one */
    assert_string_equal(name, "feth2");
    config.unit = FETH_UNIT_MAX;
    rig_ok(feth_create(ctl, &config, name, &err));
    assert_string_equal(name, "feth32767");
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EEXIST, "feth32767");
    assert_string_equal(name, "");
    config.unit = FETH_UNIT_MAX + 1;
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EUNIT, "32767");
    config.unit = -2;
    rig_refused(feth_create(ctl, &config, name, &err), FETH_EUNIT, "32767");
}

static void test_pair(void **state)
{
    (void)state;
    const char *addrs[] = {"10.0.0.1/24", "fd00:feed::1/64"};
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    struct feth_pair pair;
    char peer[FETH_NAME_SIZE];
    char *before = rig_look(RIG_ALL);

    host.addrs = addrs;
    host.n_addrs = 2;
    host.mac = mac1;
    host.up = io.up = true;
    host.offload = io.offload = FETH_OFFLOAD_ALL; /* as far as there is any: no error */
    io.unit = 101;
    io.mtu = 9000;
    rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
    assert_string_equal(pair.host, "feth0");
    assert_string_equal(pair.io, "feth101");
    rig_ok(feth_get_peer(ctl, pair.host, peer, &err));
    assert_string_equal(peer, pair.io);
    rig_ok(feth_get_peer(ctl, pair.io, peer, &err));
    assert_string_equal(peer, pair.host);
    struct feth_status s = rig_status(pair.host);
    assert_true(s.up && s.carrier);
    assert_int_equal(s.mtu, 9000); /* the other side's */
    assert_memory_equal(s.mac, mac1, sizeof(mac1));
    feth_status_clear(&s);
    assert_true(rig_has_addr(pair.host, addrs[0]) && rig_has_addr(pair.host, addrs[1]));
    rig_ok(feth_set_up(ctl, pair.io, false, &err));
    s = rig_status(pair.host);
    assert_true(s.up && !s.carrier);
    feth_status_clear(&s);
    rig_ok(feth_pair_destroy(ctl, &pair, &err));
    rig_same(before, RIG_ALL);
    rig_ok(feth_pair_destroy(ctl, &pair, &err)); /* gone already */
}

static void test_pair_mtus(void **state)
{
    (void)state;
    static const unsigned cases[][4] = {
        {0, 0, 1500, 1500}, {576, 0, 576, 576}, {0, 16000, 16000, 16000}, {1400, 1300, 1400, 1300}};
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    struct feth_pair pair;

    for (size_t i = 0; i < 4; i++) {
        host.mtu = cases[i][0];
        io.mtu = cases[i][1];
        rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
        struct feth_status a = rig_status(pair.host), b = rig_status(pair.io);
        assert_int_equal(a.mtu, cases[i][2]);
        assert_int_equal(b.mtu, cases[i][3]);
        feth_status_clear(&a);
        feth_status_clear(&b);
    }
}

/* Each failure, in either config, leaves the machine as it was. */
static void test_pair_rollback(void **state)
{
    (void)state;
    static const uint8_t group[FETH_MAC_SIZE] = {1, 0, 0x5e, 0, 0, 1}, zero[FETH_MAC_SIZE];
    const char *good[] = {"10.0.0.1/24"}, *bad[] = {"10.0.0.1/24", "10.0.0/24"};
    /* passes every check of ours; the kernel refuses a group's address when both interfaces stand */
    const char *late[] = {"10.0.0.1/24", "fd00::1/64", "ff02::1/64"};
    struct feth_config ok = FETH_CONFIG_INIT, c;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    ok.unit = 5;
    rig_ok(feth_create(ctl, &ok, pair.host, &err));
    char *before = rig_look(RIG_ALL);
    ok.addrs = good;
    ok.n_addrs = 1;
    ok.unit = FETH_UNIT_AUTO;
    ok.up = true;
#define REFUSED_AS(change, code, says)                                                                       \
    do {                                                                                                     \
        c = (struct feth_config)FETH_CONFIG_INIT;                                                            \
        change;                                                                                              \
        rig_refused(feth_pair_create(ctl, &ok, &c, &pair, &err), code, says);                                \
        rig_refused(feth_pair_create(ctl, &c, NULL, &pair, &err), code, says);                               \
    } while (0)
    REFUSED_AS(c.size = 0, FETH_EINVAL, "FETH_CONFIG_INIT");
    REFUSED_AS(c.unit = 40000, FETH_EUNIT, "40000");
    REFUSED_AS(c.unit = 5, FETH_EEXIST, "feth5");
    REFUSED_AS(c.mtu = 67, FETH_EMTU, "67");
    REFUSED_AS(c.mac = group, FETH_EMAC, "multicast");
    REFUSED_AS(c.mac = zero, FETH_EMAC, "nobody");
    REFUSED_AS((c.addrs = bad, c.n_addrs = 2), FETH_EADDR, "10.0.0/24");
    REFUSED_AS(c.n_addrs = 1, FETH_EINVAL, "none given");
    REFUSED_AS(c.nud = (enum feth_setting)3, FETH_EINVAL, "on or off");
    REFUSED_AS(c.accept_ra = (enum feth_setting)3, FETH_EINVAL, "on or off");
    REFUSED_AS(c.offload = 4, FETH_EINVAL, "no such offload");
    REFUSED_AS(c.lifetime = (enum feth_lifetime)2, FETH_EINVAL, "lifetime");
#undef REFUSED_AS
    rig_refused(feth_pair_create(ctl, NULL, &ok, &pair, &err), FETH_EINVAL, "I/O side");
    c = (struct feth_config)FETH_CONFIG_INIT;
    c.unit = 9;
    struct feth_config same = c;
    rig_refused(feth_pair_create(ctl, &c, &same, &pair, &err), FETH_EINVAL, "unit 9");
    c.addrs = late;
    c.n_addrs = 3;
    c.up = true;
    rig_refused(feth_pair_create(ctl, &c, NULL, &pair, &err), FETH_EADDR, "ff02::1");
    rig_refused(feth_create(ctl, &c, name, &err), FETH_EADDR, "ff02::1");
    assert_string_equal(name, "");
    rig_same(before, RIG_ALL);
}

/* ---- many --------------------------------------------------------------------------------------------------- */

enum { THREADS = 4, EACH = 16 };

static void *create_some(void *arg)
{
    struct feth_ctl *own;
    struct feth_pair pairs[EACH];
    bool ok = feth_ctl_open(&own, NULL) == 0;

    for (int i = 0; ok && i < EACH; i++)
        ok = feth_pair_create(own, NULL, NULL, &pairs[i], arg) == 0;
    for (int i = 0; ok && i < EACH; i += 2)
        ok = feth_pair_destroy(own, &pairs[i], arg) == 0;
    feth_ctl_close(own);
    return ok ? NULL : arg;
}

/* Handles are independent: several threads choose units by themselves, and none gets another's. */
static void test_several_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct feth_error errors[THREADS];
    struct feth_status *list;
    bool ok = true;

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, create_some, &errors[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        struct feth_error *failed;
        assert_int_equal(pthread_join(threads[i], (void **)&failed), 0);
        if (failed) {
            print_message("%s\n", failed->text);
            ok = false;
        }
    }
    assert_true(ok);
    int n = feth_list(ctl, &list, NULL);
    assert_int_equal(n, THREADS * EACH);
    for (int i = 0; i < n; i++)
        assert_string_not_equal(list[i].peer, "");
    feth_list_free(list, n);
}

/* 256 pairs, and a time that a fault in the order of growth would miss by far. */
static void test_many(void **state)
{
    (void)state;
    enum { PAIRS = 256 };
    static struct feth_pair pairs[PAIRS];
    struct feth_status *list;
    struct timespec start, end;

    for (int i = 0; i < PAIRS; i++)
        rig_ok(feth_pair_create(ctl, NULL, NULL, &pairs[i], &err));
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(rig_ok(feth_list(ctl, &list, &err)), 2 * PAIRS);
    clock_gettime(CLOCK_MONOTONIC, &end);
    for (int i = 0; i < 2 * PAIRS; i++) /* by unit */
        assert_int_equal(feth_unit_of_name(list[i].name, NULL), i);
    feth_list_free(list, 2 * PAIRS);
    double ms = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    print_message("%d interfaces listed in %.1f ms\n", 2 * PAIRS, ms);
    assert_true(ms < 1000);
    for (int i = 0; i < PAIRS; i++)
        rig_ok(feth_pair_destroy(ctl, &pairs[i], &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_units),           RIG_TEST(test_pair),
        RIG_TEST(test_pair_mtus),       RIG_TEST(test_pair_rollback),
        RIG_TEST(test_several_at_once), RIG_TEST(test_many),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
