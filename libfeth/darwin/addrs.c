/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses.  The kernel brings an interface up when it gets one (SIOCSIFADDR in feth_ioctl(), xnu bsd/net/if_fake.c);
 * here the state is put back, so that it is the caller's as on Linux.
 */
#include <errno.h>
#include <string.h>

#include "core/fail.h"
#include "darwin/inet6.h"
#include "darwin/settings.h"
#include "darwin/sockaddrs.h"

#define LIFETIME_INFINITE 0xffffffffu /* RFC 4861, 4.6.2 */

/* ---- what is there ------------------------------------------------------------------------------------------ */

/** What an interface has of an address. */
struct found {
    bool same;      /**< with this prefix length, or another: */
    unsigned other; /**< that one + 1; 0: none */
    bool inet6;     /**< any IPv6 address at all */
};

static int look(const char *name, const struct feth_addr *addr, struct found *found, const char *op,
                struct feth_error *err)
{
    struct ifaddrs *all;
    struct feth_addr a;

    memset(found, 0, sizeof(*found));
    if (getifaddrs(&all) < 0)
        return feth_fail(err, errno == ENOMEM || errno == ENOBUFS ? FETH_ENOMEM : FETH_ESYS, errno, op, name,
                         "cannot read the addresses");
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        if (strcmp(i->ifa_name, name) != 0 || !feth_addr_of_ifaddrs(i, &a))
            continue;
        found->inet6 |= a.family == AF_INET6;
        if (a.family != addr->family || memcmp(a.bytes, addr->bytes, sizeof(a.bytes)) != 0)
            continue;
        if (a.prefix == addr->prefix)
            found->same = true;
        else
            found->other = a.prefix + 1;
    }
    freeifaddrs(all);
    return 0;
}

/* No mask at all means that of the address's class (in_ifinit(), xnu bsd/netinet/in.c); IPv6 refuses it
 * (in6_update_ifa(), bsd/netinet6/in6.c). */
static int check_prefix(const char *name, const struct feth_addr *addr, struct feth_error *err)
{
    char text[FETH_ADDR_TEXT_SIZE];

    if (addr->prefix > 0)
        return 0;
    return feth_fail(err, FETH_EADDR, 0, "add address", name,
                     "%s has a prefix length of 0, which macOS does not know", feth_addr_format(addr, text));
}

/* ---- adding ------------------------------------------------------------------------------------------------- */

static int add4(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr)
{
    struct xnu_in_aliasreq request; /* without a broadcast address: the kernel works it out */

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifra_name, name);
    request.ifra_addr = feth_sockaddr_in(addr);
    request.ifra_mask = feth_sockaddr_mask(addr);
    return feth_ctl_ask(ctl->inet, XNU_SIOCAIFADDR, &request);
}

static int del4(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr)
{
    struct xnu_ifreq request;
    struct xnu_sockaddr_in sin = feth_sockaddr_in(addr);

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifr_name, name);
    memcpy(&request.ifr_ifru.ifru_addr, &sin, sizeof(sin));
    return feth_ctl_ask(ctl->inet, XNU_SIOCDIFADDR, &request);
}

static int add6(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr)
{
    struct xnu_in6_aliasreq request;

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifra_name, name);
    request.ifra_addr = feth_sockaddr_in6(addr);
    request.ifra_prefixmask = feth_sockaddr_mask6(addr);
    request.ifra_lifetime.ia6t_vltime = request.ifra_lifetime.ia6t_pltime = LIFETIME_INFINITE;
    return feth_ctl_ask(ctl->inet6, XNU_SIOCAIFADDR_IN6, &request);
}

static int del6(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr)
{
    struct xnu_in6_ifreq request;

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifr_name, name);
    request.ifr_ifru.ifru_addr = feth_sockaddr_in6(addr);
    return feth_ctl_ask(ctl->inet6, XNU_SIOCDIFADDR_IN6, &request);
}

static int del(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr)
{
    return addr->family == AF_INET ? del4(ctl, name, addr) : del6(ctl, name, addr);
}

/** How far IPv6 has been prepared. */
struct prepared {
    bool attached, link_local, no_dad;
    uint32_t flags;
};

/*
 * Before the first IPv6 address.  Both ends of the cable are ours: nobody can have the address, and looking for a
 * duplicate would hold up the first connection for a second.  The link-local address, which every IPv6 interface
 * has, would be looked for as well, so the interface is told first.
 */
