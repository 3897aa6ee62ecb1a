/* SPDX-License-Identifier: Apache-2.0 */
#include "core/msgs.h"

#include <string.h>

_Static_assert(sizeof(struct feth_offload) == 10, "the layout of struct virtio_net_hdr");
_Static_assert(FETH_MSGS_TX_IOV > FETH_IOV_MAX, "one frame and its head must fit");

int feth_msgs_rx_open(struct feth_msgs_rx *rx, int fd, unsigned buffers, bool want_control)
{
    rx->fd = fd;
    rx->ready = 0;
    rx->pool = feth_pool_new(buffers, FETH_BUF_HEADROOM + FETH_FRAME_MAX);
    if (!rx->pool)
        return FETH_ENOMEM;
    for (unsigned i = 0; i < FETH_MSGS_BATCH; i++) {
        rx->iov[i][0] = (struct iovec){.iov_base = &rx->heads[i], .iov_len = sizeof(rx->heads[i])};
        rx->iov[i][1].iov_len = FETH_FRAME_MAX;
        memset(&rx->msgs[i], 0, sizeof(rx->msgs[i]));
        rx->msgs[i].hdr.msg_iov = rx->iov[i];
        rx->msgs[i].hdr.msg_iovlen = 2;
        rx->msgs[i].hdr.msg_control = want_control ? rx->control[i] : NULL;
    }
    return 0;
}

void feth_msgs_rx_close(struct feth_msgs_rx *rx)
{
    for (unsigned i = 0; i < rx->ready; i++)
        feth_buf_put(rx->bufs[i]);
    feth_pool_close(rx->pool);
}

int feth_msgs_recv(struct feth_msgs_rx *rx, unsigned max, uint64_t *calls)
{
    if (max > FETH_MSGS_BATCH)
        max = FETH_MSGS_BATCH;
    if (rx->ready < max) {
        unsigned got = feth_pool_get(rx->pool, rx->bufs + rx->ready, max - rx->ready);
        for (unsigned i = rx->ready; i < rx->ready + got; i++)
            rx->iov[i][1].iov_base = rx->bufs[i]->data + FETH_BUF_HEADROOM;
        rx->ready += got;
    }
    if (max > rx->ready)
        max = rx->ready;
    if (max == 0)
        return FETH_ENOBUFS;

    for (unsigned i = 0; i < max;
         i++) /* the kernel wrote what it used into the one field, flags into the other */
        if (rx->msgs[i].hdr.msg_control) {
            rx->msgs[i].hdr.msg_controllen = FETH_MSGS_CONTROL_SIZE;
            rx->msgs[i].hdr.msg_flags = 0;
        }
    int n = feth_os_recvmsgs(rx->fd, rx->msgs, max, calls);
    if (n < 0)
        return FETH_ESYS;
    /* A stream's end and a closed far end show as an empty message; ours always have a head. */
    for (int i = 0; i < n; i++)
        if (rx->msgs[i].len == 0)
            return i;
    return n;
}

void feth_msgs_rx_taken(struct feth_msgs_rx *rx, unsigned n)
{
    rx->ready -= n;
    memmove(rx->bufs, rx->bufs + n, rx->ready * sizeof(rx->bufs[0]));
    for (unsigned i = 0; i < rx->ready; i++)
        rx->iov[i][1].iov_base = rx->bufs[i]->data + FETH_BUF_HEADROOM;
}

int feth_msgs_send(struct feth_msgs_tx *tx, const struct feth_tx *frames, unsigned n, uint64_t *calls)
{
    unsigned m = 0, used = 0;

    while (m < n && m < FETH_MSGS_BATCH && used + 1 + frames[m].iovcnt <= FETH_MSGS_TX_IOV) {
        struct iovec *iov = tx->iov + used;
        iov[0] = (struct iovec){.iov_base = (void *)&frames[m].offload, .iov_len = sizeof(frames[m].offload)};
        memcpy(iov + 1, frames[m].iov, frames[m].iovcnt * sizeof(*iov));
        memset(&tx->msgs[m].hdr, 0, sizeof(tx->msgs[m].hdr));
        tx->msgs[m].hdr.msg_iov = iov;
        tx->msgs[m].hdr.msg_iovlen =
            (__typeof__(tx->msgs[m].hdr.msg_iovlen))(frames[m].iovcnt + 1); /* int, size_t */
        used += frames[m].iovcnt + 1;
        m++;
    }
    int sent = feth_os_sendmsgs(tx->fd, tx->msgs, m, calls);
    return sent < 0 ? FETH_ESYS : sent;
}
