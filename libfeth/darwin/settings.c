/* SPDX-License-Identifier: Apache-2.0 */
/* MTU, MAC address and state. */
#include "darwin/settings.h"

#include <errno.h>
#include <string.h>

#include "core/fail.h"
#include "darwin/mark.h"

static void begin(struct xnu_ifreq *request, const char *name)
{
    memset(request, 0, sizeof(*request));
    feth_ctl_name(request->ifr_name, name);
}

/* ---- MTU ---------------------------------------------------------------------------------------------------- */

static int mtu_refused(struct feth_os_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err)
{
    struct xnu_ifreq request;

    begin(&request, name);
    if (feth_ctl_ask(ctl->inet, XNU_SIOCGIFDEVMTU, &request) != 0)
        return feth_fail(err, FETH_EMTU, EINVAL, "set MTU", name, "the kernel refuses an MTU of %u", mtu);
    unsigned most = (unsigned)request.ifr_ifru.ifru_devmtu.ifdm_max,
             least = (unsigned)request.ifr_ifru.ifru_devmtu.ifdm_min;
    if (mtu > most)
        return feth_fail(
            err, FETH_EMTU, EINVAL, "set MTU", name,
            "the MTU is %u, and %s was created for %u at most: macOS decides that when an "
            "interface is created (net.link.fake.max_mtu); destroy it, and create it with this MTU",
            mtu, name, most);
    return feth_fail(err, FETH_EMTU, EINVAL, "set MTU", name, "the MTU is %u; %u to %u are possible", mtu,
                     least, most);
}

int feth_os_set_mtu(struct feth_os_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err)
{
    struct xnu_ifreq request;

    begin(&request, name);
    request.ifr_ifru.ifru_mtu = (int)mtu;
    int why = feth_ctl_ask(ctl->inet, XNU_SIOCSIFMTU, &request);
    if (why == EINVAL)
        return mtu_refused(ctl, name, mtu, err);
    return why ? feth_ctl_fail(err, why, "set MTU", name) : 0;
}

/* ---- MAC address -------------------------------------------------------------------------------------------- */

int feth_os_set_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                    struct feth_error *err)
{
    struct xnu_ifreq request;

    begin(&request, name);
    /* any other length is refused, but for 0, which erases the address (ifnet_set_lladdr(), xnu bsd/net) */
    request.ifr_ifru.ifru_addr.sa_len = FETH_MAC_SIZE;
    request.ifr_ifru.ifru_addr.sa_family = XNU_AF_LINK;
    memcpy(request.ifr_ifru.ifru_addr.sa_data, mac, FETH_MAC_SIZE);
    int why = feth_ctl_ask(ctl->inet, XNU_SIOCSIFLLADDR, &request);
    if (why)
        return feth_ctl_fail(err, why, "set MAC address", name);
    feth_mark_mac(ctl, name, mac);
    return 0;
}

/* ---- state -------------------------------------------------------------------------------------------------- */

int feth_flags_read(struct feth_os_ctl *ctl, const char *name, unsigned *flags, const char *op,
                    struct feth_error *err)
{
    struct xnu_ifreq request;

    begin(&request, name);
    int why = feth_ctl_ask(ctl->inet, XNU_SIOCGIFFLAGS, &request);
    *flags = (uint16_t)request.ifr_ifru.ifru_flags; /* a short, of which IFF_MULTICAST is the sign */
    return why ? feth_ctl_fail(err, why, op, name) : 0;
}

int feth_flags_write(struct feth_os_ctl *ctl, const char *name, unsigned flags)
{
    struct xnu_ifreq request;

    begin(&request, name);
    request.ifr_ifru.ifru_flags = (short)(uint16_t)flags;
    return feth_ctl_ask(ctl->inet, XNU_SIOCSIFFLAGS, &request);
}

int feth_os_set_up(struct feth_os_ctl *ctl, const char *name, bool up, struct feth_error *err)
{
    const char *op = up ? "bring up" : "take down";
    unsigned flags;

    int ret = feth_flags_read(ctl, name, &flags, op, err);
    if (ret < 0)
        return ret;
    int why = feth_flags_write(ctl, name, up ? flags | XNU_IFF_UP : flags & ~(unsigned)XNU_IFF_UP);
    return why ? feth_ctl_fail(err, why, op, name) : 0;
}
