/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces that are made for offload, and the machine's settings for that. */
#include "../system/ctl_rig.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "darwin/io_offload.h"
#include "model/model.h"

static const char hwcsum[] = "net.link.fake.hwcsum", tso[] = "net.link.fake.tso_support",
                  max_mtu[] = "net.link.fake.max_mtu";

static int made_on_15(void **state)
{
    model_set_macos(15, 0);
    return rig_clear(state);
}

static struct feth_config with(unsigned offload)
{
    struct feth_config config = FETH_CONFIG_INIT;

    config.offload = offload;
    return config;
}

/* What an interface was made for, as the kernel tells it. */
static unsigned offload_of(const char *name)
{
    struct feth_assist assist;

    assert_true(feth_assist_read(&assist, name, ""));
    return (assist.tx_csum ? FETH_OFFLOAD_CSUM : 0u) | (assist.tx_tso ? FETH_OFFLOAD_TSO : 0u);
}

static void settings_are(int csum, int segmentation)
{
    assert_int_equal(model_sysctl(hwcsum), csum);
    assert_int_equal(model_sysctl(tso), segmentation);
    assert_int_equal(model_sysctl(max_mtu), 2048);
}

/* ---- what comes of it --------------------------------------------------------------------------------------- */

static void test_each(void **state)
{
    (void)state;
    char name[FETH_NAME_SIZE];

    for (unsigned offload = 0; offload <= FETH_OFFLOAD_ALL; offload++) {
        struct feth_config config = with(offload);
        unsigned set = model_calls("sysctlbyname:set");
        rig_ok(feth_create(ctl, &config, name, &err));
        assert_int_equal(offload_of(name), offload);
        /* there and back */
        assert_int_equal(model_calls("sysctlbyname:set") - set, 2 * __builtin_popcount(offload));
        settings_are(0, 0);
    }
    rig_ok(feth_create(ctl, NULL, name, &err));
    assert_int_equal(offload_of(name), 0);
}

static void test_pairs(void **state)
{
    (void)state;
    struct feth_pair pair;

    for (unsigned i = 0; i < 16; i++) {
        struct feth_config host = with(i & 3), io = with(i >> 2);
        host.mtu = i % 2 ? 9000 : 0;
        rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
        assert_int_equal(offload_of(pair.host), host.offload);
        assert_int_equal(offload_of(pair.io), io.offload);
        settings_are(0, 0);
    }
}

/* Segmentation: macOS 11 and 12 have no setting for it, 13 and 14 take no notice of it. */
static void test_older_kernels(void **state)
{
    (void)state;
    struct feth_config all = with(FETH_OFFLOAD_ALL), segmentation = with(FETH_OFFLOAD_TSO);
    char name[FETH_NAME_SIZE];

    for (int major = 11; major < 15; major++) {
        model_set_macos(major, 0);
        rig_ok(feth_create(ctl, &all, name, &err));
        assert_int_equal(offload_of(name), FETH_OFFLOAD_CSUM);
        char *before = rig_look(RIG_ALL);
        unsigned set = model_calls("sysctlbyname:set");
        rig_refused(feth_create(ctl, &segmentation, name, &err), FETH_ENOSUP, "needs macOS 15");
        assert_int_equal(model_calls("sysctlbyname:set"), set);
        rig_same(before, RIG_ALL);
    }
    /* a later one that has taken a setting away */
    model_set_macos(26, 0);
    model_fail_nth(hwcsum, 1, ENOENT);
    rig_ok(feth_create(ctl, &all, name, &err));
    assert_int_equal(offload_of(name), FETH_OFFLOAD_TSO);
    model_fail_nth(hwcsum, 1, ENOENT);
    model_fail_nth(tso, 1, ENOENT);
    rig_refused(feth_create(ctl, &all, name, &err), FETH_ENOSUP, "no checksum offload");
    settings_are(0, 0);
}

/* Who has set it for all interfaces keeps it. */
static void test_set_for_all(void **state)
{
    (void)state;
    struct feth_config config = with(FETH_OFFLOAD_CSUM), plain = with(0);
    struct feth_pair pair;
    unsigned set = model_calls("sysctlbyname:set");

    assert_true(model_set_sysctl(hwcsum, 3));
    rig_ok(feth_pair_create(ctl, &config, &plain, &pair, &err));
    assert_int_equal(offload_of(pair.io), FETH_OFFLOAD_CSUM);
    assert_int_equal(model_calls("sysctlbyname:set"), set);
    config = with(FETH_OFFLOAD_ALL);
    rig_ok(feth_pair_create(ctl, &config, &config, &pair, &err));
    settings_are(3, 0);
    assert_true(model_set_sysctl(hwcsum, 0));
}

/* ---- when it fails ------------------------------------------------------------------------------------------ */

