/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control front: checks what the caller gives and whose an interface is, then lets the backend act.
 */
#include "core/ctl.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "core/addr.h"
#include "core/fail.h"
#include "core/mark.h"

int feth_ctl_open(struct feth_ctl **out, struct feth_error *err)
{
    struct feth_ctl *ctl = calloc(1, sizeof(*ctl));

    *out = NULL;
    if (!ctl)
        return feth_fail(err, FETH_ENOMEM, 0, "open control handle", NULL, NULL);
    int ret = feth_os_ctl_open(&ctl->os, err);
    if (ret < 0) {
        free(ctl);
        return ret;
    }
    *out = ctl;
    return 0;
}

void feth_ctl_close(struct feth_ctl *ctl)
{
    if (!ctl)
        return;
    feth_os_ctl_close(ctl->os);
    free(ctl);
}

/* ---- looking ------------------------------------------------------------------------------------------------ */

void feth_status_clear(struct feth_status *status)
{
    free(status->addrs);
    status->addrs = NULL;
    status->n_addrs = 0;
}

void feth_list_free(struct feth_status *list, int n)
{
    for (int i = 0; list && i < n; i++)
        feth_status_clear(&list[i]);
    free(list);
}

static int by_unit(const void *a, const void *b)
{
    return feth_unit_of_name(((const struct feth_status *)a)->name, NULL) -
           feth_unit_of_name(((const struct feth_status *)b)->name, NULL);
}

int feth_list(struct feth_ctl *ctl, struct feth_status **list, struct feth_error *err)
{
    struct feth_os_status *found = NULL;

    *list = NULL;
    int n = feth_os_query(ctl->os, NULL, &found, err);
    if (n <= 0) {
        free(found);
        return n;
    }
    struct feth_status *all = malloc((size_t)n * sizeof(*all));
    for (int i = 0; i < n; i++) {
        if (!all) {
            feth_status_clear(&found[i].status);
            continue;
        }
        all[i] = found[i].status;
        all[i].ownership = feth_mark_read(found[i].mark, &all[i].owner);
    }
    free(found);
    if (!all)
        return feth_fail(err, FETH_ENOMEM, 0, "list", NULL, NULL);
    qsort(all, (size_t)n, sizeof(*all), by_unit);
    *list = all;
    return n;
}

int feth_get_status(struct feth_ctl *ctl, const char *name, struct feth_status *status,
                    struct feth_error *err)
{
    struct feth_os_status *found = NULL;

    memset(status, 0, sizeof(*status));
    int ret = feth_unit_of_name(name, err);
    if (ret < 0)
        return ret;
    ret = feth_os_query(ctl->os, name, &found, err);
    if (ret < 0)
        return ret;
    *status = found->status;
    status->ownership = feth_mark_read(found->mark, &status->owner);
    free(found);
    return 0;
}

int feth_get_peer(struct feth_ctl *ctl, const char *name, char peer[FETH_NAME_SIZE], struct feth_error *err)
{
    struct feth_status status;

    int ret = feth_get_status(ctl, name, &status, err);
    if (ret < 0)
        return ret;
    memcpy(peer, status.peer, FETH_NAME_SIZE);
    feth_status_clear(&status);
    return 0;
}

int feth_ctl_ours(struct feth_ctl *ctl, const char *name, const char *op, struct feth_status *status,
                  struct feth_error *err)
{
    struct feth_status mine;

    int ret = feth_get_status(ctl, name, &mine, err);
    if (ret < 0)
        return ret;
    if (mine.ownership == FETH_FOREIGN) {
        feth_status_clear(&mine);
        return feth_fail(err, FETH_ENOTOURS, 0, op, name,
                         "it was not created by this library, which changes only what it created");
    }
    if (status)
        *status = mine;
    else
        feth_status_clear(&mine);
    return 0;
}

/* ---- creating ----------------------------------------------------------------------------------------------- */

static int check_mtu(unsigned mtu, const char *op, const char *name, struct feth_error *err)
{
    unsigned min, max;

    feth_os_mtu_range(&min, &max);
    if (mtu >= min && mtu <= max)
        return 0;
    return feth_fail(err, FETH_EMTU, 0, op, name, "the MTU is %u; %u to %u are possible", mtu, min, max);
}

