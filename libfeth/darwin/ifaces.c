/* SPDX-License-Identifier: Apache-2.0 */
/* Reading interfaces: getifaddrs() tells most of all at once, and a few requests to each feth the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "darwin/counters.h"
#include "darwin/fake.h"
#include "darwin/index.h"
#include "darwin/inet6.h"
#include "darwin/mark.h"
#include "darwin/sockaddrs.h"

static const char op[] = "read interfaces";

struct ifaces {
    struct feth_os_status *list;
    int n;
};

/* ---- from getifaddrs() -------------------------------------------------------------------------------------- */

static void read_link(struct feth_status *s, const struct ifaddrs *entry)
{
    const struct xnu_sockaddr_dl *sdl = (const void *)entry->ifa_addr;
    const struct xnu_if_data *data = entry->ifa_data;

    s->flags = entry->ifa_flags;
    s->up = (s->flags & XNU_IFF_UP) != 0;
    if (sdl->sdl_alen == sizeof(s->mac)) /* the address lies behind the name */
        memcpy(s->mac, sdl->sdl_data + sdl->sdl_nlen, sizeof(s->mac));
    if (data) {
        s->mtu = data->ifi_mtu;
        s->counters = (struct feth_counters){
            .rx_frames = data->ifi_ipackets,
            .rx_bytes = data->ifi_ibytes,
            .rx_errors = data->ifi_ierrors,
            .rx_dropped = data->ifi_iqdrops,
            .tx_frames = data->ifi_opackets,
            .tx_bytes = data->ifi_obytes,
            .tx_errors = data->ifi_oerrors,
        };
    }
}

static struct feth_os_status *find(const struct ifaces *ifaces, const char *name)
{
    /* the entries of an interface follow each other: it is mostly the last one */
    for (int i = ifaces->n; i-- > 0;)
        if (strcmp(ifaces->list[i].status.name, name) == 0)
            return &ifaces->list[i];
    return NULL;
}

static struct feth_os_status *append(struct ifaces *ifaces, const char *name)
{
    if ((ifaces->n & (ifaces->n - 1)) == 0) { /* grow at each power of two */
        struct feth_os_status *more =
            realloc(ifaces->list, (size_t)(ifaces->n ? ifaces->n * 2 : 1) * sizeof(*more));
        if (!more)
            return NULL;
        ifaces->list = more;
    }
    struct feth_os_status *os = &ifaces->list[ifaces->n++];
    memset(os, 0, sizeof(*os));
    feth_ctl_name(os->status.name, name);
    return os;
}

static bool read_entry(struct ifaces *ifaces, const struct ifaddrs *entry)
{
    struct feth_os_status *os;
    struct feth_addr addr;

    if (feth_family_of_ifaddrs(entry) == XNU_AF_LINK) {
        os = append(ifaces, entry->ifa_name);
        if (os)
            read_link(&os->status, entry);
        return os != NULL;
    }
    os = find(ifaces, entry->ifa_name);
    if (!os || !feth_addr_of_ifaddrs(entry, &addr))
        return true;
    struct feth_addr *more = realloc(os->status.addrs, (os->status.n_addrs + 1) * sizeof(*more));
    if (!more)
        return false;
    os->status.addrs = more;
    more[os->status.n_addrs++] = addr;
    return true;
}

static void forget(struct ifaces *ifaces)
{
    for (int i = 0; i < ifaces->n; i++)
        feth_status_clear(&ifaces->list[i].status);
    free(ifaces->list);
    ifaces->list = NULL;
    ifaces->n = 0;
}

static int read_all(struct ifaces *ifaces, struct feth_error *err)
{
    struct ifaddrs *all;
    bool ok = true;

    if (getifaddrs(&all) < 0)
        return feth_fail(err, errno == ENOMEM || errno == ENOBUFS ? FETH_ENOMEM : FETH_ESYS, errno, op, NULL,
                         "cannot read the addresses of the interfaces");
    for (const struct ifaddrs *i = all; ok && i; i = i->ifa_next)
        if (feth_unit_of_name(i->ifa_name, NULL) >= 0)
            ok = read_entry(ifaces, i);
    freeifaddrs(all);
    if (ok)
        return 0;
    forget(ifaces);
    return feth_fail(err, FETH_ENOMEM, 0, op, NULL, NULL);
}

