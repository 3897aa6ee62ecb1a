/* SPDX-License-Identifier: Apache-2.0 */
/* The model's descriptors: each is a real one of Linux, so that poll() and epoll work, with an object behind it. */
#ifndef FETH_MODEL_FDS_H
#define FETH_MODEL_FDS_H

#include <stdbool.h>
#include <sys/uio.h>

#include "kernel.h"

enum m_kind { M_INET, M_BPF, M_NDRV, M_EVENT, M_KQUEUE };

struct m_fd;

/* What a kind of descriptor does; all return 0 or an errno, and *done the bytes moved.  NULL: EOPNOTSUPP. */
struct m_fd_ops {
    const char *name;
    int (*read)(struct m_fd *f, const struct iovec *iov, int n, size_t *done);
    int (*write)(struct m_fd *f, const struct iovec *iov, int n, size_t *done);
    int (*ioctl)(struct m_fd *f, unsigned long request, void *arg);
    /* Bytes that a read filter sees. */
    size_t (*readable)(struct m_fd *f);
    /* Whether select() answers at once.  NULL: where there is something to read. */
    bool (*selects)(struct m_fd *f);
    void (*close)(struct m_fd *f);
};

struct m_fd {
    const struct m_fd_ops *ops;
    enum m_kind kind;
    int fd;
    bool signalled; /* the eventfd is readable */
};

/* An object of the given size (its struct starts with struct m_fd) behind a new eventfd, or behind fd. */
struct m_fd *m_fd_new(enum m_kind kind, const struct m_fd_ops *ops, size_t size, int fd);
struct m_fd *m_fd_get(int fd);
/* For all that a control socket is to Linux: NULL for one, too. */
struct m_fd *m_fd_special(int fd);
/* Close the real descriptor and free the object. */
int m_fd_close(struct m_fd *f);
bool m_fd_nonblock(const struct m_fd *f);
unsigned m_fds_open(void);
void m_fds_reset(void);
/* Call for each descriptor of a kind. */
void m_fds_each(enum m_kind kind, void (*call)(struct m_fd *f, void *arg), void *arg);

/* Readability may have changed: tell pollers and kqueues. */
void m_fd_changed(struct m_fd *f);
/* Sleep a moment without the lock. */
void m_wait_a_moment(void);

size_t m_iov_size(const struct iovec *iov, int n);
size_t m_iov_gather(const struct iovec *iov, int n, void *to, size_t size);
size_t m_iov_scatter(const struct iovec *iov, int n, const void *from, size_t size);

/* ---- the kinds ---------------------------------------------------------------------------------------------- */

/* Each makes a descriptor.  @return 0 or an errno */
int m_inet_open(int domain, int *fd);
int m_bpf_open(unsigned minor, int flags, int *fd);
int m_ndrv_open(int *fd);
int m_event_open(int *fd);

int m_ndrv_bind(struct m_fd *f, const void *addr, size_t len);
int m_ndrv_connect(struct m_fd *f, const void *addr, size_t len);
int m_ndrv_send(struct m_fd *f, const struct iovec *iov, int n, bool has_addr, size_t *done);
int m_ndrv_setbuf(struct m_fd *f, unsigned size);
unsigned m_ndrv_getbuf(struct m_fd *f);

/* A frame passes an interface: this process's BPF devices on it, or one of them. */
void m_bpf_tap(const struct m_if *ifp, bool outgoing, const uint8_t *frame, size_t len);
void m_bpf_catch(unsigned minor, bool outgoing, const uint8_t *frame, size_t len);
/* The interface is gone. */
void m_bpf_detach(uint64_t ifid);
/* Does this process have a BPF device or an NDRV socket on it? */
bool m_bpf_listens(uint64_t ifid);
bool m_ndrv_bound(const char *name);
/* Something may have happened to them by another process. */
void m_bpf_wake(void);

/* There are new kernel events. */
void m_event_wake(void);

/* A descriptor, the model's or not, is about to be closed: kqueues forget it. */
void m_kq_forget(int fd);
void m_kq_changed(struct m_fd *f);

#endif
