/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/send.h  The three ways to send frames, and which of them a kernel has. */
#ifndef FETH_DARWIN_SEND_H
#define FETH_DARWIN_SEND_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include <feth/io.h>

#include "darwin/bpf.h"
#include "darwin/xnu.h"

#define FETH_SEND_FRAMES 128  /**< of one call: what the interface's queue holds */
#define FETH_SEND_IOV    1024 /**< pieces of one call: IOV_MAX */

/** What is written for each frame: a record's header, with room in front for the padding of the record before. */
struct feth_send_head {
    uint8_t pad[4];
    struct xnu_bpf_hdr hdr;
    uint8_t sum[2]; /**< the frame's checksum, where it was left to us */
};

typedef ssize_t feth_sendmsg_x(int fd, const struct xnu_msghdr_x *msgs, unsigned n, int flags);

struct feth_sender {
    const struct feth_bpf *bpf;
    int ndrv; /**< -1: by BPF */
    feth_sendmsg_x *sendmsg_x;
    bool unfinished;  /**< nobody looks at checksums: those that were left to us can stay as they are */
    bool chosen;      /**< by the config: stay with it */
    atomic_uint path; /**< enum feth_tx_path, never FETH_TX_AUTO */
    size_t frame_max; /**< the largest frame that the kernel stands, in bytes */
    struct iovec iov[FETH_SEND_IOV];
    struct feth_send_head heads[FETH_SEND_FRAMES];
    struct xnu_msghdr_x msgs[FETH_SEND_FRAMES];
};

/**
 * Find a way to send, by trying.
 * @param bpf an open device on the interface, which has to outlive the sender
 * @param want FETH_TX_AUTO: the best there is
 * @return 0; FETH_ENOSUP (there is no such way), FETH_ENOIF, FETH_EPERM, FETH_ENOMEM, FETH_ESYS
 */
int feth_sender_open(struct feth_sender *s, const struct feth_bpf *bpf, const char *ifname,
                     enum feth_tx_path want, struct feth_error *err);
void feth_sender_close(struct feth_sender *s);

/**
 * Send frames of 14 to frame_max bytes without blocking, in one call if it can be.  Where metadata leaves a checksum to
 * us it is completed; large TCP frames are sent as they are.
 * @param calls counts the calls
 * @return how many were sent, at least 1; or -1 with errno
 */
int feth_sender_send(struct feth_sender *s, const struct feth_tx *frames, unsigned n, uint64_t *calls);

/** What feth_io_backend() says.  Any thread. */
const char *feth_sender_name(const struct feth_sender *s);

/** Whether the kernel stands a whole IP packet of 64 KiB. */
bool feth_sender_takes_large(const struct feth_sender *s);

/** A frame's length in bytes. */
size_t feth_tx_len(const struct feth_tx *tx);

#endif