static void test_refused(void **state)
{
    (void)state;
    struct feth_config config = with(FETH_OFFLOAD_ALL);
    struct feth_pair pair;
    char *before = rig_look(RIG_ALL);

    config.mtu = 9000;
    model_fail_nth("sysctlbyname:set", 2, EPERM); /* of hwcsum, when max_mtu is raised already */
    rig_refused(feth_pair_create(ctl, &config, &config, &pair, &err), FETH_EPERM, "sudo");
    settings_are(0, 0);
    model_fail_nth("sysctlbyname:set", 3, EIO);
    rig_refused(feth_pair_create(ctl, &config, &config, &pair, &err), FETH_ESYS,
                "cannot set net.link.fake.tso_support to 1");
    settings_are(0, 0);
    /* the interfaces themselves: all is set then */
    model_fail_nth("SIOCIFCREATE", 2, ENOBUFS);
    rig_refused(feth_pair_create(ctl, &config, &config, &pair, &err), FETH_ENOMEM, "");
    settings_are(0, 0);
    model_deny(true);
    rig_refused(feth_pair_create(ctl, &config, &config, &pair, &err), FETH_EPERM, "sudo");
    model_deny(false);
    settings_are(0, 0);
    rig_same(before, RIG_ALL);
}

/* Putting back fails: the others are put back all the same, and what is left is said. */
static void test_not_put_back(void **state)
{
    (void)state;
    struct feth_config config = with(FETH_OFFLOAD_ALL);
    char name[FETH_NAME_SIZE];

    config.mtu = 9000;
    model_fail_nth("sysctlbyname:set", 5, EIO);
    assert_int_equal(feth_create(ctl, &config, name, &err), FETH_ESYS);
    assert_non_null(strstr(err.text, "net.link.fake.hwcsum cannot be set back from 1 to 0"));
    assert_true(err.incomplete);
    assert_int_equal(model_feths(), 0);
    settings_are(1, 0);
    assert_true(model_set_sysctl(hwcsum, 0));
}

/* ---- others, meanwhile -------------------------------------------------------------------------------------- */

/* Wait until creation has changed the setting; then somebody else changes it, too, and creation may go on. */
static void *somebody(void *arg)
{
    for (int i = 0; i < 10000 && model_sysctl(arg) == 0; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    (void)model_set_sysctl(arg, 5);
    model_detached();
    return NULL;
}

static void test_changed_meanwhile(void **state)
{
    (void)state;
    static const char *const settings[] = {hwcsum, tso};
    struct feth_config config = with(FETH_OFFLOAD_ALL);
    char name[FETH_NAME_SIZE];
    pthread_t thread;

    config.unit = 3;
    for (int i = 0; i < 2; i++) {
        struct feth_config before = with(0);
        before.unit = 3;
        model_detach_after(-1); /* creating waits for the one before */
        rig_ok(feth_create(ctl, &before, name, &err));
        rig_ok(feth_destroy(ctl, name, &err));
        assert_int_equal(pthread_create(&thread, NULL, somebody, (void *)(uintptr_t)settings[i]), 0);
        rig_ok(feth_create(ctl, &config, name, &err));
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(offload_of(name), FETH_OFFLOAD_ALL);
        assert_int_equal(model_sysctl(settings[i]), 5);
        assert_int_equal(model_sysctl(settings[1 - i]), 0);
        assert_true(model_set_sysctl(settings[i], 0));
        model_detach_after(1);
        rig_ok(feth_destroy(ctl, name, &err));
        model_detached();
    }
}

enum { PROCESSES = 4, EACH = 12 };

/* Pairs with and without offload, one after the other.  @return whether each got what was asked for, and no more */
static bool make_some(unsigned seed)
{
    struct feth_error why;
    struct feth_pair pair;
    struct feth_ctl *own;
    bool ok = feth_ctl_open(&own, NULL) == 0;

    for (unsigned i = 0; ok && i < EACH; i++) {
        struct feth_config config = with((seed + i) & 3);
        config.mtu = i % 3 ? 0 : 2049 + i;
        int ret = feth_pair_create(own, &config, &config, &pair, &why);
        if (ret < 0)
            print_message("%s\n", why.text);
        ok = ret == 0 && offload_of(pair.io) == config.offload && offload_of(pair.host) == config.offload;
        if (ret == 0)
            ok &= feth_pair_destroy(own, &pair, NULL) == 0;
    }
    feth_ctl_close(own);
    return ok;
}

static void test_several_programs_at_once(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    int status, failed = 0;

    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(make_some(i) ? 0 : 1);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
    settings_are(0, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, made_on_15, made_on_15)
    const struct CMUnitTest tests[] = {
        TEST(test_each),
        TEST(test_pairs),
        TEST(test_older_kernels),
        TEST(test_set_for_all),
        TEST(test_refused),
        TEST(test_not_put_back),
        TEST(test_changed_meanwhile),
        TEST(test_several_programs_at_once),
    };
    int status = rig_enter();
    if (status)
        return status;
    status = cmocka_run_group_tests(tests, NULL, NULL);
    return rig_leave(status);
}
