/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the model's descriptors, and their readability. */
#include "fds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "real.h"

#define FDS 65536 /* descriptors above it are none of ours */

static _Atomic(struct m_fd *) table[FDS];
static int highest = -1; /* of ours, ever */

struct m_fd *m_fd_get(int fd)
{
    return fd >= 0 && fd < FDS ? atomic_load_explicit(&table[fd], memory_order_acquire) : NULL;
}

struct m_fd *m_fd_special(int fd)
{
    struct m_fd *f = m_fd_get(fd);

    return f && f->kind != M_INET ? f : NULL;
}

struct m_fd *m_fd_new(enum m_kind kind, const struct m_fd_ops *ops, size_t size, int fd)
{
    struct m_fd *f = calloc(1, size);

    if (fd < 0)
        fd = eventfd(0, EFD_NONBLOCK);
    if (!f || fd < 0 || fd >= FDS)
        m_panic("no descriptor: %s", strerror(errno));
    /* non-blocking is what the program says by open() or fcntl(), not what an eventfd of ours needs */
    if (kind != M_KQUEUE)
        __real_fcntl(fd, F_SETFL, __real_fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    f->ops = ops;
    f->kind = kind;
    f->fd = fd;
    if (fd > highest)
        highest = fd;
    atomic_store_explicit(&table[fd], f, memory_order_release);
    return f;
}

int m_fd_close(struct m_fd *f)
{
    int fd = f->fd;

    if (f->ops->close)
        f->ops->close(f);
    atomic_store_explicit(&table[fd], NULL, memory_order_release);
    free(f);
    return __real_close(fd);
}

bool m_fd_nonblock(const struct m_fd *f)
{
    return __real_fcntl(f->fd, F_GETFL) & O_NONBLOCK;
}

unsigned m_fds_open(void)
{
    unsigned n = 0;

    for (int i = 0; i <= highest; i++)
        n += m_fd_get(i) != NULL;
    return n;
}

void m_fds_each(enum m_kind kind, void (*call)(struct m_fd *f, void *arg), void *arg)
{
    for (int i = 0; i <= highest; i++) {
        struct m_fd *f = m_fd_get(i);
        if (f && f->kind == kind)
            call(f, arg);
    }
}

void m_fds_reset(void)
{
    for (int i = 0; i <= highest; i++) {
        struct m_fd *f = m_fd_get(i);
        if (f) {
            m_kq_forget(i);
            m_fd_close(f);
        }
    }
}

/* An eventfd is readable while its count is not 0. */
void m_fd_changed(struct m_fd *f)
{
    bool readable = f->ops->selects ? f->ops->selects(f) : f->ops->readable && f->ops->readable(f) > 0;
    uint64_t one = 1;

    if (readable != f->signalled) {
        f->signalled = readable;
        ssize_t n = readable ? __real_write(f->fd, &one, sizeof(one)) : __real_read(f->fd, &one, sizeof(one));
        (void)n;
    }
    m_kq_changed(f);
}

/* Called under the lock, once. */
void m_wait_a_moment(void)
{
    m_unlock();
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    m_lock();
}

/* ---- pieces of memory --------------------------------------------------------------------------------------- */

size_t m_iov_size(const struct iovec *iov, int n)
{
    size_t size = 0;

    for (int i = 0; i < n; i++)
        size += iov[i].iov_len;
    return size;
}

size_t m_iov_gather(const struct iovec *iov, int n, void *to, size_t size)
{
    size_t done = 0;

    for (int i = 0; i < n && done < size; i++) {
        size_t len = iov[i].iov_len < size - done ? iov[i].iov_len : size - done;
        if (len)
            memcpy((uint8_t *)to + done, iov[i].iov_base, len);
        done += len;
    }
    return done;
}

size_t m_iov_scatter(const struct iovec *iov, int n, const void *from, size_t size)
{
    size_t done = 0;

    for (int i = 0; i < n && done < size; i++) {
        size_t len = iov[i].iov_len < size - done ? iov[i].iov_len : size - done;
        if (len)
            memcpy(iov[i].iov_base, (const uint8_t *)from + done, len);
        done += len;
    }
    return done;
}
