/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating, connecting, disconnecting and destroying.  The two ends of a veth are born together and never change
 * partners, so an interface without a peer has a private stub at its far end, and whenever a peer comes or goes the
 * interfaces concerned are re-made: the new ones are prepared in full under temporary names, and only then take the
 * places of the old ones.  Nearly all that can fail fails while the old ones still stand.
 */
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "linux/settings.h"
#include "linux/veth.h"

/* ---- creating ----------------------------------------------------------------------------------------------- */

static int name_taken(const char *name, const char *op, struct feth_error *err)
{
    return feth_fail(err, FETH_EEXIST, 0, op, name, "an interface of this name exists already");
}

int feth_os_create(struct feth_os_ctl *ctl, const struct feth_os_spec *spec, struct feth_error *err)
{
    struct feth_veth_end end = {.spec = spec}, far = {.spec = NULL};
    char stub[FETH_NAME_SIZE];

    feth_stub_name(spec->name, stub);
    if (feth_interface_exists(spec->name))
        return name_taken(spec->name, "create", err);
    int ret = feth_veth_make(ctl, &end, &far, "create", err);
    if (ret < 0)
        return ret;
    ret = feth_veth_name(ctl, far.temporary, stub, "create", err);
    if (ret == 0)
        ret = feth_veth_name(ctl, end.temporary, spec->name, "create", err);
    if (ret < 0) {
        struct feth_error undo;
        if (feth_veth_delete(ctl, end.temporary, "create", &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    }
    return ret;
}

int feth_os_create_pair(struct feth_os_ctl *ctl, const struct feth_os_spec *host,
                        const struct feth_os_spec *io, struct feth_error *err)
{
    struct feth_veth_end a = {.spec = host}, b = {.spec = io, .io_side = true};
    const char *now = a.temporary;

    if (feth_interface_exists(host->name))
        return name_taken(host->name, "create pair", err);
    if (feth_interface_exists(io->name))
        return name_taken(io->name, "create pair", err);
    int ret = feth_veth_make(ctl, &a, &b, "create pair", err);
    if (ret < 0)
        return ret;
    ret = feth_veth_name(ctl, a.temporary, host->name, "create pair", err);
    if (ret == 0) {
        now = host->name;
        ret = feth_veth_name(ctl, b.temporary, io->name, "create pair", err);
    }
    if (ret < 0) {
        struct feth_error undo;
        if (feth_veth_delete(ctl, now, "create pair", &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    }
    return ret;
}

/* ---- re-making ---------------------------------------------------------------------------------------------- */

/* An interface that is about to be re-made: what it was, and the end that will take its place. */
struct remake {
    const struct feth_iface *was;
    struct feth_os_spec spec;
    struct feth_veth_end end;
    char stub_temporary[FETH_NAME_SIZE]; /* "": its far end is the other one's */
};

static void remember(struct remake *r, const struct feth_iface *iface)
{
    memset(r, 0, sizeof(*r));
    r->was = iface;
    memcpy(r->spec.name, iface->os.status.name, sizeof(r->spec.name));
    memcpy(r->spec.mac, iface->os.status.mac, sizeof(r->spec.mac));
    memcpy(r->spec.mark, iface->os.mark, sizeof(r->spec.mark));
    r->spec.mtu = iface->os.status.mtu;
    r->end.spec = &r->spec;
}

static bool is_link_local(const struct feth_addr *addr)
{
    return addr->family == AF_INET6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

/* Addresses and settings of the old one, on the new one that still has its temporary name. */
static int restore(struct feth_os_ctl *ctl, const struct remake *r, struct feth_error *err)
{
    const struct feth_status *s = &r->was->os.status;
    const char *name = r->end.temporary;
    int ret = 0;

    if (feth_conf6_there(name)) {
        ret = feth_os_set_nud(ctl, name, s->nud, err);
        if (ret == 0)
            ret = feth_os_set_accept_ra(ctl, name, s->accept_ra, err);
        if (ret == 0 && r->was->addr_gen_mode >= 0)
            ret = feth_conf6_write(name, "addr_gen_mode", r->was->addr_gen_mode, "set peer", err);
    }
    for (size_t i = 0; ret == 0 && i < s->n_addrs; i++) {
        /* the kernel makes the link-local one again, from the same MAC address, when the interface comes up */
        if (is_link_local(&s->addrs[i]) && r->was->addr_gen_mode == IN6_ADDR_GEN_MODE_EUI64)
            continue;
        ret = feth_os_add_addr(ctl, name, &s->addrs[i], err);
    }
    return ret;
}

/* Remove what was prepared; each delete takes its far end along. */
static void give_up(struct feth_os_ctl *ctl, struct remake *r, unsigned n, struct feth_error *err)
{
    for (unsigned i = 0; i < n; i++) {
        struct feth_error undo;
        if (r[i].end.temporary[0] == '\0' || !feth_interface_exists(r[i].end.temporary))
            continue;
        if (feth_veth_delete(ctl, r[i].end.temporary, "undo", &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    }
}

/* The old ones go, the new ones take their names and states. */
static int take_places(struct feth_os_ctl *ctl, struct remake *r, unsigned n, const char *op,
                       struct feth_error *err)
{
    int ret = 0;

    for (unsigned i = 0; i < n && ret == 0; i++) {
        const char *name = r[i].spec.name;
        char stub[FETH_NAME_SIZE];
        /* deleting the first of a pair has taken the second along */
        if (feth_interface_exists(name))
            ret = feth_veth_delete(ctl, name, op, err);
        if (ret == 0 && r[i].stub_temporary[0]) {
            feth_stub_name(name, stub);
            ret = feth_veth_name(ctl, r[i].stub_temporary, stub, op, err);
        }
        if (ret == 0)
            ret = feth_veth_name(ctl, r[i].end.temporary, name, op, err);
    }
    for (unsigned i = 0; i < n && ret == 0; i++)
        if (r[i].was->os.status.up)
            ret = feth_os_set_up(ctl, r[i].spec.name, true, err);
    return ret;
}

/* With far NULL each gets a stub; otherwise the two are connected. */
static int remake(struct feth_os_ctl *ctl, struct remake *r, unsigned n, bool connect, const char *op,
                  struct feth_error *err)
{
    int ret = 0;

    if (connect) {
        ret = feth_veth_make(ctl, &r[0].end, &r[1].end, op, err);
        if (ret < 0)
            r[0].end.temporary[0] = r[1].end.temporary[0] = '\0';
    } else {
        for (unsigned i = 0; i < n && ret == 0; i++) {
            struct feth_veth_end stub = {.spec = NULL};
            ret = feth_veth_make(ctl, &r[i].end, &stub, op, err);
            if (ret < 0)
                r[i].end.temporary[0] = '\0';
            else
                memcpy(r[i].stub_temporary, stub.temporary, sizeof(stub.temporary));
        }
    }
    for (unsigned i = 0; i < n && ret == 0; i++)
        ret = restore(ctl, &r[i], err);
    if (ret < 0) {
        give_up(ctl, r, n, err);
        return ret;
    }
    ret = take_places(ctl, r, n, op, err);
    if (ret < 0) {
        for (unsigned i = 0; i < n; i++)
            if (feth_interface_exists(r[i].end.temporary))
                feth_fail_incomplete(err, "what was %s is now called %s", r[i].spec.name, r[i].end.temporary);
    }
    return ret;
}

static int missing(const char *name, const char *op, struct feth_error *err)
{
    return feth_fail(err, FETH_ENOIF, 0, op, name, "there is no such interface");
}

int feth_os_peer(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    struct feth_ifaces ifaces;
    struct remake r[2];

    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    const struct feth_iface *x = feth_ifaces_by_name(&ifaces, a), *y = feth_ifaces_by_name(&ifaces, b);
    if (!x || !y) {
        ret = missing(x ? b : a, "set peer", err);
    } else {
        remember(&r[0], x);
        remember(&r[1], y);
        ret = remake(ctl, r, 2, true, "set peer", err);
    }
    feth_ifaces_free(&ifaces);
    return ret;
}

/* Both ends of a pair get stubs, or with only_far only the other one: the named one then goes with the pair. */
static int part(struct feth_os_ctl *ctl, const char *name, bool only_far, const char *op,
                struct feth_error *err)
{
    struct feth_ifaces ifaces;
    struct remake r[2];
    unsigned n = 0;

    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    struct feth_iface *x = feth_ifaces_by_name(&ifaces, name);
    if (!x) {
        ret = missing(name, op, err);
    } else {
        feth_iface_resolve_peer(&ifaces, x);
        /* a far end that is not ours (somebody renamed it, or moved it elsewhere) goes as with "ip link del" */
        const struct feth_iface *y = feth_ifaces_by_name(&ifaces, x->os.status.peer);
        if (!only_far)
            remember(&r[n++], x);
        if (y && feth_unit_of_name(y->os.status.name, NULL) >= 0)
            remember(&r[n++], y);
        ret = n ? remake(ctl, r, n, false, op, err) : feth_veth_delete(ctl, name, op, err);
    }
    feth_ifaces_free(&ifaces);
    return ret;
}

int feth_os_unpeer(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    return part(ctl, name, false, "remove peer", err);
}

int feth_os_destroy(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    return part(ctl, name, true, "destroy", err);
}

int feth_os_destroy_pair(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    (void)b; /* goes with its other end */
    return feth_veth_delete(ctl, a, "destroy pair", err);
}
