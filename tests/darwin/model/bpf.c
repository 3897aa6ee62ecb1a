/* SPDX-License-Identifier: Apache-2.0 */
/* BPF devices: opening, the requests, what destroying an interface does to them. */
#include "bpf.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

#define BUF_DEFAULT 4096
#define BUF_MIN     32
#define WRITE_MAX   0x1000000 /* READ: BPF_WRITE_MAX */

static struct m_bpf *devices[M_BPFS];

struct m_if *m_bpf_if(const struct m_bpf *b)
{
    uint64_t id = K->bpfs[b->minor].ifid;

    return id ? m_if_id(id) : NULL;
}

unsigned m_bpf_cap(void)
{
    return m_at_least(13, 0) ? 32 << 20 : 512 << 10;
}

/* ---- opening and closing ------------------------------------------------------------------------------------ */

static void bpf_close(struct m_fd *f)
{
    struct m_bpf *b = m_bpf_of(f);

    K->bpfs[b->minor] = (struct m_bpf_dev){0};
    devices[b->minor] = NULL;
    free(b->store);
    free(b->hold);
    free(b->spare);
    m_tap_sync();
}

/*
 * READ: bpfselect() answers ENXIO where there is no interface, none yet or none any more, which select() takes for
 * "ready" (selscan(), bsd/kern/sys_generic.c); poll() of macOS is a kqueue inside, and the read filter ignores it.  What
 * Linux's poll() says of the descriptor here is what select() would say there.
 */
static bool selects(struct m_fd *f)
{
    return !m_bpf_if(m_bpf_of(f)) || m_bpf_readable(f) > 0;
}

static const struct m_fd_ops bpf_ops = {
    .name = "bpf",
    .read = m_bpf_read,
    .write = m_bpf_write,
    .ioctl = m_bpf_ioctl,
    .readable = m_bpf_readable,
    .selects = selects,
    .close = bpf_close,
};

static bool in_use(const struct m_bpf_dev *dev)
{
    /* a process that was killed has closed its devices */
    return dev->pid == -1 || (dev->pid > 0 && (kill(dev->pid, 0) == 0 || errno != ESRCH));
}

int m_bpf_open(unsigned minor, int flags, int *fd)
{
    (void)flags;
    if (minor >= (unsigned)K->n_bpfs)
        return ENOENT;
    if (m_denied())
        return EACCES;
    if (in_use(&K->bpfs[minor]))
        return EBUSY;

    struct m_bpf *b = (struct m_bpf *)m_fd_new(M_BPF, &bpf_ops, sizeof(*b), -1);
    b->minor = minor;
    b->bufsize = BUF_DEFAULT;
    b->see_sent = b->see_received = true;
    K->bpfs[minor] = (struct m_bpf_dev){.pid = getpid()};
    devices[minor] = b;
    m_fd_changed(&b->f);
    *fd = b->f.fd;
    return 0;
}

/* ---- requests ----------------------------------------------------------------------------------------------- */

static int set_buffer(struct m_bpf *b, unsigned *size)
{
    if (K->bpfs[b->minor].ifid)
        return EINVAL;
    b->bufsize = *size > m_bpf_cap() ? m_bpf_cap() : *size < BUF_MIN ? BUF_MIN : *size;
    *size = b->bufsize;
    return 0;
}

static int attach(struct m_bpf *b, const struct xnu_ifreq *req)
{
    char name[M_NAME] = {0};

    memcpy(name, req->ifr_name, sizeof(name) - 1);
    struct m_if *ifp = m_if_named(name);
    if (!ifp)
        return ENXIO;
    free(b->store);
    free(b->hold);
    free(b->spare);
    b->hold = NULL;
    b->store = calloc(1, b->bufsize);
    b->spare = calloc(1, b->bufsize);
    if (!b->store || !b->spare)
        m_panic("no memory for BPF buffers of %u bytes", b->bufsize);
    K->bpfs[b->minor].ifid = ifp->id;
    m_bpf_flush(b);
    m_tap_sync();
    return 0;
}

