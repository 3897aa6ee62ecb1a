/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/os.h"
#include "darwin/xnu.h"

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

/* The mark of a process that is gone. */
static void orphan(const char *name)
{
    struct xnu_if_descreq req;

    memset(&req, 0, sizeof(req));
    (void)snprintf(req.ifdr_name, sizeof(req.ifdr_name), "%s", name);
    (void)snprintf((char *)req.ifdr_desc, sizeof(req.ifdr_desc), "libfeth:1 pid=999999999 start=1 space=%llu",
                   (unsigned long long)feth_os_process_space());
    req.ifdr_len = (uint32_t)strlen((const char *)req.ifdr_desc);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(ioctl(fd, XNU_SIOCSIFDESC, &req), 0);
    assert_int_equal(close(fd), 0);
}

void ctl_ops_setup(void)
{
    struct feth_config config[5] = {rich(0), FETH_CONFIG_INIT, rich(2), FETH_CONFIG_INIT, FETH_CONFIG_INIT};
    struct feth_pair pair;
    char name[FETH_NAME_SIZE];

    config[1].unit = 1;
    config[1].up = true;
    config[3].unit = 3;
    assert_int_equal(rig_clear(NULL), 0);
    rig_ok(feth_pair_create(ctl, &config[0], &config[1], &pair, &err));
    rig_ok(feth_create(ctl, &config[2], name, &err));
    rig_ok(feth_create(ctl, &config[3], name, &err));
    config[4].unit = 4;
    rig_ok(feth_create(ctl, &config[4], name, &err));
    orphan("feth4");
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
    {"create", "feth7", create, false},
    {"pair_create", "feth", pair_create, false},
    {"pair_create_offload", "feth", pair_create_offload, false},
    {"set_peer", "feth", set_peer, false},
    {"remove_peer", "feth", remove_peer, false},
    {"destroy_end", "feth", destroy_end, false},
    {"pair_destroy", "feth", pair_destroy, true},
    {"pair_destroy_parted", "feth", pair_destroy_parted, true},
    {"add_addr4", "feth3", add_addr4, false},
    {"add_addr6", "feth3", add_addr6, false},
    {"add_another_addr6", "feth2", add_another_addr6, false},
    {"del_addr4", "feth2", del_addr4, false},
    {"del_addr6", "feth2", del_addr6, false},
    {"set_mtu", "feth2", set_mtu, false},
    {"set_mac", "feth3", set_mac, false},
    {"set_up", "feth3", set_up, false},
    {"set_nud", "feth3", set_nud, false},
    {"set_accept_ra", "feth3", set_accept_ra, false},
    {"get_status", "feth2", get_status, false},
    {"get_peer", "feth0", get_peer, false},
    {"list", NULL, list, false},
    {"gc", "feth", gc, false},
    {"gc_dry_run", NULL, gc_dry_run, false},
    {"open_and_close", NULL, open_and_close, false},
};
const unsigned ctl_n_ops = sizeof(ctl_ops) / sizeof(ctl_ops[0]);
