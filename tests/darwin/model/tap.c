/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host side as Linux has it: for each feth a persistent TAP device of its name, with its MTU, MAC, addresses and
 * state.  The host's own programs then use it as they use any interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "model.h"
#include "real.h"

#include <net/if.h> /* behind xnu.h: its macros bear the names of members of struct xnu_ifreq */

#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <libmnl/libmnl.h>

/* ---- asking Linux ------------------------------------------------------------------------------------------- */

static int ask(unsigned long request, struct ifreq *req, const char *name)
{
    int fd = __real_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)snprintf(req->ifr_name, sizeof(req->ifr_name), "%s", name);
    int error = fd < 0 || __real_ioctl(fd, request, req) < 0 ? errno : 0;
    if (fd >= 0)
        __real_close(fd);
    return error;
}

/* @return 0: there is none */
static int index_of(const char *name)
{
    struct ifreq req = {0};

    return ask(SIOCGIFINDEX, &req, name) ? 0 : req.ifr_ifindex;
}

static void conf(const char *family, const char *name, const char *key, const char *value)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, name, key);
    int fd = __real_open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || __real_write(fd, value, strlen(value)) < 0)
        model_note("%s: %s", path, strerror(errno));
    if (fd >= 0)
        __real_close(fd);
}

/* One rtnetlink request with its answer.  @return 0 or an errno */
static int netlink(struct nlmsghdr *nlh)
{
    char answer[8192];
    struct mnl_socket *nl = mnl_socket_open(NETLINK_ROUTE);
    int error = 0;

    nlh->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    nlh->nlmsg_seq = (uint32_t)time(NULL);
    if (!nl)
        return errno;
    ssize_t n = -1;
    if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 && mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) >= 0)
        n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
    if (n < 0 || mnl_cb_run(answer, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(nl), NULL, NULL) < 0)
        error = errno;
    mnl_socket_close(nl);
    return error;
}

/* ---- devices ------------------------------------------------------------------------------------------------ */

/* The I/O side is the program's, and the host's stack keeps quiet there: no IPv6 until there is an address of it. */
static void be_quiet(const char *name)
{
    conf("ipv6", name, "disable_ipv6", "1");
    conf("ipv6", name, "addr_gen_mode", "1");
    conf("ipv6", name, "accept_dad", "0");
    conf("ipv6", name, "accept_ra", "0");
}

int m_tap_create(const struct m_if *ifp)
{
    struct ifreq req = {.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL)};

    if (!m_tap_mode())
        return 0;
    int fd = __real_open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        m_panic("FETH_MODEL_TAP: /dev/net/tun: %s", strerror(errno));
    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", ifp->name);
    int error = __real_ioctl(fd, TUNSETIFF, &req) < 0 || __real_ioctl(fd, TUNSETPERSIST, 1) < 0 ? errno : 0;
    __real_close(fd);
    if (error) {
        model_note("TAP %s: %s", ifp->name, strerror(error));
        return error == EBUSY ? EBUSY : ENOBUFS;
    }
    be_quiet(ifp->name);
    m_tap_apply(ifp);
    return 0;
}

void m_tap_destroy(const struct m_if *ifp)
{
    char buf[256];
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

    if (!m_tap_mode())
        return;
    nlh->nlmsg_type = RTM_DELLINK;
    struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
    ifi->ifi_index = index_of(ifp->name);
    if (ifi->ifi_index)
        model_note("TAP %s deleted: %s", ifp->name, strerror(netlink(nlh)));
}

/*
 * Somebody is at the device, and it is up: wait until Linux has noticed, or it drops what is sent meanwhile.  A carrier
 * that was just lost and is back it would look at within a second only; asked for the link it looks at once
 * (linkwatch_sync_dev() by way of ethtool_op_get_link()).
 */
