/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces: made, peered, changed and destroyed as bsd/net/if.c and bsd/net/if_fake.c do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fds.h"
#include "kernel.h"
#include "model.h"

#define PREFIX    "feth"
#define UNIT_MAX  32767 /* RUN11 */
#define UNIT_AUTO UINT32_MAX
#define MTU_MIN   72 /* READ: IF_MINMTU */

struct m_if *m_if_named(const char *name)
{
    for (unsigned i = 0; i < M_IFS; i++)
        if (K->ifs[i].used && strncmp(K->ifs[i].name, name, M_NAME) == 0)
            return &K->ifs[i];
    return NULL;
}

struct m_if *m_if_id(uint64_t id)
{
    for (unsigned i = 0; i < M_IFS; i++)
        if (K->ifs[i].used && K->ifs[i].id == id)
            return &K->ifs[i];
    return NULL;
}

struct m_if *m_if_peer(const struct m_if *ifp)
{
    return ifp->peer < 0 ? NULL : &K->ifs[ifp->peer];
}

/* dlil_if_acquire(): the one that the name had before, else any. */
static struct m_if *free_slot(const char *name)
{
    struct m_if *any = NULL;

    for (unsigned i = 0; i < M_IFS; i++) {
        struct m_if *ifp = &K->ifs[i];
        if (ifp->used)
            continue;
        if (strncmp(ifp->name, name, M_NAME) == 0)
            return ifp;
        if (!any || (any->name[0] && ifp->name[0] == '\0'))
            any = ifp;
    }
    if (!any)
        m_panic("more than %d interfaces", M_IFS);
    return any;
}

struct m_if *m_if_new(const char *name)
{
    struct m_if *ifp = free_slot(name), old = *ifp;

    memset(ifp, 0, sizeof(*ifp));
    if (strncmp(old.name, name, M_NAME) == 0) {
        ifp->index = old.index;
        ifp->nd_initialized = old.nd_initialized;
        ifp->nd_flags = old.nd_flags;
        ifp->accept_ra = old.accept_ra;
    }
    ifp->used = true;
    ifp->peer = -1;
    ifp->id = K->next_id++;
    if (ifp->index == 0)
        ifp->index = K->next_index++;
    (void)snprintf(ifp->name, sizeof(ifp->name), "%s", name);
    return ifp;
}

/* ---- creating ----------------------------------------------------------------------------------------------- */

/* if_clone_lookup(): the prefix, then digits only.  @return 0 or EINVAL; UNIT_AUTO without digits */
static int parse_unit(const char *name, uint32_t *unit)
{
    const char *p = name + strlen(PREFIX);
    uint32_t n = 0;

    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return EINVAL;
    if (*p == '\0')
        n = UNIT_AUTO;
    else
        for (; *p; p++) {
            if (*p < '0' || *p > '9')
                return EINVAL;
            n = n * 10 + (uint32_t)(*p - '0');
        }
    *unit = n;
    return 0;
}

/* The name's last bearer is not quite gone yet. */
static bool detaching(const char *name)
{
    for (unsigned i = 0; i < M_DETACHES; i++) {
        struct m_detach *d = &K->detaches[i];
        if (d->name[0] == '\0' || strcmp(d->name, name) != 0)
            continue;
        if (d->attempts > 0)
            d->attempts--;
        else if (d->attempts == 0) {
            d->name[0] = '\0';
            return false;
        }
        return true;
    }
    return false;
}

static int create_unit(uint32_t unit, struct m_if **out)
{
    char name[M_NAME];
    int ret;

    (void)snprintf(name, sizeof(name), PREFIX "%u", unit);
    /* dlil_if_acquire(): the name is the interface's unique id, in use until the detach has finished */
    if (m_if_named(name) || detaching(name))
        return EBUSY;

    struct m_if *ifp = m_if_new(name);
    ifp->feth = true;
    ifp->unit = unit;
    ifp->flags = XNU_IFF_BROADCAST | XNU_IFF_SIMPLEX | XNU_IFF_MULTICAST; /* RUN11: 0x8802 */
    ifp->mtu = 1500;
    ifp->max_mtu = (unsigned)K->sysctls.max_mtu; /* read here and never again */
    ifp->hwcsum = K->sysctls.hwcsum != 0;
    /* READ: 8792 to 10063 look at it for interfaces over Skywalk only */
    ifp->tso = K->sysctls.tso_support != 0 && m_at_least(15, 0);
    ifp->mac_len = 6;
    memcpy(ifp->mac, PREFIX, 4);
    ifp->mac[4] = (uint8_t)(unit >> 8);
    ifp->mac[5] = (uint8_t)unit;
    ret = m_tap_create(ifp);
    if (ret) {
        ifp->used = false;
        return ret;
    }
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_IF_ATTACHED, ifp);
    *out = ifp;
    return 0;
}

