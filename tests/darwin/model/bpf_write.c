/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to a BPF device: one frame, or from macOS 14.1 on a batch of records. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"

#define HEADER      14
#define LEEWAY      18        /* READ: BPF_WRITE_LEEWAY, from macOS 14 on */
#define OLD_MAX     2048      /* READ: MCLBYTES, up to macOS 13 */
#define MAX_14_0    65535     /* READ: BPF_WRITE_MAX of xnu-10002.1 */
#define MAX         0x1000000 /* READ: from xnu-10002.41 on */
#define RECORD_HEAD 18

/* bpf_movein(): 0, or why a frame of this length is refused. */
static int check_size(const struct m_bpf *b, const struct m_if *ifp, size_t len)
{
    if (!m_at_least(14, 0)) {
        if (len > OLD_MAX)
            return EIO;
        return len > ifp->mtu + HEADER ? EMSGSIZE : 0;
    }
    if (len > (m_at_least(14, 1) ? MAX : MAX_14_0))
        return EMSGSIZE;
    bool limited = !b->write_max || !m_at_least(14, 1);
    return limited && len > ifp->mtu + LEEWAY ? EMSGSIZE : 0;
}

/* One record at data.  @return its padded size, 0 at the end, or the negative errno */
static long record(const struct m_bpf *b, const struct m_if *ifp, const uint8_t *data, size_t left,
                   const uint8_t **frame, size_t *len)
{
    struct xnu_bpf_hdr head = {0};

    if (left < sizeof(struct xnu_bpf_hdr)) /* READ: what is shorter is silently the end */
        return 0;
    memcpy(&head, data, RECORD_HEAD);
    if (head.bh_hdrlen < RECORD_HEAD || head.bh_caplen != head.bh_datalen || head.bh_hdrlen > left)
        return -EINVAL;
    *len = head.bh_caplen;
    *frame = data + head.bh_hdrlen;
    if (head.bh_caplen) {
        if (head.bh_caplen > left - head.bh_hdrlen)
            return -EMSGSIZE;
        int ret = check_size(b, ifp, head.bh_caplen);
        if (ret)
            return -ret;
    }
    size_t size = XNU_BPF_WORDALIGN(head.bh_hdrlen + (size_t)head.bh_caplen);
    return (long)(size < left ? size : left);
}

/* bpf_movein_batch(): any bad record and the whole batch is lost, so look at all before sending one. */
static int write_batch(struct m_bpf *b, struct m_if *ifp, const uint8_t *data, size_t size, size_t *done)
{
    for (int sending = 0; sending < 2; sending++) {
        size_t at;
        for (at = 0; at < size;) {
            const uint8_t *frame;
            size_t len;
            long step = record(b, ifp, data + at, size - at, &frame, &len);
            if (step < 0)
                return (int)-step;
            if (step == 0)
                break;
            if (sending && len) {
                int ret = m_output(ifp, frame, len);
                if (ret)
                    return ret;
            }
            at += (size_t)step;
        }
        *done = at;
    }
    return 0;
}

int m_bpf_write(struct m_fd *f, const struct iovec *iov, int n, size_t *done)
{
    struct m_bpf *b = m_bpf_of(f);
    struct m_if *ifp = m_bpf_if(b);
    size_t size = m_iov_size(iov, n);
    uint8_t small[2048], *data = small;
    int ret;

    if (!ifp)
        return ENXIO;
    if (!(ifp->flags & XNU_IFF_UP))
        return ENETDOWN;
    if (size == 0)
        return 0;
    if (!b->batch && (ret = check_size(b, ifp, size)))
        return ret;
    /* RUN11: the kernel would make the header itself, from an IPv4 address that there is not */
    if (!b->hdrcmplt && !m_addr_find(ifp, XNU_AF_INET, NULL))
        return ENXIO;
    if (n == 1)
        data = iov[0].iov_base;
    else if (size > sizeof(small) && !(data = malloc(size)))
        return ENOBUFS;
    if (n != 1)
        m_iov_gather(iov, n, data, size);
    *done = size;
    ret = b->batch ? write_batch(b, ifp, data, size, done) : m_output(ifp, data, size);
    if (n != 1 && data != small)
        free(data);
    return ret;
}
