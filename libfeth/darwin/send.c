/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/send.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "darwin/io_offload.h"
#include "darwin/ndrv.h"
#include "darwin/release.h"
#include "darwin/sys.h"

#define BYTES_AT_ONCE (1u << 20) /* of the kernel's memory, held while it takes a batch */

/*
 * Up to macOS 14 a frame above 16384 bytes is taken and never leaves; nor does any other after it.  From macOS 15 on a
 * whole IP packet of 65535 bytes passes, with the Ethernet header.
 */
#define FRAME_MAX_OLD 16384
#define FRAME_MAX_NEW 65549

#define RECORD_HEAD (offsetof(struct xnu_bpf_hdr, bh_hdrlen) + sizeof(uint16_t))

size_t feth_tx_len(const struct feth_tx *tx)
{
    size_t len = 0;

    for (unsigned i = 0; i < tx->iovcnt; i++)
        len += tx->iov[i].iov_len;
    return len;
}

const char *feth_sender_name(const struct feth_sender *s)
{
    switch (atomic_load_explicit(&s->path, memory_order_relaxed)) {
    case FETH_TX_BPF_BATCH:
        return "bpf-batch";
    case FETH_TX_NDRV_SENDMSG_X:
        return "ndrv-sendmsg_x";
    default:
        return "ndrv-writev";
    }
}

