/* SPDX-License-Identifier: Apache-2.0 */
/* What tests ask of the model as a whole. */
#include <stdio.h>
#include <string.h>

#include "fds.h"
#include "model.h"

void model_reset(void)
{
    m_lock();
    m_fds_reset();
    for (unsigned i = 0; i < M_IFS; i++) {
        struct m_if *ifp = &K->ifs[i];
        if (ifp->used && ifp->feth) {
            ifp->clone = true;
            m_if_destroy(ifp->name);
        }
    }
    m_frames_reset();
    m_boot();
    m_calls_reset();
    m_unlock();
}

void model_set_macos(int major, int minor)
{
    m_lock();
    K->macos = major;
    K->macos_minor = minor;
    m_unlock();
}

void model_deny(bool deny)
{
    m_lock();
    K->deny = deny;
    m_unlock();
}

void model_no_msg_x(bool none)
{
    m_lock();
    K->no_msg_x = none;
    m_unlock();
}

static bool left(const char *what, const char *name, int value)
{
    fprintf(stderr, "the model: %s %s%s %d\n", what, name, *name ? ":" : "", value);
    return false;
}

bool model_is_clean(void)
{
    const struct m_sysctls boot = {.max_mtu = 2048, .bsd_mode = 1, .txstart = 1, .icmplim = 250};
    bool clean = true;

    m_lock();
    for (unsigned i = 0; i < M_IFS; i++)
        if (K->ifs[i].used && K->ifs[i].feth)
            clean = left("interface left", K->ifs[i].name, 1);
    if (m_fds_open())
        clean = left("descriptors left:", "", (int)m_fds_open());
    if (K->sysctls.max_mtu != boot.max_mtu)
        clean = left("sysctl left", "net.link.fake.max_mtu", K->sysctls.max_mtu);
    if (K->sysctls.tso_support != boot.tso_support)
        clean = left("sysctl left", "net.link.fake.tso_support", K->sysctls.tso_support);
    if (K->sysctls.hwcsum != boot.hwcsum)
        clean = left("sysctl left", "net.link.fake.hwcsum", K->sysctls.hwcsum);
    if (K->sysctls.bsd_mode != boot.bsd_mode)
        clean = left("sysctl left", "net.link.fake.bsd_mode", K->sysctls.bsd_mode);
    m_unlock();
    return clean;
}

/* ---- interfaces --------------------------------------------------------------------------------------------- */

void model_detach_after(int attempts)
{
    m_lock();
    K->detach_attempts = attempts;
    m_unlock();
}

void model_detached(void)
{
    m_lock();
    memset(K->detaches, 0, sizeof(K->detaches));
    m_unlock();
}

void model_add_ethernet(const char *name)
{
    static const uint8_t mac[6] = {0xac, 0xde, 0x48, 0, 0x11, 0x22};

    m_lock();
    struct m_if *ifp = m_if_new(name);
    ifp->flags = XNU_IFF_UP | XNU_IFF_BROADCAST | XNU_IFF_RUNNING | XNU_IFF_SIMPLEX | XNU_IFF_MULTICAST;
    ifp->mtu = ifp->max_mtu = 1500;
    memcpy(ifp->mac, mac, 6);
    ifp->mac_len = 6;
    m_unlock();
}

bool model_interface(const char *name, unsigned *mtu, int *flags, uint8_t mac[6])
{
    m_lock();
    const struct m_if *ifp = m_if_named(name);
    if (ifp && mtu)
        *mtu = ifp->mtu;
    if (ifp && flags)
        *flags = ifp->flags;
    if (ifp && mac)
        memcpy(mac, ifp->mac, 6);
    m_unlock();
    return ifp != NULL;
}

unsigned model_feths(void)
{
    unsigned n = 0;

    m_lock();
    for (unsigned i = 0; i < M_IFS; i++)
        n += K->ifs[i].used && K->ifs[i].feth;
    m_unlock();
    return n;
}

void model_set_up(const char *name, bool up)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    if (ifp)
        m_if_set_flags(ifp, up ? ifp->flags | XNU_IFF_UP : ifp->flags & ~XNU_IFF_UP);
    m_unlock();
}

void model_destroy(const char *name)
{
    m_lock();
    m_if_destroy(name);
    m_unlock();
}
