/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IPv6 is attached to an interface by its first address or by request.  Its settings are kept in a structure that is
 * made then and never freed: they outlive the interface, and one that is made again with the same unit finds them
 * (nd6_ifattach(), xnu bsd/netinet6/nd6.c).  So does the flag for router advertisements (in6_autoconf(), in6.c).
 */
#include "darwin/inet6.h"

#include <errno.h>
#include <string.h>

#include "core/fail.h"

static const uint32_t flags_of_a_new_one = XNU_ND6_IFF_PERFORMNUD | XNU_ND6_IFF_DAD;

/* ---- attaching ---------------------------------------------------------------------------------------------- */

static int alias_request(struct feth_os_ctl *ctl, unsigned long request, const char *name)
{
    struct xnu_in6_aliasreq alias;

    memset(&alias, 0, sizeof(alias)); /* no address: the kernel chooses */
    feth_ctl_name(alias.ifra_name, name);
    return feth_ctl_ask(ctl->inet6, request, &alias);
}

static int name_request(struct feth_os_ctl *ctl, unsigned long request, const char *name)
{
    struct xnu_in6_ifreq r;

    memset(&r, 0, sizeof(r));
    feth_ctl_name(r.ifr_name, name);
    return feth_ctl_ask(ctl->inet6, request, &r);
}

int feth_inet6_attach(struct feth_os_ctl *ctl, const char *name, bool *attached)
{
    int why = alias_request(ctl, XNU_SIOCPROTOATTACH_IN6, name);

    *attached = why == 0;
    return why == EEXIST ? 0 : why;
}

int feth_inet6_detach(struct feth_os_ctl *ctl, const char *name)
{
    return name_request(ctl, XNU_SIOCPROTODETACH_IN6, name);
}

int feth_inet6_link_local(struct feth_os_ctl *ctl, const char *name, bool on)
{
    return on ? alias_request(ctl, XNU_SIOCLL_START, name) : name_request(ctl, XNU_SIOCLL_STOP, name);
}

/* ---- flags -------------------------------------------------------------------------------------------------- */

int feth_inet6_read_flags(struct feth_os_ctl *ctl, const char *name, uint32_t *flags)
{
    struct xnu_in6_ondireq info; /* the older structure: the kernel answers by it to this day */

    memset(&info, 0, sizeof(info));
    feth_ctl_name(info.ifname, name);
    int why = feth_ctl_ask(ctl->inet6, XNU_SIOCGIFINFO_IN6, &info);
    *flags = why == 0 ? info.ndi.flags : flags_of_a_new_one;
    return why;
}

int feth_inet6_write_flags(struct feth_os_ctl *ctl, const char *name, uint32_t flags)
{
    struct xnu_in6_ndireq info;

    memset(&info, 0, sizeof(info));
    feth_ctl_name(info.ifname, name);
    info.ndi.flags = flags;
    return feth_ctl_ask(ctl->inet6, XNU_SIOCSIFINFO_FLAGS, &info);
}

static bool accepts_ra(struct feth_os_ctl *ctl, const char *name)
{
    struct xnu_ifreq request;

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifr_name, name);
    return feth_ctl_ask(ctl->inet, XNU_SIOCGIFEFLAGS, &request) == 0 &&
           (request.ifr_ifru.ifru_eflags & XNU_IFEF_ACCEPT_RTADV) != 0;
}

void feth_inet6_status(struct feth_os_ctl *ctl, const char *name, bool *nud, bool *accept_ra)
{
    uint32_t flags;

    (void)feth_inet6_read_flags(ctl, name, &flags); /* without IPv6: what it begins with */
    *nud = (flags & XNU_ND6_IFF_PERFORMNUD) != 0;
    *accept_ra = accepts_ra(ctl, name);
}

int feth_inet6_as_new(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err)
{
    uint32_t flags;
    int why = 0;

    if (feth_inet6_read_flags(ctl, name, &flags) == 0 && flags != flags_of_a_new_one)
        why = feth_inet6_write_flags(ctl, name, flags_of_a_new_one);
    if (why == 0 && accepts_ra(ctl, name))
        why = name_request(ctl, XNU_SIOCAUTOCONF_STOP, name);
    return why ? feth_ctl_fail(err, why, op, name) : 0;
}

/* ---- settings ----------------------------------------------------------------------------------------------- */

int feth_os_set_nud(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    static const char op[] = "set neighbour unreachability detection";
    bool attached = false;
    uint32_t flags;

    int why = feth_inet6_read_flags(ctl, name, &flags);
    if (why == EINVAL && on) /* IPv6 was never there, and begins with it */
        return 0;
    if (why == EINVAL) {
        why = feth_inet6_attach(ctl, name, &attached);
        if (why == 0)
            why = feth_inet6_read_flags(ctl, name, &flags);
    }
    if (why == 0) {
        flags = on ? flags | XNU_ND6_IFF_PERFORMNUD : flags & ~(uint32_t)XNU_ND6_IFF_PERFORMNUD;
        why = feth_inet6_write_flags(ctl, name, flags);
    }
    if (why == 0)
        return 0;
    int ret = feth_ctl_fail(err, why, op, name);
    if (attached && (why = feth_inet6_detach(ctl, name)) != 0 && why != ENXIO)
        feth_fail_incomplete(err, "IPv6 is attached to %s", name);
    return ret;
}

int feth_os_set_accept_ra(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err)
{
    static const char op[] = "set router advertisements";

    int why = name_request(ctl, on ? XNU_SIOCAUTOCONF_START : XNU_SIOCAUTOCONF_STOP, name);
    if (why == EBUSY)
        return feth_fail(
            err, FETH_EBUSY, why, op, name,
            "macOS uses the interface as an IPv6 router, as for Internet Sharing: turn that off");
    return why ? feth_ctl_fail(err, why, op, name) : 0;
}
