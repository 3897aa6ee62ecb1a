/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/bpf.h  A BPF device on an interface. */
#ifndef FETH_DARWIN_BPF_H
#define FETH_DARWIN_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <feth/error.h>

struct feth_bpf {
    int fd;         /**< -1: none */
    uint32_t bytes; /**< of the kernel's buffer, and of every read */
};

/**
 * Open a free device on an interface, ready to receive whatever passes there.  Not blocking.
 * @param bytes how large a buffer to ask for; how large it is, is up to the kernel
 * @param see_sent receive also what this machine sends there
 * @return 0; FETH_ENOIF, FETH_EPERM, FETH_EBUSY, FETH_ENOSUP (no Ethernet, or no BPF), FETH_ENOMEM, FETH_ESYS
 */
int feth_bpf_open(struct feth_bpf *bpf, const char *ifname, size_t bytes, bool see_sent,
                  struct feth_error *err);
void feth_bpf_close(struct feth_bpf *bpf);

/**
 * Let one write carry many frames, each with a header of its own.
 * @return false: this kernel does not do it
 */
bool feth_bpf_batch(const struct feth_bpf *bpf);

/** Whether the interface that it was opened on is there still, whatever now has its name.  Any thread. */
bool feth_bpf_attached(const struct feth_bpf *bpf);

/** How many frames the kernel has dropped for want of room; 0 where it does not tell.  Any thread. */
uint64_t feth_bpf_drops(const struct feth_bpf *bpf);

#endif