int feth_config_check(const struct feth_config *config, const char *op, struct feth_error *err)
{
    struct feth_addr addr;
    char name[FETH_NAME_SIZE];
    int ret = 0;

    if (config->size != sizeof(*config))
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "the config's size is not set: use FETH_CONFIG_INIT");
    if (config->n_addrs && !config->addrs)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "%zu addresses are announced, none given",
                         config->n_addrs);
    if (config->nud > FETH_OFF || config->accept_ra > FETH_OFF)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "a setting is kept, on or off");
    if (config->offload & ~(unsigned)FETH_OFFLOAD_ALL)
        return feth_fail(err, FETH_EINVAL, 0, op, NULL, "there is no such offload");
    if (config->unit != FETH_UNIT_AUTO)
        ret = feth_name_of_unit(config->unit, name, err);
    if (ret == 0 && config->mtu)
        ret = check_mtu(config->mtu, op, NULL, err);
    if (ret == 0 && config->mac)
        ret = feth_mac_check(config->mac, err);
    for (size_t i = 0; ret == 0 && i < config->n_addrs; i++)
        if ((ret = feth_addr_parse(config->addrs[i], &addr, err)) == 0)
            ret = feth_addr_check(&addr, op, NULL, err);
    return ret;
}

int feth_config_spec(const struct feth_config *config, unsigned mtu, struct feth_os_spec *spec,
                     struct feth_error *err)
{
    spec->mtu = mtu;
    spec->offload = config->offload;
    int ret = feth_mark_make(spec->mark, config->lifetime, err);
    if (ret < 0)
        return ret;
    if (!config->mac)
        return feth_mac_random(spec->mac, err);
    memcpy(spec->mac, config->mac, sizeof(spec->mac));
    return 0;
}

int feth_config_apply(struct feth_ctl *ctl, const char *name, const struct feth_config *config,
                      struct feth_error *err)
{
    int ret = 0;

    if (config->nud != FETH_KEEP)
        ret = feth_os_set_nud(ctl->os, name, config->nud == FETH_ON, err);
    if (ret == 0 && config->accept_ra != FETH_KEEP)
        ret = feth_os_set_accept_ra(ctl->os, name, config->accept_ra == FETH_ON, err);
    for (size_t i = 0; ret == 0 && i < config->n_addrs; i++) {
        struct feth_addr addr;
        ret = feth_addr_parse(config->addrs[i], &addr, err);
        if (ret == 0)
            ret = feth_os_add_addr(ctl->os, name, &addr, err);
    }
    /* macOS brings an interface up by itself when it gets an address (net/if_fake.c by way of in_control) */
    if (ret == 0 && (config->up || config->n_addrs))
        ret = feth_os_set_up(ctl->os, name, config->up, err);
    return ret;
}

int feth_units_read(struct feth_units *units, const char *op, struct feth_error *err)
{
    struct if_nameindex *all = if_nameindex();

    if (!all)
        return feth_fail(err, errno == ENOMEM || errno == ENOBUFS ? FETH_ENOMEM : FETH_ESYS, errno, op, NULL,
                         "cannot read the names of the interfaces");
    memset(units, 0, sizeof(*units));
    for (const struct if_nameindex *i = all; i->if_index; i++) {
        int unit = feth_unit_of_name(i->if_name, NULL);
        if (unit >= 0)
            units->used[unit / 8] |= (uint8_t)(1 << unit % 8);
    }
    if_freenameindex(all);
    return 0;
}

int feth_units_take(struct feth_units *units, int unit, char name[FETH_NAME_SIZE], const char *op,
                    struct feth_error *err)
{
    bool automatic = unit == FETH_UNIT_AUTO;

    if (automatic)
        for (unit = 0; unit <= FETH_UNIT_MAX && units->used[unit / 8] & 1 << unit % 8;)
            unit++;
    if (unit > FETH_UNIT_MAX)
        return feth_fail(err, FETH_ENOUNIT, 0, op, NULL, "all units from 0 to %d are taken", FETH_UNIT_MAX);
    int ret = feth_name_of_unit(unit, name, err);
    if (ret == 0 && !automatic && units->used[unit / 8] & 1 << unit % 8)
        ret = feth_fail(err, FETH_EEXIST, 0, op, name, "an interface of this name exists already");
    units->used[unit / 8] |= (uint8_t)(1 << unit % 8);
    return ret;
}

int feth_create(struct feth_ctl *ctl, const struct feth_config *config, char name[FETH_NAME_SIZE],
                struct feth_error *err)
{
    static const struct feth_config defaults = FETH_CONFIG_INIT;
    struct feth_units units;
    struct feth_os_spec spec;
    struct feth_error why;

    name[0] = '\0';
    if (!config)
        config = &defaults;
    int ret = feth_config_check(config, "create", err);
    if (ret == 0)
        ret = feth_config_spec(config, config->mtu ? config->mtu : FETH_MTU_DEFAULT, &spec, err);
    if (ret == 0)
        ret = feth_units_read(&units, "create", err);
    if (ret < 0)
        return ret;
    for (int tries = 0; tries < FETH_UNIT_TRIES; tries++) {
        ret = feth_units_take(&units, config->unit, spec.name, "create", &why);
        if (ret == 0)
            ret = feth_os_create(ctl->os, &spec, &why);
        if (ret != FETH_EEXIST || config->unit != FETH_UNIT_AUTO)
            break;
    }
    if (ret < 0)
        return feth_fail_as(err, &why);