static int set_batch(struct m_bpf *b, int on)
{
    if (on && (!b->hdrcmplt || b->traffic_class != 0))
        return EINVAL;
    b->batch = on != 0;
    return 0;
}

static int set_write_max(struct m_bpf *b, unsigned max)
{
    if (max > WRITE_MAX)
        return EINVAL;
    b->write_max = max;
    return 0;
}

/* READ: in xnu-10002.41.9, which is macOS 14.1, and not in xnu-10002.1.13, 14.0.  @return 0, an errno, or -1: none of
 * these */
static int newer_ioctl(struct m_bpf *b, unsigned long request, void *arg)
{
    if (K->no_batch || !m_at_least(14, 1))
        return -1;
    switch (request) {
    case XNU_BIOCSBATCHWRITE:
        return set_batch(b, *(int *)arg);
    case XNU_BIOCSWRITEMAX:
        return set_write_max(b, *(unsigned *)arg);
    default:
        return -1;
    }
}

int m_bpf_ioctl(struct m_fd *f, unsigned long request, void *arg)
{
    struct m_bpf *b = m_bpf_of(f);
    struct m_if *ifp = m_bpf_if(b);
    int ret = newer_ioctl(b, request, arg);

    if (ret >= 0)
        return ret;
    switch (request) {
    case XNU_BIOCGBLEN:
        *(unsigned *)arg = b->bufsize;
        return 0;
    case XNU_BIOCSBLEN:
        return set_buffer(b, arg);
    case XNU_BIOCFLUSH:
        m_bpf_flush(b);
        return 0;
    case XNU_BIOCPROMISC:
        return ifp ? 0 : EINVAL;
    case XNU_BIOCGDLT:
        if (ifp)
            *(unsigned *)arg = strcmp(ifp->name, "lo0") == 0 ? 0 /* DLT_NULL */ : XNU_DLT_EN10MB;
        return ifp ? 0 : EINVAL;
    case XNU_BIOCGETIF:
        if (ifp)
            memcpy(((struct xnu_ifreq *)arg)->ifr_name, ifp->name, M_NAME);
        return ifp ? 0 : EINVAL;
    case XNU_BIOCSETIF:
        return attach(b, arg);
    case XNU_BIOCSRTIMEOUT: {
        const struct xnu_timeval *tv = arg;
        b->timeout_us = (uint64_t)tv->tv_sec * 1000000 + (uint64_t)tv->tv_usec;
        return 0;
    }
    case XNU_BIOCGSTATS:
        *(struct xnu_bpf_stat *)arg = (struct xnu_bpf_stat){.bs_recv = b->received, .bs_drop = b->dropped};
        return 0;
    case XNU_BIOCIMMEDIATE:
        b->immediate = *(unsigned *)arg != 0;
        m_fd_changed(f);
        return 0;
    case XNU_BIOCVERSION:
        *(struct xnu_bpf_version *)arg = (struct xnu_bpf_version){.bv_major = 1, .bv_minor = 1};
        return 0;
    case XNU_BIOCSHDRCMPLT:
        if (*(unsigned *)arg == 0 && b->batch)
            return EINVAL;
        b->hdrcmplt = *(unsigned *)arg != 0;
        return 0;
    case XNU_BIOCSSEESENT:
        b->see_sent = *(unsigned *)arg != 0;
        b->see_received = true;
        return 0;
    case XNU_BIOCSHEADDROP:
        b->headdrop = *(int *)arg != 0;
        return 0;
    case XNU_BIOCSNOTSTAMP:
        b->notstamp = *(int *)arg != 0;
        return 0;
    case XNU_BIOCSETTC:
        if (*(int *)arg != 0 && b->batch)
            return EINVAL;
        b->traffic_class = *(int *)arg;
        return 0;
    case FIONREAD:
        *(int *)arg = (int)b->store_len;
        return 0;
    default:
        return EINVAL;
    }
}

