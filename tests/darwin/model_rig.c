/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit/cmocka_all.h"

#include "model_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>

int rig_setup(void **state)
{
    (void)state;
    model_reset();
    return 0;
}

int rig_teardown(void **state)
{
    (void)state;
    model_reset();
    return model_is_clean() ? 0 : -1;
}

/* ---- interfaces --------------------------------------------------------------------------------------------- */

static int ask(int family, unsigned long request, void *arg)
{
    int fd = socket(family, SOCK_DGRAM, 0);

    assert_true(fd >= 0);
    int error = ioctl(fd, request, arg) < 0 ? errno : 0;
    assert_int_equal(close(fd), 0);
    return error;
}

int rig_ioctl(unsigned long request, void *arg)
{
    return ask(AF_INET, request, arg);
}

int rig_ioctl6(unsigned long request, void *arg)
{
    return ask(AF_INET6, request, arg);
}

static struct xnu_ifreq named(const char *name)
{
    struct xnu_ifreq req;

    memset(&req, 0, sizeof(req));
    (void)snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
    return req;
}

int rig_create(const char *name)
{
    struct xnu_ifreq req = named(name);

    return rig_ioctl(XNU_SIOCIFCREATE, &req);
}

int rig_destroy(const char *name)
{
    struct xnu_ifreq req = named(name);

    return rig_ioctl(XNU_SIOCIFDESTROY, &req);
}

int rig_peer(const char *name, const char *peer)
{
    struct xnu_if_fake_request fake;
    struct xnu_ifdrv drv;

    memset(&fake, 0, sizeof(fake));
    memset(&drv, 0, sizeof(drv));
    (void)snprintf(fake.iffr_u.iffru_peer_name, 16, "%s", peer);
    (void)snprintf(drv.ifd_name, sizeof(drv.ifd_name), "%s", name);
    drv.ifd_cmd = XNU_IF_FAKE_S_CMD_SET_PEER;
    drv.ifd_len = sizeof(fake);
    drv.ifd_data = &fake;
    return rig_ioctl(XNU_SIOCSDRVSPEC, &drv);
}

void rig_peer_of(const char *name, char peer[16])
{
    struct xnu_if_fake_request fake;
    struct xnu_ifdrv drv;

    memset(&drv, 0, sizeof(drv));
    (void)snprintf(drv.ifd_name, sizeof(drv.ifd_name), "%s", name);
    drv.ifd_cmd = XNU_IF_FAKE_G_CMD_GET_PEER;
    drv.ifd_len = sizeof(fake);
    drv.ifd_data = &fake;
    assert_int_equal(rig_ioctl(XNU_SIOCGDRVSPEC, &drv), 0);
    memcpy(peer, fake.iffr_u.iffru_peer_name, 16);
}

int rig_flags(const char *name)
{
    struct xnu_ifreq req = named(name);

    assert_int_equal(rig_ioctl(XNU_SIOCGIFFLAGS, &req), 0);
    return (uint16_t)req.ifr_ifru.ifru_flags;
}

int rig_up(const char *name, bool up)
{
    struct xnu_ifreq req = named(name);
    int flags = rig_flags(name);

    req.ifr_ifru.ifru_flags = (int16_t)(up ? flags | XNU_IFF_UP : flags & ~XNU_IFF_UP);
    return rig_ioctl(XNU_SIOCSIFFLAGS, &req);
}

int rig_mtu(const char *name, int mtu)
{
    struct xnu_ifreq req = named(name);

    req.ifr_ifru.ifru_mtu = mtu;
    return rig_ioctl(XNU_SIOCSIFMTU, &req);
}

int rig_mac(const char *name, const uint8_t mac[14], unsigned len)
{
    struct xnu_ifreq req = named(name);

    req.ifr_ifru.ifru_addr.sa_len = (uint8_t)len;
    memcpy(req.ifr_ifru.ifru_addr.sa_data, mac, sizeof(req.ifr_ifru.ifru_addr.sa_data));
    return rig_ioctl(XNU_SIOCSIFLLADDR, &req);
}