/* ---- the rest ----------------------------------------------------------------------------------------------- */

/* @return 0, or the errno: the interface is gone meanwhile, or no feth */
static int read_rest(struct feth_os_ctl *ctl, struct feth_os_status *os)
{
    struct feth_status *s = &os->status;

    int why = feth_fake_get_peer(ctl, s->name, s->peer);
    if (why)
        return why;
    feth_mark_get(ctl, s->name, s->mac, os->mark);
    feth_inet6_status(ctl, s->name, &s->nud, &s->accept_ra);
    feth_counters_read(s->name, &s->counters);
    return 0;
}

/* A cable carries where both its ends are up: the kernel says the link is there as soon as it has a peer. */
static void find_carrier(const struct ifaces *ifaces, struct feth_status *s)
{
    const struct feth_os_status *peer = s->peer[0] ? find(ifaces, s->peer) : NULL;

    s->carrier = s->up && peer && peer->status.up;
}

static int by_name(struct feth_os_ctl *ctl, struct ifaces *ifaces, const char *name, struct feth_error *err)
{
    struct feth_os_status *os = find(ifaces, name);

    if (!os && feth_index_of_name(name) == 0)
        return feth_fail(err, FETH_ENOIF, ENXIO, "look up", name, "there is no such interface");
    int why = os ? read_rest(ctl, os) : ENXIO;
    if (feth_fake_not_one(why))
        return feth_fail(err, FETH_ENOTFETH, why, "look up", name,
                         "an interface of this name exists, but is no feth: choose another name");
    if (why)
        return feth_ctl_fail(err, why, "look up", name);
    find_carrier(ifaces, &os->status);
    /* the wanted one alone, in front */
    struct feth_os_status wanted = *os;
    *os = ifaces->list[0];
    ifaces->list[0] = wanted;
    for (int i = 1; i < ifaces->n; i++)
        feth_status_clear(&ifaces->list[i].status);
    ifaces->n = 1;
    return 1;
}

static int all_feths(struct feth_os_ctl *ctl, struct ifaces *ifaces, struct feth_error *err)
{
    int n = 0;

    for (int i = 0; i < ifaces->n; i++) {
        int why = read_rest(ctl, &ifaces->list[i]);
        if (why && why != ENXIO && !feth_fake_not_one(why))
            return feth_ctl_fail(err, why, op, ifaces->list[i].status.name);
        find_carrier(ifaces, &ifaces->list[i].status);
        if (why)
            ifaces->list[i].status.name[0] = '\0';
    }
    for (int i = 0; i < ifaces->n; i++) {
        if (ifaces->list[i].status.name[0])
            ifaces->list[n++] = ifaces->list[i];
        else
            feth_status_clear(&ifaces->list[i].status);
    }
    ifaces->n = n;
    return n;
}

int feth_os_query(struct feth_os_ctl *ctl, const char *name, struct feth_os_status **list,
                  struct feth_error *err)
{
    struct ifaces ifaces = {NULL, 0};

    *list = NULL;
    int ret = read_all(&ifaces, err);
    if (ret < 0)
        return ret;
    ret = name ? by_name(ctl, &ifaces, name, err) : all_feths(ctl, &ifaces, err);
    if (ret < 0)
        forget(&ifaces);
    *list = ifaces.list;
    return ret;
}

/* An interface has its own name from the start, and its mark a moment later: who is killed between leaves one that
 * nobody can tell from a foreign one. */
int feth_os_query_unfinished(struct feth_os_ctl *ctl, struct feth_os_status **list, struct feth_error *err)
{
    (void)ctl;
    (void)err;
    *list = NULL;
    return 0;
}