/* ---- frames and interfaces ---------------------------------------------------------------------------------- */

void m_bpf_tap(const struct m_if *ifp, bool outgoing, const uint8_t *frame, size_t len)
{
    for (unsigned i = 0; i < M_BPFS; i++) {
        if (K->bpfs[i].ifid != ifp->id)
            continue;
        if (devices[i])
            m_bpf_catch(i, outgoing, frame, len);
        else if (m_shared())
            m_mail_frame(K->bpfs[i].pid, M_MAIL_CATCH, ifp->id, i, outgoing, frame, len);
    }
}

static void append_record(struct m_bpf *b, const uint8_t *frame, size_t len);

void m_bpf_catch(unsigned minor, bool outgoing, const uint8_t *frame, size_t len)
{
    struct m_bpf *b = minor < M_BPFS ? devices[minor] : NULL;

    if (!b || !b->store || !(outgoing ? b->see_sent : b->see_received))
        return;
    b->received++;
    append_record(b, frame, len);
    m_fd_changed(&b->f);
}

/* catchpacket() */
static void append_record(struct m_bpf *b, const uint8_t *frame, size_t len)
{
    const unsigned hdrlen = 18; /* RUN11: so that what follows an Ethernet header is aligned */
    unsigned at = (unsigned)XNU_BPF_WORDALIGN(b->store_len);
    unsigned total = len + hdrlen > b->bufsize ? b->bufsize : (unsigned)len + hdrlen;
    struct xnu_bpf_hdr head = {.bh_datalen = (uint32_t)len, .bh_hdrlen = (uint16_t)hdrlen};
    struct timespec now = {0};

    if (hdrlen > total)
        return;
    if (at + total > b->bufsize) {
        if (!b->spare && !b->headdrop) {
            b->dropped++; /* both are full */
            return;
        }
        if (!b->spare) { /* the newer frames are worth more */
            b->dropped += b->hold_count;
            b->spare = b->hold;
        }
        m_bpf_rotate(b);
        at = 0;
    }
    if (!b->notstamp)
        clock_gettime(CLOCK_REALTIME, &now);
    head.bh_tstamp.tv_sec = (int32_t)now.tv_sec;
    head.bh_tstamp.tv_usec = (int32_t)(now.tv_nsec / 1000);
    head.bh_caplen = total - hdrlen;
    memcpy(b->store + at, &head, hdrlen);
    memcpy(b->store + at + hdrlen, frame, head.bh_caplen);
    b->store_len = at + total; /* not padded: the next one starts aligned */
    b->store_count++;
}

/* bpfdetach(): what is in the buffers can still be read; pollers are told (select) or not (kqueue). */
void m_bpf_detach(uint64_t ifid)
{
    for (unsigned i = 0; i < M_BPFS; i++) {
        if (K->bpfs[i].ifid != ifid)
            continue;
        K->bpfs[i].ifid = 0;
        if (devices[i])
            m_fd_changed(&devices[i]->f);
    }
}

void m_bpf_wake(void)
{
    for (unsigned i = 0; i < M_BPFS; i++)
        if (devices[i])
            m_fd_changed(&devices[i]->f);
}

bool m_bpf_listens(uint64_t ifid)
{
    for (unsigned i = 0; i < M_BPFS; i++)
        if (devices[i] && K->bpfs[i].ifid == ifid)
            return true;
    return false;
}

/* ---- for tests ---------------------------------------------------------------------------------------------- */

void model_bpf_busy(int minor, bool busy)
{
    m_lock();
    for (int i = 0; i < M_BPFS; i++)
        if ((minor < 0 || minor == i) && K->bpfs[i].pid <= 0)
            K->bpfs[i].pid = busy ? -1 : 0;
    m_unlock();
}

void model_bpf_devices(int count)
{
    m_lock();
    K->n_bpfs = count < M_BPFS ? count : M_BPFS;
    m_unlock();
}

void model_bpf_no_batch(bool none)
{
    m_lock();
    K->no_batch = none;
    m_unlock();
}