void m_tap_settle(const struct m_if *ifp)
{
    struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
    struct ifreq ask_link = {.ifr_data = (void *)&link};

    (void)ask(SIOCETHTOOL, &ask_link, ifp->name);
    for (int i = 0; i < 1000; i++) {
        struct ifreq req = {0};
        if (ask(SIOCGIFFLAGS, &req, ifp->name) || !(req.ifr_flags & IFF_UP) || req.ifr_flags & IFF_RUNNING)
            return;
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void set_up(const struct m_if *ifp)
{
    struct ifreq req = {0};
    bool up = ifp->flags & XNU_IFF_UP;

    if (ask(SIOCGIFFLAGS, &req, ifp->name) || up == !!(req.ifr_flags & IFF_UP))
        return;
    req.ifr_flags = (short)(up ? req.ifr_flags | IFF_UP : req.ifr_flags & ~IFF_UP);
    (void)ask(SIOCSIFFLAGS, &req, ifp->name);
    if (up && ifp->tap_server)
        m_tap_settle(ifp);
    /* Linux removes IPv6 addresses from what goes down; macOS keeps them */
    for (unsigned i = 0; up && i < ifp->n_addrs; i++)
        if (ifp->addrs[i].family == XNU_AF_INET6)
            m_tap_addr(ifp, &ifp->addrs[i], true);
}

void m_tap_apply(const struct m_if *ifp)
{
    struct ifreq req = {0};

    if (!m_tap_mode() || !ifp->feth)
        return;
    if (ask(SIOCGIFHWADDR, &req, ifp->name) == 0 && ifp->mac_len &&
        memcmp(req.ifr_hwaddr.sa_data, ifp->mac, 6) != 0) {
        req.ifr_hwaddr.sa_family = ARPHRD_ETHER;
        memcpy(req.ifr_hwaddr.sa_data, ifp->mac, 6);
        (void)ask(SIOCSIFHWADDR, &req, ifp->name);
    }
    if (ask(SIOCGIFMTU, &req, ifp->name) == 0 && req.ifr_mtu != (int)ifp->mtu) {
        req.ifr_mtu = (int)ifp->mtu;
        (void)ask(SIOCSIFMTU, &req, ifp->name);
    }
    set_up(ifp);
}

void m_tap_addr(const struct m_if *ifp, const struct m_addr *addr, bool add)
{
    char buf[256];
    bool v6 = addr->family == XNU_AF_INET6;
    uint8_t bytes[16];

    if (!m_tap_mode() || !ifp->feth)
        return;
    memcpy(bytes, addr->bytes, 16);
    if (v6 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
        bytes[2] = bytes[3] = 0; /* Darwin's way to keep the interface's index */
    if (v6 && add)
        conf("ipv6", ifp->name, "disable_ipv6", "0");
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
    nlh->nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
    nlh->nlmsg_flags = add ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
    ifa->ifa_family = v6 ? AF_INET6 : AF_INET;
    ifa->ifa_prefixlen = (uint8_t)addr->prefix;
    ifa->ifa_flags = v6 ? IFA_F_NODAD : 0;
    ifa->ifa_index = (uint32_t)index_of(ifp->name);
    mnl_attr_put(nlh, IFA_LOCAL, v6 ? 16 : 4, bytes);
    mnl_attr_put(nlh, IFA_ADDRESS, v6 ? 16 : 4, bytes);
    model_note("TAP %s address %s: %s", ifp->name, add ? "added" : "removed", strerror(netlink(nlh)));
}

/* capabilities(7): in TAP mode it is Linux's to say who may change interfaces. */
bool m_denied(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    if (K->deny || !m_tap_mode())
        return K->deny;
    return syscall(SYS_capget, &head, data) == 0 && !(data[0].effective & 1u << CAP_NET_ADMIN);
}

/* ---- what others do to them --------------------------------------------------------------------------------- */

static void reconcile(struct m_if *ifp)
{
    struct ifreq req = {0};

    if (index_of(ifp->name) == 0) {
        model_note("TAP %s is gone", ifp->name);
        ifp->clone = true;
        m_if_destroy(ifp->name);
        return;
    }
    if (ask(SIOCGIFMTU, &req, ifp->name) == 0 && req.ifr_mtu != (int)ifp->mtu) {
        ifp->mtu = (unsigned)req.ifr_mtu;
        m_event_post(XNU_KEV_DL_SUBCLASS, XNU_KEV_DL_SIFMTU, ifp);
    }
    if (ask(SIOCGIFFLAGS, &req, ifp->name) == 0 && !!(req.ifr_flags & IFF_UP) != !!(ifp->flags & XNU_IFF_UP))
        m_if_set_flags(ifp, ifp->flags ^ XNU_IFF_UP);
}

/* An interface of Linux that bears a feth's name: to the model somebody else has made it. */
static void adopt(const char *name)
{
    unsigned unit;
    int end = 0;

    if (sscanf(name, "feth%5u%n", &unit, &end) != 1 || name[end] || m_if_named(name))
        return;
    struct m_if *ifp = m_if_new(name);
    ifp->feth = ifp->clone = true;
    ifp->unit = unit;
    ifp->flags = XNU_IFF_BROADCAST | XNU_IFF_SIMPLEX | XNU_IFF_MULTICAST;
    ifp->mtu = 1500;
    ifp->max_mtu = 2048;
    ifp->mac_len = 6;
    model_note("%s is somebody else's", name);
}

static void adopt_all(void)
{
    struct if_nameindex *list = __real_if_nameindex();

    for (struct if_nameindex *i = list; i && i->if_name; i++)
        adopt(i->if_name);
    __real_if_freenameindex(list);
}

void m_host_reconcile(void)
{
    if (!m_tap_mode())
        return;
    m_lock();
    adopt_all();
    for (unsigned i = 0; i < M_IFS; i++)
        if (K->ifs[i].used && K->ifs[i].feth)
            reconcile(&K->ifs[i]);
    m_unlock();
}
