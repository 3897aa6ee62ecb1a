/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwip/ethip6.h"
#include "lwip/snmp.h"
#include "lwip/timeouts.h"

#include "fethif_priv.h"

int fethif_fail(struct feth_error *err, int code, int sys_errno, const char *op, const char *ifname,
                const char *reason)
{
    if (!err)
        return code;
    memset(err, 0, sizeof(*err));
    err->code = code;
    err->sys_errno = sys_errno;
    snprintf(err->op, sizeof(err->op), "%s", op);
    snprintf(err->ifname, sizeof(err->ifname), "%s", ifname ? ifname : "");
    snprintf(err->text, sizeof(err->text), "%s%s%s: %s%s%s", op, ifname ? " " : "", ifname ? ifname : "",
             reason, sys_errno ? ": " : "", sys_errno ? strerror(sys_errno) : "");
    return code;
}

/* ---- making and freeing ------------------------------------------------------------------------------------- */

static int open_stop(int fds[2], const char *ifname, struct feth_error *err)
{
    if (pipe(fds) < 0) {
        fds[0] = fds[1] = -1;
        return fethif_fail(err, FETH_ESYS, errno, "make driver", ifname, "no pipe");
    }
    /* macOS has no pipe2() */
    for (int i = 0; i < 2; i++)
        if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(fds[i], F_SETFL, O_NONBLOCK) < 0)
            return fethif_fail(err, FETH_ESYS, errno, "make driver", ifname, "the pipe cannot be set up");
    return 0;
}

int fethif_new(struct fethif **result, const struct fethif_config *config, struct feth_error *err)
{
    *result = NULL;
    if (!config || config->size != sizeof(*config) || !config->io)
        return fethif_fail(err, FETH_EINVAL, 0, "make driver", NULL,
                           "the config needs its size and an I/O handle");
    const char *ifname = feth_io_name(config->io);
    if (config->mtu && (config->mtu < FETHIF_MTU_MIN || config->mtu > FETHIF_MTU_MAX))
        return fethif_fail(err, FETH_EINVAL, 0, "make driver", ifname, "the MTU must be 68 to 65521");
    if (config->mac && config->mac[0] & 1)
        return fethif_fail(err, FETH_EINVAL, 0, "make driver", ifname, "the MAC address is a multicast one");
    if (!feth_lwip_asserts())
        return fethif_fail(err, FETH_EINVAL, 0, "make driver", ifname,
                           "say first what to do when an assertion of lwIP fails: lwip_port_set_hooks()");

    struct fethif *f = calloc(1, sizeof(*f));
    if (!f)
        return fethif_fail(err, FETH_ENOMEM, 0, "make driver", ifname, "out of memory");
    f->io = config->io;
    f->mtu = config->mtu;
    f->link_changed = config->link_changed;
    f->arg = config->arg;
    f->busy.limit_ns = (uint64_t)config->busy_poll_us * 1000;
    if (config->mac) {
        f->own_mac = true;
        memcpy(f->mac, config->mac, sizeof(f->mac));
    }
    f->stop[0] = f->stop[1] = -1;

    f->rx = fethif_rx_open(feth_io_rx_buffers(f->io));
    int ret = f->rx ? open_stop(f->stop, ifname, err)
                    : fethif_fail(err, FETH_ENOMEM, 0, "make driver", ifname, "out of memory");
    if (ret < 0) {
        fethif_free(f);
        return ret;
    }
    feth_io_set_nonblock(f->io, true);
    *result = f;
    return 0;
}

void fethif_free(struct fethif *f)
{
    if (!f)
        return;
    fethif_tx_discard(f);
    fethif_rx_close(f->rx);
    for (int i = 0; i < 2; i++)
        if (f->stop[i] >= 0)
            close(f->stop[i]);
    free(f);
}

#if LWIP_NETIF_REMOVE_CALLBACK
static void removed(struct netif *netif)
{
    struct fethif *f = netif->state;

    fethif_tx_discard(f);
    f->netif = NULL;
}
#endif

err_t fethif_init(struct netif *netif)
{
    struct fethif *f = netif->state;

    if (!f || f->netif)
        return ERR_ARG;
    f->netif = netif;
    netif->name[0] = 'f';
    netif->name[1] = 'e';
#if LWIP_NETIF_HOSTNAME
    netif->hostname = NULL;
#endif
    MIB2_INIT_NETIF(netif, snmp_ifType_ethernet_csmacd, 0);
    netif->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->linkoutput = fethif_linkoutput;
#if LWIP_IPV4
    netif->output = etharp_output;
#endif
#if LWIP_IPV6
    netif->output_ip6 = ethip6_output;
#endif
#if LWIP_NETIF_REMOVE_CALLBACK
    netif_set_remove_callback(netif, removed);
#endif
    f->tx_csum = feth_io_caps(f->io) & FETH_CAP_TX_CSUM;
    f->tx_tso = feth_io_caps(f->io) & (FETH_CAP_TX_TSO4 | FETH_CAP_TX_TSO6 | FETH_CAP_TX_USO);
    if (f->tx_csum)
        NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_GEN_TCP);
    fethif_link_init(f);
