/* SPDX-License-Identifier: Apache-2.0 */
/* Files and descriptors: to the model where they are the model's, else to Linux. */
#include "wraps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "darwin/sys.h"
#include "fds.h"
#include "kqueue.h"

#define BPF_PATH "/dev/bpf"

int __wrap_open(const char *path, int flags, ...)
{
    int fd = -1, mode = 0;
    va_list args;

    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, int);
        va_end(args);
    }
    if (strncmp(path, BPF_PATH, strlen(BPF_PATH)) != 0)
        return __real_open(path, flags, mode);

    char *end;
    const char *number = path + strlen(BPF_PATH);
    unsigned long minor = strtoul(number, &end, 10);
    int error = m_call("open", path);
    m_lock();
    if (!error && (*number == '\0' || *end || minor >= M_BPFS))
        error = ENOENT;
    if (!error)
        error = m_bpf_open((unsigned)minor, flags, &fd);
    m_unlock();
    if (!error && flags & O_NONBLOCK)
        __real_fcntl(fd, F_SETFL, __real_fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (!error && flags & O_CLOEXEC)
        __real_fcntl(fd, F_SETFD, FD_CLOEXEC);
    return (int)m_result(fd, error);
}

int __wrap_close(int fd)
{
    struct m_fd *f = m_fd_get(fd);

    m_lock();
    m_kq_forget(fd);
    if (!f) {
        m_unlock();
        return __real_close(fd);
    }
    /* a close that fails has closed all the same */
    int error = m_call("close", f->ops->name);
    m_fd_close(f);
    m_unlock();
    return (int)m_result(0, error);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    struct m_fd *f = m_fd_get(fd);
    const char *name = m_request_name(request);
    va_list args;
    void *arg;

    va_start(args, request);
    arg = va_arg(args, void *);
    va_end(args);
    /* Linux's own requests have no direction and size in them where they are about sockets */
    if (!f || f->kind == M_KQUEUE || request == FIONBIO || (f->kind == M_INET && request < 0x10000))
        return __real_ioctl(fd, request, arg);
    int error = m_call("ioctl", name);
    m_lock();
    if (!error)
        error = f->ops->ioctl ? f->ops->ioctl(f, (uint32_t)request, arg) : EOPNOTSUPP;
    m_unlock();
    return (int)m_result(0, error);
}

int __wrap_fcntl(int fd, int cmd, ...)
{
    va_list args;
    void *arg;

    va_start(args, cmd);
    arg = va_arg(args, void *);
    va_end(args);
    if (m_fd_get(fd)) {
        int error = m_call("fcntl", NULL);
        if (error)
            return (int)m_result(0, error);
    }
    return __real_fcntl(fd, cmd, arg);
}

/* ---- reading and writing ------------------------------------------------------------------------------------ */

static ssize_t move(struct m_fd *f, const char *call, const struct iovec *iov, int n, bool writing)
{
    int (*op)(struct m_fd *, const struct iovec *, int, size_t *) = writing ? f->ops->write : f->ops->read;
    size_t done = 0;
    int error = m_call(call, f->ops->name);

    m_lock();
    if (!error)
        error = op ? op(f, iov, n, &done) : EOPNOTSUPP;
    m_unlock();
    return m_result((long)done, error);
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
    struct m_fd *f = m_fd_special(fd);
    struct iovec iov = {.iov_base = buf, .iov_len = size};

    return f ? move(f, "read", &iov, 1, false) : __real_read(fd, buf, size);
}

ssize_t __wrap_write(int fd, const void *buf, size_t size)
{
    struct m_fd *f = m_fd_special(fd);
    struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = size};

    return f ? move(f, "write", &iov, 1, true) : __real_write(fd, buf, size);
}

ssize_t __wrap_writev(int fd, const struct iovec *iov, int n)
{
    struct m_fd *f = m_fd_special(fd);

    return f ? move(f, "writev", iov, n, true) : __real_writev(fd, iov, n);
}

/* ---- kqueue ------------------------------------------------------------------------------------------------- */

int kqueue(void)
{
    int fd = -1, error = m_call("kqueue", NULL);

    if (!error) {
        m_lock();
        fd = m_kq_open();
        m_unlock();
    }
    return (int)m_result(fd, error);
}

int kevent(int kq, const struct kevent *changes, int n_changes, struct kevent *events, int n_events,
           const struct timespec *timeout)
{
    struct m_fd *f = m_fd_get(kq);
    int n = 0, error = m_call("kevent", NULL);

    if (!error && (!f || f->kind != M_KQUEUE))
        error = EBADF;
    if (!error)
        n = m_kq_kevent(f, changes, n_changes, events, n_events, timeout, &error);
    return (int)m_result(n, error);
}
