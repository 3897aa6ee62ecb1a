/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl_ops.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const host_addrs[] = {"10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64"};
static const uint8_t mac[FETH_MAC_SIZE] = {2, 0, 0x0a, 0, 0, 9};

/* Not what an interface has by itself: that differs from system to system. */
static enum feth_setting accept_ra;

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
    config.accept_ra = accept_ra;
    return config;
}

static int make_plain(struct feth_ctl *with, int unit)
{
    struct feth_config config = FETH_CONFIG_INIT;
    char name[FETH_NAME_SIZE];

    config.unit = unit;
    return feth_create(with, &config, name, NULL);
}

/* An interface whose owner is gone. */
static void make_leftover(int unit)
{
    struct feth_ctl *own;
    int status;

    pid_t child = fork();
    if (child == 0)
        _exit(feth_ctl_open(&own, NULL) == 0 && make_plain(own, unit) == 0 ? 0 : 1);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

void ctl_ops_setup(const struct ctl_op *op)
{
    struct feth_config io = FETH_CONFIG_INIT;
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    assert_int_equal(rig_clear(NULL), 0);
    assert_int_equal(make_plain(ctl, 3), 0);
    struct feth_status plain = rig_status("feth3");
    accept_ra = plain.accept_ra ? FETH_OFF : FETH_ON;
    feth_status_clear(&plain);

    struct feth_config host = rich(0), single = rich(2);
    io.unit = 1;
    io.up = true;
    rig_ok(feth_pair_create(ctl, &host, &io, &pair, &err));
    rig_ok(feth_create(ctl, &single, name, &err));
    if (op->leftover)
        make_leftover(4);
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

static int destroy_single(void)
{
    return feth_destroy(ctl, "feth2", &err);
}

static int pair_destroy(void)
{
    struct feth_pair pair = {.host = "feth0", .io = "feth1"};

    return feth_pair_destroy(ctl, &pair, &err);
}

/* The two are no pair, so they are destroyed one after the other. */
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
    return feth_set_accept_ra(ctl, "feth3", accept_ra == FETH_ON, &err);
}

static int list(void)
{
    struct feth_status *all;
    int n = feth_list(ctl, &all, &err);

    feth_list_free(all, n);
    return n < 0 ? n : 0;
}

static int get_status(void)
{
    struct feth_status status;
    int ret = feth_get_status(ctl, "feth2", &status, &err);

    if (ret == 0)
        feth_status_clear(&status);
    return ret;
}

static int get_peer(void)
{
    char peer[FETH_NAME_SIZE];

    return feth_get_peer(ctl, "feth0", peer, &err);
}

/* What became of the one leftover. */
static int gc_with(bool dry_run)
{
    struct feth_leftover *found;
    int n = feth_gc(ctl, dry_run, &found, &err);

    if (n > 0 && found[0].result < 0)
        err = found[0].why;
    int ret = n > 0 ? found[0].result : n;
    free(found);
    return ret;
}

static int gc(void)
{
    return gc_with(false);
}

static int gc_dry_run(void)
{
    return gc_with(true);
}

static int open_and_close(void)
{
    struct feth_ctl *other;
    int ret = feth_ctl_open(&other, &err);

    feth_ctl_close(other);
    return ret;
}

const struct ctl_op ctl_ops[] = {
    {"create", "feth7", create, CTL_UNDONE, false},
    {"pair_create", "feth", pair_create, CTL_UNDONE, false},
    {"pair_create_offload", "feth", pair_create_offload, CTL_UNDONE, false},
    {"set_peer", "feth", set_peer, CTL_LASTS_ON_LINUX, false},
    {"remove_peer", "feth", remove_peer, CTL_UNDONE, false},
    {"destroy_end", "feth", destroy_end, CTL_UNDONE, false},
    {"destroy_single", "feth2", destroy_single, CTL_UNDONE, false},
    {"pair_destroy", "feth", pair_destroy, CTL_LASTS_ON_MACOS, false},
    {"pair_destroy_parted", "feth", pair_destroy_parted, CTL_LASTS, false},
    {"add_addr4", "feth3", add_addr4, CTL_UNDONE, false},
    {"add_addr6", "feth3", add_addr6, CTL_UNDONE, false},
    {"add_another_addr6", "feth2", add_another_addr6, CTL_UNDONE, false},
    {"del_addr4", "feth2", del_addr4, CTL_UNDONE, false},
    {"del_addr6", "feth2", del_addr6, CTL_UNDONE, false},
    {"set_mtu", "feth2", set_mtu, CTL_UNDONE, false},
    {"set_mac", "feth3", set_mac, CTL_UNDONE, false},
    {"set_up", "feth3", set_up, CTL_UNDONE, false},
    {"set_nud", "feth3", set_nud, CTL_UNDONE, false},
    {"set_accept_ra", "feth3", set_accept_ra, CTL_UNDONE, false},
    {"get_status", "feth2", get_status, CTL_UNDONE, false},
    {"get_peer", "feth0", get_peer, CTL_UNDONE, false},
    {"list", NULL, list, CTL_UNDONE, true},
    {"gc", "feth", gc, CTL_UNDONE, true},
    {"gc_dry_run", NULL, gc_dry_run, CTL_UNDONE, true},
    {"open_and_close", NULL, open_and_close, CTL_UNDONE, false},
};
const unsigned ctl_n_ops = sizeof(ctl_ops) / sizeof(ctl_ops[0]);

const struct ctl_op *ctl_op(const char *name)
{
    for (unsigned i = 0; i < ctl_n_ops; i++)
        if (strcmp(ctl_ops[i].name, name) == 0)
            return &ctl_ops[i];
    fail_msg("there is no operation %s", name);
    return NULL;
}