#if LWIP_IPV6
    netif_create_ip6_linklocal_address(netif, 1);
#endif
    return ERR_OK;
}

/* ---- turns -------------------------------------------------------------------------------------------------- */

/* Take what is there, up to the bound.  @return the number of frames; FETH_EGONE; FETH_ESYS */
static int receive(struct fethif *f)
{
    struct feth_frame frames[FETHIF_RX_BATCH];
    unsigned left = FETHIF_RX_TURN;

    f->more = false;
    while (left > 0) {
        unsigned max = left < FETHIF_RX_BATCH ? left : FETHIF_RX_BATCH;
        int n = feth_io_recv_batch(f->io, frames, max, NULL);
        if (n == FETH_EAGAIN || n == FETH_EDOWN)
            break;
        if (n == FETH_ENOBUFS) { /* somebody else holds frames of this handle */
            f->more = true;
            break;
        }
        if (n < 0)
            return n;
        fethif_rx(f, frames, (unsigned)n);
        left -= (unsigned)n;
        /* Fewer than asked for, and not for want of buffers, of which lwIP holds half at most: that was all. */
        if ((unsigned)n < max && (unsigned)n < feth_io_rx_buffers(f->io) / 2 && !feth_io_pending(f->io))
            break;
        f->more = left == 0;
    }
    return (int)(FETHIF_RX_TURN - left);
}

/* The error of a handle that is gone for good, in words. */
static int receive_error(struct fethif *f, int ret, struct feth_error *err)
{
    struct feth_frame frame;

    if (!err)
        return ret;
    int again = feth_io_recv_batch(f->io, &frame, 1, err);
    if (again == 1)
        feth_frames_release(&frame, 1);
    return again == ret ? ret : fethif_fail(err, ret, 0, "receive", feth_io_name(f->io), feth_code_text(ret));
}

int fethif_dispatch(struct fethif *f, struct feth_error *err)
{
    bool outer = f->in_turn;

    f->stats.turns++;
    if (f->tx.n > 0)
        fethif_flush(f); /* what the handle did not take before */
    f->in_turn = true;
    int ret = receive(f);
    fethif_link_update(f);
#if NO_SYS && LWIP_TIMERS
    sys_check_timeouts();
#endif
    f->in_turn = outer;
    fethif_flush(f);
    if (fethif_busy_begin(f, ret))
        do {
            f->in_turn = true;
            ret = receive(f);
            f->in_turn = outer;
            if (ret > 0)
                fethif_flush(f);
        } while (fethif_busy_on(f, ret));
    return ret < 0 ? receive_error(f, ret, err) : 0;
}

int fethif_fd(const struct fethif *f)
{
    return feth_io_fd(f->io);
}

int fethif_timeout(const struct fethif *f)
{
    int timeout = -1;

    if (f->more || feth_io_pending(f->io))
        return 0;
#if NO_SYS && LWIP_TIMERS
    u32_t sleep = sys_timeouts_sleeptime();
    if (sleep != SYS_TIMEOUTS_SLEEPTIME_INFINITE)
        timeout = sleep < INT_MAX ? (int)sleep : INT_MAX;
#endif
    /* Frames wait for the handle: soon again, since its descriptor does not announce room. */
    if (f->tx.n > 0 && (timeout < 0 || timeout > 1))
        timeout = 1;
    return timeout;
}

/* ---- running ------------------------------------------------------------------------------------------------ */

void fethif_stop(struct fethif *f)
{
    int saved = errno; /* a signal handler leaves it as it was */

    /* A full pipe is as good as one more byte in it. */
    ssize_t n = write(f->stop[1], "", 1);
    (void)n;
    errno = saved;
}

static void drain(int fd)
{
    char bytes[64];

    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
}

int fethif_run(struct fethif *f, struct feth_error *err)
{
    struct pollfd fds[2] = {{.fd = fethif_fd(f), .events = POLLIN}, {.fd = f->stop[0], .events = POLLIN}};

    for (;;) {
        int ret = fethif_dispatch(f, err);
        if (ret < 0)
            return ret;
        if (poll(fds, 2, fethif_timeout(f)) < 0 && errno != EINTR)
            return fethif_fail(err, FETH_ESYS, errno, "run", feth_io_name(f->io), "poll failed");
        if (fds[1].revents) {
            drain(f->stop[0]);
            return 0;
        }
    }
}

void fethif_get_stats(const struct fethif *f, struct fethif_stats *stats)
{
    *stats = f->stats;
}
