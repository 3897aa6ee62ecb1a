/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ends of a veth never change partners, so whenever a peer comes or goes the interfaces concerned are re-made.
 * The new ones are prepared in full under temporary names; then the old ones step aside, under temporary names
 * themselves, and the new ones take their names; the old ones are deleted last.  Until then every step can be undone.
 */
#include "linux/remake.h"

#include <net/if.h>
#include <string.h>

#include "core/fail.h"

/* What a user sets with "ip link set" beside up and down. */
#define KEPT_FLAGS (IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI | IFF_MULTICAST)

void feth_remake_init(struct feth_remake *r, const struct feth_iface *was)
{
    const struct feth_status *s = &was->os.status;

    memset(r, 0, sizeof(*r));
    r->was = was;
    memcpy(r->spec.name, s->name, sizeof(r->spec.name));
    memcpy(r->spec.mac, s->mac, sizeof(r->spec.mac));
    memcpy(r->spec.mark, was->os.mark, sizeof(r->spec.mark));
    r->spec.mtu = s->mtu;
    r->end.spec = &r->spec;
    r->end.like = was;
}

static int restore(struct feth_os_ctl *ctl, const struct feth_remake *r, const char *op,
                   struct feth_error *err)
{
    const struct feth_iface *was = r->was;
    char name[FETH_NAME_SIZE]; /* IF_NAMESIZE is the same */

    int ret = feth_veth_set_flags(ctl, r->end.ifindex, was->os.status.flags & KEPT_FLAGS, KEPT_FLAGS, op,
                                  r->spec.name, err);
    if (ret == 0 && !was->os.status.nud && was->addr_gen_mode >= 0 &&
        if_indextoname((unsigned)r->end.ifindex, name))
        ret = feth_os_set_nud(ctl, name, false, err);
    if (ret == 0)
        ret = feth_addrs_add(ctl, &r->addrs, AF_INET6, r->end.ifindex, op, r->spec.name, err);
    return ret;
}

static int prepare(struct feth_os_ctl *ctl, struct feth_remake *r, unsigned n, bool connect, const char *op,
                   struct feth_error *err)
{
    int ret = 0;

    for (unsigned i = 0; ret == 0 && i < n; i++)
        ret = feth_addrs_read(ctl, &r[i].addrs, r[i].was->ifindex, op, r[i].spec.name, err);
    if (ret == 0 && connect)
        ret = feth_veth_make(ctl, &r[0].end, &r[1].end, op, err);
    for (unsigned i = 0; ret == 0 && i < n; i++) {
        if (!connect)
            ret = feth_veth_make(ctl, &r[i].end, &r[i].stub, op, err);
        if (ret == 0)
            ret = restore(ctl, &r[i], op, err);
    }
    return ret;
}

static int step_aside(struct feth_os_ctl *ctl, struct feth_remake *r, const char *op, struct feth_error *err)
{
    struct feth_error why;
    char aside[FETH_NAME_SIZE];

    int ret = feth_veth_rename_aside(ctl, r->was->ifindex, aside, op, r->spec.name, &why);
    if (ret == FETH_EBUSY && r->was->os.status.up) {
        /* before Linux 6.2 an interface must be down to get another name */
        ret = feth_veth_set_flags(ctl, r->was->ifindex, 0, IFF_UP, op, r->spec.name, &why);
        r->taken_down = ret == 0;
        if (ret == 0)
            ret = feth_veth_rename_aside(ctl, r->was->ifindex, aside, op, r->spec.name, &why);
    }
    if (ret == 0)
        memcpy(r->aside, aside, sizeof(aside));
    else
        (void)feth_fail_as(err, &why);
    return ret;
}