    ret = feth_config_apply(ctl, spec.name, config, err);
    if (ret < 0) {
        struct feth_error undo;
        if (feth_os_destroy(ctl->os, spec.name, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
        return ret;
    }
    memcpy(name, spec.name, FETH_NAME_SIZE);
    return 0;
}

int feth_destroy(struct feth_ctl *ctl, const char *name, struct feth_error *err)
{
    int ret = feth_ctl_ours(ctl, name, "destroy", NULL, err);
    return ret < 0 ? ret : feth_os_destroy(ctl->os, name, err);
}

/* ---- changing ----------------------------------------------------------------------------------------------- */

static int already_peered(const char *op, const char *name, const char *peer, struct feth_error *err)
{
    return feth_fail(err, FETH_EPEERED, 0, op, name, "%s is already peered with %s: remove that peer first",
                     name, peer);
}

int feth_set_peer(struct feth_ctl *ctl, const char *name, const char *peer, struct feth_error *err)
{
    struct feth_status a, b;

    int ret = feth_ctl_ours(ctl, name, "set peer", &a, err);
    if (ret < 0)
        return ret;
    feth_status_clear(&a);
    if (!peer)
        return a.peer[0] ? feth_os_unpeer(ctl->os, name, err) : 0;
    if (strcmp(name, peer) == 0)
        return feth_fail(err, FETH_ESELF, 0, "set peer", name,
                         "an interface cannot be its own peer: name another one");
    ret = feth_ctl_ours(ctl, peer, "set peer", &b, err);
    if (ret < 0)
        return ret;
    feth_status_clear(&b);
    if (a.peer[0])
        return already_peered("set peer", name, a.peer, err);
    if (b.peer[0])
        return already_peered("set peer", peer, b.peer, err);
    return feth_os_peer(ctl->os, name, peer, err);
}

static int check_addr(const struct feth_addr *addr, const char *op, const char *name, struct feth_error *err)
{
    if (!addr || (addr->family != AF_INET && addr->family != AF_INET6))
        return feth_fail(err, FETH_EFAMILY, 0, op, name, "an IPv4 or an IPv6 address is required");
    unsigned bits = addr->family == AF_INET ? 32 : 128;
    if (addr->prefix <= bits)
        return 0;
    return feth_fail(err, FETH_EADDR, 0, op, name, "the prefix length is %u; 0 to %u are possible",
                     addr->prefix, bits);
}

int feth_add_addr(struct feth_ctl *ctl, const char *name, const struct feth_addr *addr,
                  struct feth_error *err)
{
    int ret = check_addr(addr, "add address", name, err);
    if (ret == 0)
        ret = feth_addr_check(addr, "add address", name, err);
    if (ret == 0)
        ret = feth_ctl_ours(ctl, name, "add address", NULL, err);
    return ret < 0 ? ret : feth_os_add_addr(ctl->os, name, addr, err);
}

int feth_del_addr(struct feth_ctl *ctl, const char *name, const struct feth_addr *addr,
                  struct feth_error *err)
{
    int ret = check_addr(addr, "remove address", name, err);
    if (ret == 0)
        ret = feth_ctl_ours(ctl, name, "remove address", NULL, err);
    return ret < 0 ? ret : feth_os_del_addr(ctl->os, name, addr, err);
}

int feth_set_mtu(struct feth_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err)
{
    int ret = check_mtu(mtu, "set MTU", name, err);
    if (ret == 0)
        ret = feth_ctl_ours(ctl, name, "set MTU", NULL, err);
    return ret < 0 ? ret : feth_os_set_mtu(ctl->os, name, mtu, err);
}

int feth_set_mac(struct feth_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                 struct feth_error *err)
{
    int ret = mac ? feth_mac_check(mac, err)
                  : feth_fail(err, FETH_EMAC, 0, "set MAC address", name, "no address is given");
    if (ret == 0)
        ret = feth_ctl_ours(ctl, name, "set MAC address", NULL, err);
    return ret < 0 ? ret : feth_os_set_mac(ctl->os, name, mac, err);
}

int feth_set_up(struct feth_ctl *ctl, const char *name, bool up, struct feth_error *err)
{
    int ret = feth_ctl_ours(ctl, name, up ? "bring up" : "take down", NULL, err);
    return ret < 0 ? ret : feth_os_set_up(ctl->os, name, up, err);
}

int feth_set_nud(struct feth_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    int ret = feth_ctl_ours(ctl, name, "set neighbour unreachability detection", NULL, err);
    return ret < 0 ? ret : feth_os_set_nud(ctl->os, name, on, err);
}

int feth_set_accept_ra(struct feth_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    int ret = feth_ctl_ours(ctl, name, "set router advertisements", NULL, err);
    return ret < 0 ? ret : feth_os_set_accept_ra(ctl->os, name, on, err);
}
