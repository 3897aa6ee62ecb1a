/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file msgs.h
 * Frames as socket messages: one message is a struct feth_offload and then the frame.  That is what AF_PACKET
 * carries with PACKET_VNET_HDR (the struct has the layout of virtio_net_hdr), and what the in-process cable uses.
 */
#ifndef FETH_CORE_MSGS_H
#define FETH_CORE_MSGS_H

#include "core/buf.h"
#include "core/os.h"

#define FETH_MSGS_BATCH        64  /**< messages for one system call */
#define FETH_MSGS_TX_IOV       512 /**< pieces for one system call: more than FETH_IOV_MAX + 1 */
#define FETH_MSGS_CONTROL_SIZE 64  /**< ancillary data for each received message */

/** The receiving half: buffers set out for the kernel to fill. */
struct feth_msgs_rx {
    int fd;
    struct feth_pool *pool;
    unsigned ready; /**< bufs[0..ready-1] are set out */
    struct feth_buf *bufs[FETH_MSGS_BATCH];
    struct feth_os_msg msgs[FETH_MSGS_BATCH];
    struct feth_offload heads[FETH_MSGS_BATCH];
    struct iovec iov[FETH_MSGS_BATCH][2];
    _Alignas(struct cmsghdr) uint8_t control[FETH_MSGS_BATCH][FETH_MSGS_CONTROL_SIZE];
};

/** The sending half: room to put a head before each frame's pieces. */
struct feth_msgs_tx {
    int fd;
    struct feth_os_msg msgs[FETH_MSGS_BATCH];
    struct iovec iov[FETH_MSGS_TX_IOV];
};

/** @param buffers size of the pool.  @return 0; FETH_ENOMEM */
int feth_msgs_rx_open(struct feth_msgs_rx *rx, int fd, unsigned buffers, bool want_control);
void feth_msgs_rx_close(struct feth_msgs_rx *rx);

/**
 * Receive up to max messages without blocking.  Message i has its head in heads[i], its frame at
 * bufs[i]->data + FETH_BUF_HEADROOM, and its length, head included, in msgs[i].len.  The caller takes over those
 * buffers, then calls feth_msgs_rx_taken().
 * @return the number of messages; 0: the far end is closed; FETH_ENOBUFS: no buffer; FETH_ESYS with errno set
 */
int feth_msgs_recv(struct feth_msgs_rx *rx, unsigned max, uint64_t *calls);

/** The first n buffers now belong to frames, or were put back. */
void feth_msgs_rx_taken(struct feth_msgs_rx *rx, unsigned n);

/**
 * Send frames without blocking, as many as fit in one batch.
 * @return how many were sent, at least 1; FETH_ESYS with errno set for the first
 */
int feth_msgs_send(struct feth_msgs_tx *tx, const struct feth_tx *frames, unsigned n, uint64_t *calls);

#endif