static int take_place(struct feth_os_ctl *ctl, struct feth_remake *r, const char *op, struct feth_error *err)
{
    char stub[FETH_NAME_SIZE];

    int ret = step_aside(ctl, r, op, err);
    if (ret == 0 && r->stub.ifindex) {
        feth_stub_name(r->spec.name, stub);
        ret = feth_veth_rename(ctl, r->stub.ifindex, stub, op, err);
    }
    if (ret == 0)
        ret = feth_veth_rename(ctl, r->end.ifindex, r->spec.name, op, err);
    /* not before it has its name: renaming puts numbers behind the labels of all but the first (inetdev_changename) */
    if (ret == 0)
        ret = feth_addrs_add(ctl, &r->addrs, AF_INET, r->end.ifindex, op, r->spec.name, err);
    return ret;
}

/* Both up: when the second one comes up, the first has its carrier. */
static int bring_up(struct feth_os_ctl *ctl, const struct feth_remake *r, unsigned n, const char *op,
                    struct feth_error *err)
{
    int ret = 0;

    for (unsigned i = 0; ret == 0 && i < n; i++)
        if (r[i].was->os.status.up)
            ret = feth_veth_set_flags(ctl, r[i].end.ifindex, IFF_UP, IFF_UP, op, r[i].spec.name, err);
    return ret;
}

/* The new ones go, and with them the names that they have taken; the old ones take theirs back. */
static void put_back(struct feth_os_ctl *ctl, struct feth_remake *r, unsigned n, struct feth_error *err)
{
    struct feth_error undo;

    for (unsigned i = 0; i < n; i++)
        if (feth_veth_delete(ctl, r[i].end.ifindex, "undo", r[i].spec.name, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    for (unsigned i = 0; i < n; i++) {
        int index = r[i].was->ifindex;
        if (r[i].aside[0] && feth_veth_rename(ctl, index, r[i].spec.name, "undo", &undo) < 0)
            feth_fail_incomplete(err, "%s is called %s now (%s)", r[i].spec.name, r[i].aside, undo.text);
        else if (r[i].aside[0] &&
                 feth_addrs_renew(ctl, &r[i].addrs, AF_INET, "undo", r[i].spec.name, &undo) < 0)
            feth_fail_incomplete(err, "addresses of %s are lost (%s)", r[i].spec.name, undo.text);
        if (r[i].taken_down &&
            feth_veth_set_flags(ctl, index, IFF_UP, IFF_UP, "undo", r[i].spec.name, &undo) < 0)
            feth_fail_incomplete(err, "%s is down (%s)", r[i].spec.name, undo.text);
    }
}

static int replace(struct feth_os_ctl *ctl, struct feth_remake *r, unsigned n, bool connect,
                   const int *doomed, unsigned n_doomed, const char *op, struct feth_error *err)
{
    struct feth_error undo;

    int ret = prepare(ctl, r, n, connect, op, err);
    for (unsigned i = 0; ret == 0 && i < n; i++)
        ret = take_place(ctl, &r[i], op, err);
    if (ret == 0)
        ret = bring_up(ctl, r, n, op, err);
    if (ret == 0)
        ret = feth_veth_delete(ctl, doomed[0], op, r[0].spec.name, err);
    if (ret < 0) {
        put_back(ctl, r, n, err);
        return ret;
    }
    /* An old one is gone, so there is no way back. */
    for (unsigned i = 1; i < n_doomed; i++)
        if (feth_veth_delete(ctl, doomed[i], op, r[i].spec.name, &undo) < 0) {
            ret = feth_fail_as(err, &undo);
            feth_fail_incomplete(err, "it is done, but what %s was before is still there as %s",
                                 r[i].spec.name, r[i].aside);
        }
    return ret;
}

int feth_remake(struct feth_os_ctl *ctl, struct feth_remake *r, unsigned n, bool connect, const int *doomed,
                unsigned n_doomed, const char *op, struct feth_error *err)
{
    int ret = replace(ctl, r, n, connect, doomed, n_doomed, op, err);

    for (unsigned i = 0; i < n; i++)
        feth_addrs_free(&r[i].addrs);
    return ret;
}