int m_if_create(char name[M_NAME])
{
    struct m_if *ifp;
    uint32_t unit;
    int ret = parse_unit(name, &unit);

    if (ret)
        return ret;
    if (m_if_named(name))
        return EEXIST;
    if (unit != UNIT_AUTO) {
        if (unit > UNIT_MAX)
            return ENXIO;
        ret = create_unit(unit, &ifp);
        /* "feth01" makes a feth1 that the cloner does not find again under the name asked for */
        if (ret == 0)
            ifp->clone = strcmp(ifp->name, name) == 0;
        return ret;
    }
    for (unit = 0; unit <= UNIT_MAX; unit++) {
        ret = create_unit(unit, &ifp);
        if (ret == EBUSY)
            continue;
        if (ret == 0) {
            ifp->clone = true;
            memcpy(name, ifp->name, M_NAME);
        }
        return ret;
    }
    return ENOSPC;
}

/* ---- peers -------------------------------------------------------------------------------------------------- */

static void unpeer(struct m_if *ifp)
{
    struct m_if *peer = m_if_peer(ifp);

    if (!peer)
        return;
    ifp->peer = -1;
    peer->peer = -1;
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_LINK_OFF, ifp);
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_LINK_OFF, peer);
    m_tap_apply(ifp);
    m_tap_apply(peer);
    m_tap_sync();
}

int m_if_set_peer(struct m_if *ifp, const char *name)
{
    if (*name == '\0') {
        unpeer(ifp);
        return 0;
    }
    struct m_if *peer = m_if_named(name);
    if (!peer)
        return ENXIO;
    if (!peer->feth)
        return EINVAL;
    if (ifp->peer >= 0 || peer->peer >= 0)
        return EBUSY;
    /* RUN11: an interface may be its own peer */
    ifp->peer = (int)(peer - K->ifs);
    peer->peer = (int)(ifp - K->ifs);
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_LINK_ON, ifp);
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_LINK_ON, peer);
    m_tap_apply(ifp);
    m_tap_apply(peer);
    m_tap_sync();
    return 0;
}

/* ---- destroying --------------------------------------------------------------------------------------------- */

static void start_detach(const char *name)
{
    if (K->detach_attempts == 0)
        return;
    for (unsigned i = 0; i < M_DETACHES; i++) {
        struct m_detach *d = &K->detaches[i];
        if (d->name[0])
            continue;
        (void)snprintf(d->name, sizeof(d->name), "%s", name);
        d->attempts = K->detach_attempts;
        return;
    }
    /* so many at once: the oldest have surely finished */
    memset(K->detaches, 0, sizeof(K->detaches));
}

int m_if_destroy(const char *name)
{
    uint32_t unit;
    int ret = parse_unit(name, &unit);

    if (ret)
        return ret;
    struct m_if *ifp = m_if_named(name);
    if (!ifp)
        return ENXIO;
    if (!ifp->clone)
        return EOPNOTSUPP;
    unpeer(ifp);
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_IF_DETACHING, ifp);
    struct m_if gone = *ifp;
    ifp->used = false;
    ifp->id = 0;
    start_detach(gone.name);
    m_bpf_detach(gone.id);
    m_frames_forget(gone.id);
    m_tap_destroy(&gone);
    m_tap_sync();
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_IF_DETACHED, &gone);
    return 0;
}

/* ---- changing ----------------------------------------------------------------------------------------------- */

int m_if_set_flags(struct m_if *ifp, int flags)
{
    const int fixed = XNU_IFF_BROADCAST | XNU_IFF_POINTOPOINT | XNU_IFF_RUNNING | XNU_IFF_OACTIVE |
                      XNU_IFF_SIMPLEX | XNU_IFF_MULTICAST | XNU_IFF_ALLMULTI;

    ifp->flags = (flags & ~fixed & 0xffff) | (ifp->flags & fixed);
    if (ifp->feth) {
        if (ifp->flags & XNU_IFF_UP)
            ifp->flags |= XNU_IFF_RUNNING;
        else
            ifp->flags &= ~XNU_IFF_RUNNING;
    }
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_SIFFLAGS, ifp);
    m_tap_apply(ifp);
    return 0;
}

int m_if_set_mtu(struct m_if *ifp, unsigned mtu)
{
    if (!ifp->feth)
        return EOPNOTSUPP;
    if (mtu < MTU_MIN || mtu > ifp->max_mtu)
        return EINVAL;
    ifp->mtu = mtu;
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_SIFMTU, ifp);
    m_tap_apply(ifp);
    return 0;
}

/* RUN11: a length of 0 erases the address, the family is ignored, a multicast address is accepted. */
int m_if_set_mac(struct m_if *ifp, const uint8_t *mac, unsigned len)
{
    if (!ifp->feth)
        return EOPNOTSUPP;
    if (len != 0 && len != 6)
        return EINVAL;
    memset(ifp->mac, 0, sizeof(ifp->mac));
    if (len)
        memcpy(ifp->mac, mac, len);
    ifp->mac_len = (uint8_t)len;
    m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_LINK_ADDRESS_CHANGED, ifp);
    m_tap_apply(ifp);
    return 0;
}
