/* SPDX-License-Identifier: Apache-2.0 */
/* A BPF device that this process has open (bsd/net/bpf.c). */
#ifndef FETH_MODEL_BPF_H
#define FETH_MODEL_BPF_H

#include "fds.h"

struct m_bpf {
    struct m_fd f;
    unsigned minor;
    unsigned bufsize;
    /* store takes frames; hold is full or being read; one of hold and spare is NULL */
    uint8_t *store, *hold, *spare;
    unsigned store_len, hold_len;
    unsigned received, dropped, store_count, hold_count;
    bool immediate, see_sent, see_received, hdrcmplt, batch, headdrop, notstamp;
    unsigned write_max;
    int traffic_class;
    uint64_t timeout_us; /* of a blocking read; 0: none */
};

static inline struct m_bpf *m_bpf_of(struct m_fd *f)
{
    return (struct m_bpf *)(void *)f;
}

/* What it is attached to, NULL: nothing, or no more. */
struct m_if *m_bpf_if(const struct m_bpf *b);

int m_bpf_ioctl(struct m_fd *f, unsigned long request, void *arg);
int m_bpf_read(struct m_fd *f, const struct iovec *iov, int n, size_t *done);
int m_bpf_write(struct m_fd *f, const struct iovec *iov, int n, size_t *done);
size_t m_bpf_readable(struct m_fd *f);
void m_bpf_rotate(struct m_bpf *b);
void m_bpf_flush(struct m_bpf *b);

/* Largest buffer: READ: BPF_BUFSIZE_CAP. */
unsigned m_bpf_cap(void);

#endif
