/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a BPF device (bpf(4); xnu bsd/net/bpf.c). */
#include "darwin/bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <feth/io.h>

#include "core/fail.h"
#include "darwin/ctl.h"

#define DEVICES 256 /* BPF_MAX_DEVICES; the kernel makes another when the last one is opened */

static const char op[] = "open";

/* Why there is no device; tried: how many are there, all of them in use. */
static int no_device(struct feth_error *err, const char *ifname, int tried)
{
    if (tried == 0)
        return feth_fail(err, FETH_ENOSUP, ENOENT, op, ifname, "this system has no BPF devices (/dev/bpf0)");
    if (tried < DEVICES)
        return feth_fail(err, FETH_EBUSY, EBUSY, op, ifname,
                         "all %d BPF devices are in use: end a capture (lsof /dev/bpf* names who has them)",
                         tried);
    return feth_fail(err, FETH_EBUSY, EBUSY, op, ifname,
                     "all %d BPF devices that this system can have are in use, none is left: end a capture "
                     "(lsof /dev/bpf* names who has them)",
                     tried);
}

static int open_device(struct feth_bpf *bpf, const char *ifname, struct feth_error *err)
{
    char path[32];

    for (int i = 0; i < DEVICES; i++) {
        (void)snprintf(path, sizeof(path), "/dev/bpf%d", i);
        do {
            bpf->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        } while (bpf->fd < 0 && errno == EINTR);
        if (bpf->fd >= 0)
            return 0;
        switch (errno) {
        case EBUSY:
            continue;
        case ENOENT:
        case ENXIO: /* the node is there, the device is not yet */
            return no_device(err, ifname, i);
        case EACCES:
        case EPERM:
            return feth_fail(err, FETH_EPERM, errno, op, ifname,
                             "%s may be opened by root only: run it with sudo", path);
        case ENOMEM:
            return feth_fail(err, FETH_ENOMEM, errno, op, ifname, NULL);
        default:
            return feth_fail(err, FETH_ESYS, errno, op, ifname, "cannot open %s", path);
        }
    }
    return no_device(err, ifname, DEVICES);
}

static int refused(struct feth_error *err, int why, const char *ifname, const char *what)
{
    if (why == ENXIO || why == ENODEV)
        return feth_fail(err, FETH_ENOIF, why, op, ifname, "there is no such interface");
    if (why == EPERM || why == EACCES)
        return feth_fail(err, FETH_EPERM, why, op, ifname, FETH_NEEDS_ROOT);
    if (why == ENOMEM || why == ENOBUFS)
        return feth_fail(err, FETH_ENOMEM, why, op, ifname, NULL);
    return feth_fail(err, FETH_ESYS, why, op, ifname, "the BPF device refuses %s", what);
}

static int attach(struct feth_bpf *bpf, const char *ifname, size_t bytes, struct feth_error *err)
{
    struct xnu_ifreq req;
    uint32_t want = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX, type = 0;

    /* Before there is an interface, or it is refused.  Too much is cut without a word. */
    int why = feth_ctl_ask(bpf->fd, XNU_BIOCSBLEN, &want);
    if (why)
        return refused(err, why, ifname, "a buffer size");
    memset(&req, 0, sizeof(req));
    feth_ctl_name(req.ifr_name, ifname);
    why = feth_ctl_ask(bpf->fd, XNU_BIOCSETIF, &req);
    if (why)
        return refused(err, why, ifname, "the interface");
    why = feth_ctl_ask(bpf->fd, XNU_BIOCGBLEN, &bpf->bytes);
    if (why || bpf->bytes == 0)
        return refused(err, why, ifname, "to tell its buffer size");
    why = feth_ctl_ask(bpf->fd, XNU_BIOCGDLT, &type);
    if (why)
        return refused(err, why, ifname, "to tell the kind of interface");
    if (type != XNU_DLT_EN10MB)
        return feth_fail(err, FETH_ENOSUP, 0, op, ifname, "it is not an Ethernet interface (link type %u)",
                         type);
    return 0;
}

static int configure(const struct feth_bpf *bpf, const char *ifname, bool see_sent, struct feth_error *err)
{
    const struct {
        unsigned long request;
        uint32_t value;
        const char *what;
    } settings[] = {
        {XNU_BIOCIMMEDIATE, 1, "immediate mode"},             /* a frame is readable when it comes */
        {XNU_BIOCSSEESENT, see_sent, "to hide what is sent"}, /* or our own frames come back to us */
        {XNU_BIOCSHDRCMPLT, 1, "whole headers"},   /* we write them; without it an IPv4 address is needed */
        {XNU_BIOCPROMISC, 0, "to be promiscuous"}, /* the stack at our end may have a MAC of its own */
        {XNU_BIOCFLUSH, 0, "to be emptied"},       /* of what came before the settings */
    };

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        uint32_t value = settings[i].value;
        int why = feth_ctl_ask(bpf->fd, settings[i].request, &value);
        if (why)
            return refused(err, why, ifname, settings[i].what);
    }
    return 0;
}

int feth_bpf_open(struct feth_bpf *bpf, const char *ifname, size_t bytes, bool see_sent,
                  struct feth_error *err)
{
    int ret = open_device(bpf, ifname, err);
    if (ret < 0)
        return ret;
    ret = attach(bpf, ifname, bytes, err);
    if (ret == 0)
        ret = configure(bpf, ifname, see_sent, err);
    if (ret < 0)
        feth_bpf_close(bpf);
    return ret;
}

void feth_bpf_close(struct feth_bpf *bpf)
{
    if (bpf->fd >= 0)
        close(bpf->fd);
    bpf->fd = -1;
}

bool feth_bpf_batch(const struct feth_bpf *bpf)
{
    uint32_t most = FETH_FRAME_MAX;
    int32_t on = 1;

    if (feth_ctl_ask(bpf->fd, XNU_BIOCSBATCHWRITE, &on) != 0)
        return false;
    /* One frame above the MTU, which may have changed a moment ago, would take the whole batch with it. */
    (void)feth_ctl_ask(bpf->fd, XNU_BIOCSWRITEMAX, &most);
    return true;
}

bool feth_bpf_attached(const struct feth_bpf *bpf)
{
    uint32_t type;

    return feth_ctl_ask(bpf->fd, XNU_BIOCGDLT, &type) != EINVAL;
}

uint64_t feth_bpf_drops(const struct feth_bpf *bpf)
{
    struct xnu_bpf_stat stat = {0};

    return feth_ctl_ask(bpf->fd, XNU_BIOCGSTATS, &stat) == 0 ? stat.bs_drop : 0;
}
