/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about interfaces (bsd/net/if.c, feth_ioctl() of bsd/net/if_fake.c). */
#include <errno.h>
#include <string.h>

#include "kernel.h"

#define REQUEST_LEN 160 /* RUN11: sizeof(struct if_fake_request) */
#define FAMILY_LINK 18

/* Requests that need root. */
static bool changes_something(unsigned long request)
{
    switch (request) {
    case XNU_SIOCIFCREATE:
    case XNU_SIOCIFCREATE2:
    case XNU_SIOCIFDESTROY:
    case XNU_SIOCSIFFLAGS:
    case XNU_SIOCSIFMTU:
    case XNU_SIOCSIFLLADDR:
    case XNU_SIOCSIFDESC:
    case XNU_SIOCSDRVSPEC:
        return true;
    default:
        return false;
    }
}

static int set_peer(struct m_if *ifp, const struct xnu_ifdrv *drv)
{
    struct xnu_if_fake_request req;
    static const uint8_t zero[sizeof(req.iffr_reserved)];

    if (drv->ifd_cmd != XNU_IF_FAKE_S_CMD_SET_PEER)
        return EOPNOTSUPP;
    if (!drv->ifd_data || drv->ifd_len < REQUEST_LEN)
        return EINVAL;
    memcpy(&req, drv->ifd_data, sizeof(req));
    if (memcmp(req.iffr_reserved, zero, sizeof(zero)) != 0)
        return EINVAL;
    req.iffr_u.iffru_peer_name[M_NAME - 1] = '\0';
    return m_if_set_peer(ifp, req.iffr_u.iffru_peer_name);
}

static int get_peer(const struct m_if *ifp, const struct xnu_ifdrv *drv)
{
    const struct m_if *peer = m_if_peer(ifp);
    struct xnu_if_fake_request req;

    if (drv->ifd_cmd != XNU_IF_FAKE_G_CMD_GET_PEER)
        return EOPNOTSUPP;
    if (drv->ifd_len < REQUEST_LEN)
        return EINVAL;
    memset(&req, 0, sizeof(req));
    if (peer)
        memcpy(req.iffr_u.iffru_peer_name, peer->name, M_NAME);
    memcpy(drv->ifd_data, &req, sizeof(req));
    return 0;
}

static int get_mac(const struct m_if *ifp, struct xnu_ifreq *req)
{
    if (ifp->mac_len == 0)
        return EADDRNOTAVAIL;
    memset(&req->ifr_ifru.ifru_addr, 0, sizeof(req->ifr_ifru.ifru_addr));
    req->ifr_ifru.ifru_addr.sa_len = ifp->mac_len;
    req->ifr_ifru.ifru_addr.sa_family = FAMILY_LINK;
    memcpy(req->ifr_ifru.ifru_addr.sa_data, ifp->mac, ifp->mac_len);
    return 0;
}

static int set_desc(struct m_if *ifp, const struct xnu_if_descreq *req)
{
    if (req->ifdr_len > sizeof(ifp->desc))
        return EINVAL;
    memset(ifp->desc, 0, sizeof(ifp->desc));
    memcpy(ifp->desc, req->ifdr_desc, req->ifdr_len);
    ifp->desc_len = req->ifdr_len;
    return 0;
}

static int get_desc(const struct m_if *ifp, struct xnu_if_descreq *req)
{
    memset(req->ifdr_desc, 0, sizeof(req->ifdr_desc));
    memcpy(req->ifdr_desc, ifp->desc, ifp->desc_len);
    req->ifdr_len = ifp->desc_len;
    return 0;
}

static int on_interface(struct m_if *ifp, unsigned long request, void *arg)
{
    struct xnu_ifreq *req = arg;

    switch (request) {
    case XNU_SIOCGIFFLAGS:
        req->ifr_ifru.ifru_flags = (int16_t)ifp->flags;
        return 0;
    case XNU_SIOCSIFFLAGS:
        return m_if_set_flags(ifp, (uint16_t)req->ifr_ifru.ifru_flags);
    case XNU_SIOCGIFEFLAGS:
        req->ifr_ifru.ifru_eflags = ifp->accept_ra ? XNU_IFEF_ACCEPT_RTADV : 0;
        return 0;
    case XNU_SIOCGIFMTU:
        req->ifr_ifru.ifru_mtu = (int)ifp->mtu;
        return 0;
    case XNU_SIOCSIFMTU:
        return m_if_set_mtu(ifp, (unsigned)req->ifr_ifru.ifru_mtu);
    case XNU_SIOCGIFDEVMTU:
        if (!ifp->feth)
            return EOPNOTSUPP;
        req->ifr_ifru.ifru_devmtu.ifdm_current = (int)ifp->mtu;
        req->ifr_ifru.ifru_devmtu.ifdm_min = 72;
        req->ifr_ifru.ifru_devmtu.ifdm_max = (int)ifp->max_mtu;
        return 0;
    case XNU_SIOCGIFLLADDR:
        return get_mac(ifp, req);
    case XNU_SIOCSIFLLADDR:
        return m_if_set_mac(ifp, (const uint8_t *)req->ifr_ifru.ifru_addr.sa_data,
                            req->ifr_ifru.ifru_addr.sa_len);
    case XNU_SIOCSIFDESC:
        return set_desc(ifp, arg);
    case XNU_SIOCGIFDESC:
        return get_desc(ifp, arg);
    case XNU_SIOCSDRVSPEC:
        return ifp->feth ? set_peer(ifp, arg) : EOPNOTSUPP;
    case XNU_SIOCGDRVSPEC:
        return ifp->feth ? get_peer(ifp, arg) : EOPNOTSUPP;
    default:
        return -1;
    }
}

int m_if_ioctl(unsigned long request, void *arg)
{
    char name[M_NAME];

    if (changes_something(request) && m_denied())
        return EPERM;
    memcpy(name, arg, sizeof(name));
    name[M_NAME - 1] = '\0';
    switch (request) {
    case XNU_SIOCIFCREATE:
    case XNU_SIOCIFCREATE2: {
        int ret = m_if_create(name);
        if (ret == 0)
            memcpy(arg, name, sizeof(name));
        return ret;
    }
    case XNU_SIOCIFDESTROY:
        return m_if_destroy(name);
    default:
        break;
    }
    struct m_if *ifp = m_if_named(name);
    return ifp ? on_interface(ifp, request, arg) : ENXIO;
}
