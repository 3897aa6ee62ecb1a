/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting and disconnecting, and destroying one end of a pair. */
#include <string.h>

#include "core/fail.h"
#include "core/mark.h"
#include "linux/remake.h"

static int missing(const char *name, const char *op, struct feth_error *err)
{
    return feth_fail(err, FETH_ENOIF, 0, op, name, "there is no such interface");
}

int feth_os_peer(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    struct feth_ifaces ifaces;
    struct feth_remake r[2];

    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    const struct feth_iface *x = feth_ifaces_by_name(&ifaces, a), *y = feth_ifaces_by_name(&ifaces, b);
    if (!x || !y) {
        ret = missing(x ? b : a, "set peer", err);
    } else {
        feth_remake_init(&r[0], x);
        feth_remake_init(&r[1], y);
        ret = feth_remake(ctl, r, 2, true, (int[]){x->ifindex, y->ifindex}, 2, "set peer", err);
    }
    feth_ifaces_free(&ifaces);
    return ret;
}

/* The far end, or NULL where it is a stub or in another network namespace: then nobody misses it. */
static const struct feth_iface *far_end(const struct feth_ifaces *ifaces, const struct feth_iface *iface)
{
    const struct feth_iface *far =
        iface->peer_foreign ? NULL : feth_ifaces_by_index(ifaces, iface->peer_ifindex);

    return far && !feth_iface_is_stub(far) ? far : NULL;
}

/* Part two ends.  Each gets a stub; or with destroy the named one goes, and only the other gets one. */
static int part(struct feth_os_ctl *ctl, const char *name, bool destroy, const char *op,
                struct feth_error *err)
{
    struct feth_ifaces ifaces;
    struct feth_remake r[2];
    unsigned n = 0;
    pid_t owner;

    int ret = feth_ifaces_read(ctl, &ifaces, err);
    if (ret < 0)
        return ret;
    const struct feth_iface *x = feth_ifaces_by_name(&ifaces, name), *y = x ? far_end(&ifaces, x) : NULL;
    if (!x) {
        ret = missing(name, op, err);
    } else if (y && feth_mark_read(y->os.mark, &owner) == FETH_FOREIGN) {
        ret = feth_fail(err, FETH_ENOTOURS, 0, op, name,
                        "its peer %s was not created by this library, and would be lost", y->os.status.name);
    } else {
        if (!destroy)
            feth_remake_init(&r[n++], x);
        /* one that somebody has given a name of his own goes, as with "ip link del" */
        if (y && feth_unit_of_name(y->os.status.name, NULL) >= 0)
            feth_remake_init(&r[n++], y);
        ret = n ? feth_remake(ctl, r, n, false, &x->ifindex, 1, op, err)
                : feth_veth_delete(ctl, x->ifindex, op, name, err);
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