int rig_add4(const char *name, const char *addr, const char *mask)
{
    struct xnu_in_aliasreq req;

    memset(&req, 0, sizeof(req));
    (void)snprintf(req.ifra_name, sizeof(req.ifra_name), "%s", name);
    req.ifra_addr.sin_len = sizeof(req.ifra_addr);
    req.ifra_addr.sin_family = XNU_AF_INET;
    assert_int_equal(inet_pton(AF_INET, addr, &req.ifra_addr.sin_addr), 1);
    if (mask) {
        req.ifra_mask = req.ifra_addr;
        assert_int_equal(inet_pton(AF_INET, mask, &req.ifra_mask.sin_addr), 1);
    }
    return rig_ioctl(XNU_SIOCAIFADDR, &req);
}

int rig_del4(const char *name, const char *addr)
{
    struct xnu_ifreq req = named(name);
    struct xnu_sockaddr_in sin = {.sin_len = sizeof(sin), .sin_family = XNU_AF_INET};

    assert_int_equal(inet_pton(AF_INET, addr, &sin.sin_addr), 1);
    memcpy(&req.ifr_ifru.ifru_addr, &sin, sizeof(sin));
    return rig_ioctl(XNU_SIOCDIFADDR, &req);
}

int rig_sysctl(const char *name, int value)
{
    return sysctlbyname(name, NULL, NULL, &value, sizeof(value)) < 0 ? errno : 0;
}

void rig_pair(void)
{
    assert_int_equal(rig_create("feth0"), 0);
    assert_int_equal(rig_create("feth1"), 0);
    assert_int_equal(rig_peer("feth0", "feth1"), 0);
    assert_int_equal(rig_up("feth0", true), 0);
    assert_int_equal(rig_up("feth1", true), 0);
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

int rig_bpf(void)
{
    char path[32];

    for (int i = 0;; i++) {
        (void)snprintf(path, sizeof(path), "/dev/bpf%d", i);
        int fd = open(path, O_RDWR | O_NONBLOCK);
        if (fd >= 0 || errno != EBUSY)
            return fd;
    }
}

int rig_bpf_set(int fd, unsigned long request, int value)
{
    return ioctl(fd, request, &value) < 0 ? errno : 0;
}

int rig_bpf_on(const char *ifname, unsigned bufsize)
{
    struct xnu_ifreq req = named(ifname);
    int fd = rig_bpf();

    assert_true(fd >= 0);
    assert_int_equal(ioctl(fd, XNU_BIOCSBLEN, &bufsize), 0);
    assert_int_equal(ioctl(fd, XNU_BIOCSETIF, &req), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCIMMEDIATE, 1), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSSEESENT, 0), 0);
    assert_int_equal(rig_bpf_set(fd, XNU_BIOCSHDRCMPLT, 1), 0);
    return fd;
}

int rig_ndrv(const char *ifname)
{
    struct xnu_sockaddr_ndrv to;
    int fd = socket(XNU_PF_NDRV, SOCK_RAW, 0);

    assert_true(fd >= 0);
    memset(&to, 0, sizeof(to));
    to.snd_len = sizeof(to);
    to.snd_family = XNU_PF_NDRV;
    memcpy(to.snd_name, ifname, strlen(ifname));
    assert_int_equal(bind(fd, (const void *)&to, sizeof(to)), 0);
    assert_int_equal(connect(fd, (const void *)&to, sizeof(to)), 0);
    return fd;
}

void rig_frame(uint8_t *frame, size_t len, unsigned number)
{
    memset(frame, 0xff, len < 6 ? len : 6);
    for (size_t i = 6; i < len; i++)
        frame[i] = (uint8_t)(number + i);
}

bool rig_panics(void (*call)(void *arg), void *arg)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL); /* not cmocka's */
        if (!freopen("/dev/null", "w", stderr))
            _exit(2);
        call(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