static int prepare6(struct feth_os_ctl *ctl, const char *name, struct prepared *p)
{
    int why = feth_inet6_attach(ctl, name, &p->attached);

    if (why == 0)
        why = feth_inet6_read_flags(ctl, name, &p->flags);
    if (why == 0 && p->flags & XNU_ND6_IFF_DAD) {
        why = feth_inet6_write_flags(ctl, name, p->flags & ~(uint32_t)XNU_ND6_IFF_DAD);
        p->no_dad = why == 0;
    }
    if (why == 0) {
        why = feth_inet6_link_local(ctl, name, true);
        p->link_local = why == 0;
    }
    return why;
}

/* Whether a step of undoing has succeeded: of an interface that is gone nothing is left. */
static bool undone(int why)
{
    return why == 0 || why == ENXIO;
}

static bool unprepare6(struct feth_os_ctl *ctl, const char *name, const struct prepared *p)
{
    bool ok = !p->no_dad || undone(feth_inet6_write_flags(ctl, name, p->flags));

    if (p->attached) /* its addresses go as well */
        return undone(feth_inet6_detach(ctl, name)) && ok;
    if (p->link_local)
        return undone(feth_inet6_link_local(ctl, name, false)) && ok;
    return ok;
}

static int refused(int why, const struct feth_addr *addr, const char *name, struct feth_error *err)
{
    char text[FETH_ADDR_TEXT_SIZE];

    if (why == EINVAL || why == EADDRNOTAVAIL || why == EAFNOSUPPORT)
        return feth_fail(err, FETH_EADDR, why, "add address", name,
                         "%s is no address that an interface can have", feth_addr_format(addr, text));
    return feth_ctl_fail(err, why, "add address", name);
}

int feth_os_add_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    struct prepared prepared = {.attached = false};
    char text[FETH_ADDR_TEXT_SIZE];
    struct found found;
    unsigned flags;
    bool added = false;

    int ret = check_prefix(name, addr, err);
    if (ret == 0)
        ret = look(name, addr, &found, "add address", err);
    if (ret < 0 || found.same)
        return ret;
    if (found.other) /* the kernel would change its mask */
        return feth_fail(err, FETH_EADDR, EEXIST, "add address", name,
                         "it has this address with the prefix length %u: remove that one first",
                         found.other - 1);
    ret = feth_flags_read(ctl, name, &flags, "add address", err);
    if (ret < 0)
        return ret;

    int why = addr->family == AF_INET6 && !found.inet6 ? prepare6(ctl, name, &prepared) : 0;
    if (why == 0) {
        why = addr->family == AF_INET ? add4(ctl, name, addr) : add6(ctl, name, addr);
        added = why == 0;
    }
    if (why)
        ret = refused(why, addr, name, err);
    bool was_down = !(flags & XNU_IFF_UP);
    if (ret == 0 && was_down && (why = feth_flags_write(ctl, name, flags)) != 0)
        ret = feth_ctl_fail(err, why, "add address", name);
    if (ret < 0) {
        bool ok = !added || undone(del(ctl, name, addr));
        ok &= unprepare6(ctl, name, &prepared);
        /* a request that was refused may have brought it up, too; but that is not for sure */
        bool touched = added || prepared.link_local;
        ok &= !was_down || undone(feth_flags_write(ctl, name, flags)) || !touched;
        if (!ok)
            feth_fail_incomplete(err, "%s may be up, and have the address %s or IPv6", name,
                                 feth_addr_format(addr, text));
    }
    return ret;
}

/* ---- removing ----------------------------------------------------------------------------------------------- */

int feth_os_del_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err)
{
    char text[FETH_ADDR_TEXT_SIZE];
    struct found found;

    /* asked to remove 0.0.0.0, the kernel would remove the first address: only what is there is named to it */
    int ret = look(name, addr, &found, "remove address", err);
    if (ret < 0)
        return ret;
    int why = found.same ? del(ctl, name, addr) : EADDRNOTAVAIL;
    if (why == EADDRNOTAVAIL)
        return feth_fail(err, FETH_ENOADDR, why, "remove address", name, "it has no address %s",
                         feth_addr_format(addr, text));
    return why ? feth_ctl_fail(err, why, "remove address", name) : 0;
}
