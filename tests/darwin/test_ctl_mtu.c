/* SPDX-License-Identifier: Apache-2.0 */
/* MTUs: what an interface was created for, and the machine's setting for that. */
#include "../system/ctl_rig.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/model.h"

static const char max_mtu[] = "net.link.fake.max_mtu";

static void create_unit(int unit, unsigned mtu)
{
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = unit;
    config.mtu = mtu;
    rig_ok(feth_create(ctl, &config, name, &err));
}

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

enum { PROCESSES = 4, EACH = 12 };

/* Pairs with large MTUs, one after the other.  @return whether each got what was asked for */
static bool make_large_ones(unsigned seed)
{
    struct feth_config config = FETH_CONFIG_INIT;
    struct feth_error why;
    struct feth_status status;
    struct feth_pair pair;
    struct feth_ctl *own;
    bool ok = feth_ctl_open(&own, NULL) == 0;

    for (unsigned i = 0; ok && i < EACH; i++) {
        config.mtu = 2049 + (seed * 7919 + i * 1009) % 14000;
        int ret = feth_pair_create(own, &config, &config, &pair, &why);
        if (ret < 0)
            print_message("%s\n", why.text);
        ok = ret == 0 && feth_get_status(own, pair.io, &status, NULL) == 0 && status.mtu == config.mtu;
        if (ret == 0) {
            feth_status_clear(&status);
            ok &= feth_pair_destroy(own, &pair, NULL) == 0;
        }
    }
    feth_ctl_close(own);
    return ok;
}

/* Programs that use this library do not take what another has raised for what was there before. */
static void test_several_programs_at_once(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    int status, failed = 0;

    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(make_large_ones(i) ? 0 : 1);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
    assert_int_equal(model_sysctl(max_mtu), 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_mtu_range),
        RIG_TEST(test_mtu_is_decided_at_creation),
        RIG_TEST(test_max_mtu_is_put_back),
        RIG_TEST(test_several_programs_at_once),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
