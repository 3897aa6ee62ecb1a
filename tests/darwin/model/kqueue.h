/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FETH_MODEL_KQUEUE_H
#define FETH_MODEL_KQUEUE_H

#include <time.h>

#include "fds.h"

struct kevent;

/* @return a new kqueue's descriptor */
int m_kq_open(void);

/* kevent(2), called without the lock.  @return the number of events; *error is an errno or 0 */
int m_kq_kevent(struct m_fd *f, const struct kevent *list, int n, struct kevent *events, int room,
                const struct timespec *timeout, int *error);

/* A low-water mark as the descriptor takes it: READ: a BPF device no more than its buffer, and in immediate mode only. */
size_t m_kq_lowat(struct m_fd *f, size_t want);

/* READ: bpfkqfilter(): a BPF device that is attached to nothing. */
bool m_kq_refuses(struct m_fd *f);

#endif