static void set_path(struct feth_sender *s, enum feth_tx_path path)
{
    atomic_store_explicit(&s->path, (unsigned)path, memory_order_relaxed);
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

/* It is in the C library of every macOS since 10.10, and in none of its headers. */
static feth_sendmsg_x *find_sendmsg_x(void)
{
    union {
        void *symbol;
        feth_sendmsg_x *call;
    } found = {.symbol = dlsym(RTLD_DEFAULT, "sendmsg_x")};

    return found.call;
}

static int open_ndrv(struct feth_sender *s, const char *ifname, struct feth_error *err)
{
    size_t granted = 0;

    s->ndrv = feth_ndrv_open(ifname, s->frame_max, &granted, err);
    if (s->ndrv < 0)
        return s->ndrv;
    if (granted < s->frame_max)
        s->frame_max = granted;
    return 0;
}

int feth_sender_open(struct feth_sender *s, const struct feth_bpf *bpf, const char *ifname,
                     enum feth_tx_path want, struct feth_error *err)
{
    s->bpf = bpf;
    s->ndrv = -1;
    s->chosen = want != FETH_TX_AUTO;
    s->frame_max = feth_release_takes_large() ? FRAME_MAX_NEW : FRAME_MAX_OLD;
    if (want == FETH_TX_AUTO || want == FETH_TX_BPF_BATCH) {
        if (feth_bpf_batch(bpf)) {
            set_path(s, FETH_TX_BPF_BATCH);
            return 0;
        }
        if (s->chosen)
            return feth_fail(err, FETH_ENOSUP, 0, "open", ifname,
                             "this kernel takes no batches of frames by BPF: macOS 14.1 or newer is needed");
    }
    if (want != FETH_TX_NDRV_WRITEV)
        s->sendmsg_x = find_sendmsg_x();
    if (want == FETH_TX_NDRV_SENDMSG_X && !s->sendmsg_x)
        return feth_fail(err, FETH_ENOSUP, 0, "open", ifname, "this system has no sendmsg_x()");
    set_path(s, s->sendmsg_x ? FETH_TX_NDRV_SENDMSG_X : FETH_TX_NDRV_WRITEV);
    return open_ndrv(s, ifname, err);
}

void feth_sender_close(struct feth_sender *s)
{
    if (s->ndrv >= 0)
        close(s->ndrv);
    s->ndrv = -1;
}

bool feth_sender_takes_large(const struct feth_sender *s)
{
    return s->frame_max >= FRAME_MAX_NEW;
}

/* ---- by BPF ------------------------------------------------------------------------------------------------- */

static unsigned add_pieces(struct feth_sender *s, struct iovec *to, unsigned frame, const struct feth_tx *tx)
{
    unsigned n = 0;

    if ((tx->offload.flags & FETH_CSUM_NEEDED) && !s->unfinished)
        return feth_tx_complete(tx, s->heads[frame].sum, to);
    for (unsigned i = 0; i < tx->iovcnt; i++)
        if (tx->iov[i].iov_len > 0)
            to[n++] = tx->iov[i];
    return n;
}

/* Whether another frame fits into the call. */
static bool fits(const struct feth_tx *tx, unsigned frames, unsigned pieces, size_t bytes)
{
    return frames < FETH_SEND_FRAMES && pieces + tx->iovcnt + FETH_TX_COMPLETE_MORE + 2 <= FETH_SEND_IOV &&
           (frames == 0 || bytes < BYTES_AT_ONCE);
}

/*
 * One write carries the frames one after the other, each behind a header, and padded to 4 bytes.  The kernel skips the
 * padding within one piece at most (uio_update(), xnu bsd/kern/kern_subr.c): so it lies in front of the header that
 * follows.
 */
static int write_batch(struct feth_sender *s, const struct feth_tx *frames, unsigned n)
{
    unsigned m = 0, pieces = 0;
    size_t pad = 0, bytes = 0;

    while (m < n && fits(&frames[m], m, pieces, bytes)) {
        struct feth_send_head *head = &s->heads[m];
        size_t len = feth_tx_len(&frames[m]);
        memset(head, 0, sizeof(*head));
        head->hdr.bh_caplen = head->hdr.bh_datalen = (uint32_t)len;
        head->hdr.bh_hdrlen = RECORD_HEAD;
        s->iov[pieces++] =
            (struct iovec){.iov_base = head->pad + sizeof(head->pad) - pad, .iov_len = pad + RECORD_HEAD};
        pieces += add_pieces(s, s->iov + pieces, m, &frames[m]);
        pad = XNU_BPF_WORDALIGN(RECORD_HEAD + len) - (RECORD_HEAD + len);
        bytes += RECORD_HEAD + len + pad;
        m++;
    }
    static const uint8_t zeros[4];
    if (pad)
        s->iov[pieces++] = (struct iovec){.iov_base = (void *)(uintptr_t)zeros, .iov_len = pad};
    return writev(s->bpf->fd, s->iov, (int)pieces) < 0 ? -1 : (int)m;
}

static int send_bpf(struct feth_sender *s, const struct feth_tx *frames, unsigned n, uint64_t *calls)
{
    ++*calls;
    int sent = write_batch(s, frames, n);
    if (sent > 0 || n == 1 || (errno != EINVAL && errno != EMSGSIZE))
        return sent;
    /* one of them is no good, and none was sent: the first alone shows whether it is this one */
    ++*calls;
    return write_batch(s, frames, 1);
}

/* ---- by PF_NDRV --------------------------------------------------------------------------------------------- */

static int send_writev(struct feth_sender *s, const struct feth_tx *frames, unsigned n, uint64_t *calls)
{
    unsigned sent = 0;

    while (sent < n) {
        unsigned pieces = add_pieces(s, s->iov, 0, &frames[sent]);
        ++*calls;
        if (writev(s->ndrv, s->iov, (int)pieces) < 0)
            break;
        sent++;
    }
    return sent ? (int)sent : -1;
}

static ssize_t call_sendmsg_x(struct feth_sender *s, const struct feth_tx *frames, unsigned n)
{
    unsigned m = 0, pieces = 0;
    size_t bytes = 0;

    while (m < n && fits(&frames[m], m, pieces, bytes)) {
        memset(&s->msgs[m], 0, sizeof(s->msgs[m]));
        s->msgs[m].msg_iov = s->iov + pieces;
        s->msgs[m].msg_iovlen = (int32_t)add_pieces(s, s->iov + pieces, m, &frames[m]);
        pieces += (unsigned)s->msgs[m].msg_iovlen;
        bytes += feth_tx_len(&frames[m]);
        m++;
    }
    return s->sendmsg_x(s->ndrv, s->msgs, m, 0);
}

/* What has to do with the frame or the interface, and not with the call. */
static bool is_ordinary(int why)
{
    return why == ENETDOWN || why == ENXIO || why == ENODEV || why == EPIPE || why == ENOBUFS ||
           why == ENOMEM || why == EAGAIN || why == EINTR || why == EMSGSIZE;
}

static int send_sendmsg_x(struct feth_sender *s, const struct feth_tx *frames, unsigned n, uint64_t *calls)
{
    ++*calls;
    ssize_t sent = call_sendmsg_x(s, frames, n);
    if (sent > 0)
        return (int)sent;
    if (sent == 0)
        errno = ENOBUFS;
    if (s->chosen || is_ordinary(errno))
        return -1;
    /* No header promises anything of it.  Where it fails and an ordinary call does not, it is not for us. */
    int one = send_writev(s, frames, 1, calls);
    if (one > 0)
        set_path(s, FETH_TX_NDRV_WRITEV);
    return one;
}

/* ---- either ------------------------------------------------------------------------------------------------- */

int feth_sender_send(struct feth_sender *s, const struct feth_tx *frames, unsigned n, uint64_t *calls)
{
    unsigned path = atomic_load_explicit(&s->path, memory_order_relaxed);

    if (path == FETH_TX_BPF_BATCH)
        return send_bpf(s, frames, n, calls);
    /* The socket means whatever interface has the name now, the BPF device the one it was opened on. */
    if (!feth_bpf_attached(s->bpf)) {
        errno = ENXIO;
        return -1;
    }
    return path == FETH_TX_NDRV_SENDMSG_X ? send_sendmsg_x(s, frames, n, calls)
                                          : send_writev(s, frames, n, calls);
}
