/* SPDX-License-Identifier: Apache-2.0 */
/* The socket calls: PF_NDRV, PF_SYSTEM, and the sockets that requests about interfaces are made on. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fds.h"
#include "wraps.h"

#define MSG_X_MAX 256 /* READ: kern.ipc.somaxsendmsgx: more are left for the next call */

/* ---- control sockets ---------------------------------------------------------------------------------------- */

struct inet_socket {
    struct m_fd f;
    bool v6;
};

static int inet_ioctl(struct m_fd *f, unsigned long request, void *arg)
{
    bool v6 = ((struct inet_socket *)(void *)f)->v6;
    int ret = m_if_ioctl(request, arg);

    if (ret < 0)
        ret = v6 ? m_in6_ioctl(request, arg) : m_in_ioctl(request, arg);
    return ret < 0 ? EOPNOTSUPP : ret;
}

static const struct m_fd_ops inet_ops = {.name = "inet", .ioctl = inet_ioctl};

int m_inet_open(int domain, int *fd)
{
    /* a real one: a program may ask Linux something on it, such as to bring the loopback up */
    int real = __real_socket(domain == XNU_AF_INET ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (real < 0)
        real = __real_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct inet_socket *s = (struct inet_socket *)m_fd_new(M_INET, &inet_ops, sizeof(*s), real);

    s->v6 = domain != XNU_AF_INET;
    *fd = s->f.fd;
    return 0;
}

/* The name of what the model has of a domain, NULL: Linux's. */
static const char *domain_name(int domain, int type)
{
    if (domain == XNU_PF_NDRV)
        return "ndrv";
    if (domain == XNU_PF_SYSTEM)
        return "event";
    if ((domain == AF_INET || domain == AF_INET6 || domain == XNU_AF_INET6) && (type & 0xf) == SOCK_DGRAM)
        return "inet";
    return NULL;
}

int __wrap_socket(int domain, int type, int protocol)
{
    const char *name = domain_name(domain, type);
    int fd = -1;

    if (!name)
        return __real_socket(domain, type, protocol);
    int error = m_call("socket", name);
    m_lock();
    if (!error && domain == XNU_PF_NDRV)
        error = type == SOCK_RAW ? m_ndrv_open(&fd) : EPROTOTYPE;
    else if (!error && domain == XNU_PF_SYSTEM)
        error = type == SOCK_RAW && protocol == XNU_SYSPROTO_EVENT ? m_event_open(&fd) : EPROTONOSUPPORT;
    else if (!error)
        error = m_inet_open(domain, &fd);
    m_unlock();
    return (int)m_result(fd, error);
}

/* ---- NDRV --------------------------------------------------------------------------------------------------- */

static int name_it(struct m_fd *f, const char *call, const void *addr, socklen_t len)
{
    int error = m_call(call, f->ops->name);

    m_lock();
    if (!error && f->kind != M_NDRV)
        error = EOPNOTSUPP;
    else if (!error)
        error = strcmp(call, "bind") == 0 ? m_ndrv_bind(f, addr, len) : m_ndrv_connect(f, addr, len);
    m_unlock();
    return (int)m_result(0, error);
}

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct m_fd *f = m_fd_special(fd);

    return f ? name_it(f, "bind", addr, len) : __real_bind(fd, addr, len);
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct m_fd *f = m_fd_special(fd);

    return f ? name_it(f, "connect", addr, len) : __real_connect(fd, addr, len);
}

static int send_frame(struct m_fd *f, const struct iovec *iov, int n, bool has_addr, size_t *done)
{
    return f->kind == M_NDRV ? m_ndrv_send(f, iov, n, has_addr, done) : EOPNOTSUPP;
}

static ssize_t send_one(struct m_fd *f, const char *call, const struct iovec *iov, int n, bool has_addr)
{
    size_t done = 0;
    int error = m_call(call, f->ops->name);

    m_lock();
    if (!error)
        error = send_frame(f, iov, n, has_addr, &done);
    m_unlock();
    return m_result((long)done, error);
}

ssize_t __wrap_sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *to,
                      socklen_t len)
{
    struct m_fd *f = m_fd_special(fd);
    struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = size};

    return f ? send_one(f, "sendto", &iov, 1, to != NULL) : __real_sendto(fd, buf, size, flags, to, len);
}

ssize_t __wrap_send(int fd, const void *buf, size_t size, int flags)
{
    struct m_fd *f = m_fd_special(fd);
    struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = size};

    return f ? send_one(f, "send", &iov, 1, false) : __real_send(fd, buf, size, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct m_fd *f = m_fd_special(fd);

    if (!f)
        return __real_sendmsg(fd, msg, flags);
    return send_one(f, "sendmsg", msg->msg_iov, (int)msg->msg_iovlen, msg->msg_name != NULL);
}

/* ---- many at once ------------------------------------------------------------------------------------------- */

static ssize_t sendmsg_x(int fd, const struct xnu_msghdr_x *msgs, unsigned n, int flags)
{
    struct m_fd *f = m_fd_special(fd);
    unsigned sent = 0;
    int error = m_call("sendmsg_x", f ? f->ops->name : NULL);

    (void)flags;
    if (!error && !f)
        error = EBADF;
    m_lock();
    for (; !error && sent < n && sent < MSG_X_MAX; sent++) {
        size_t done = 0;
        if (msgs[sent].msg_flags != 0 || msgs[sent].msg_control)
            error = EINVAL;
        else
            error =
                send_frame(f, msgs[sent].msg_iov, msgs[sent].msg_iovlen, msgs[sent].msg_name != NULL, &done);
        if (error)
            break;
    }
    m_unlock();
    /* READ: what has been sent stays sent, and for these the error is forgotten */
    if (sent && (error == EMSGSIZE || error == ENOBUFS || error == EAGAIN || error == EINTR))
        error = 0;
    return m_result(sent, error);
}

static void *find_msg_x(const char *name)
{
    union {
        ssize_t (*call)(int, const struct xnu_msghdr_x *, unsigned, int);
        void *symbol;
    } found = {.call = sendmsg_x};

    return m_call("dlsym", name) || K->no_msg_x || name[0] != 's' ? NULL : found.symbol;
}

/* A sanitizer's runtime that is linked in looks up symbols by it before it can check anything: not here, then. */
#define UNCHECKED __attribute__((no_sanitize("address"), no_sanitize("undefined"), no_sanitize("thread")))

UNCHECKED static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

UNCHECKED void *__wrap_dlsym(void *handle, const char *name)
{
    if (!same(name, "sendmsg_x") && !same(name, "recvmsg_x"))
        return __real_dlsym(handle, name);
    return find_msg_x(name);
}

/* ---- receiving: kernel events ------------------------------------------------------------------------------- */

static ssize_t receive(struct m_fd *f, const char *call, const struct iovec *iov, int n, int flags)
{
    size_t done = 0;
    int error = m_call(call, f->ops->name);

    m_lock();
    if (!error && flags & MSG_DONTWAIT && f->ops->readable && f->ops->readable(f) == 0)
        error = EAGAIN;
    if (!error)
        error = f->ops->read ? f->ops->read(f, iov, n, &done) : EOPNOTSUPP;
    m_unlock();
    return m_result((long)done, error);
}

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
    struct m_fd *f = m_fd_special(fd);
    struct iovec iov = {.iov_base = buf, .iov_len = size};

    return f ? receive(f, "recv", &iov, 1, flags) : __real_recv(fd, buf, size, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
    struct m_fd *f = m_fd_special(fd);

    if (!f)
        return __real_recvmsg(fd, msg, flags);
    return receive(f, "recvmsg", msg->msg_iov, (int)msg->msg_iovlen, flags);
}

/* ---- options ------------------------------------------------------------------------------------------------ */

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    struct m_fd *f = m_fd_special(fd);
    int size = 0;

    if (!f && level == SOL_SOCKET && name == SO_SNDLOWAT)
        return 0; /* Linux has it, but does not let it be set (socket(7)) */
    if (!f)
        return __real_setsockopt(fd, level, name, value, len);
    int error = m_call("setsockopt", f->ops->name);
    if (!error && len < sizeof(size))
        error = EINVAL;
    if (!error)
        memcpy(&size, value, sizeof(size));
    m_lock();
    if (!error && level == SOL_SOCKET && name == SO_SNDBUF && f->kind == M_NDRV)
        error = m_ndrv_setbuf(f, size < 0 ? 0 : (unsigned)size);
    m_unlock();
    return (int)m_result(0, error);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct m_fd *f = m_fd_special(fd);

    if (!f)
        return __real_getsockopt(fd, level, name, value, len);
    int error = m_call("getsockopt", f->ops->name);
    if (!error && (level != SOL_SOCKET || name != SO_SNDBUF || f->kind != M_NDRV || *len < sizeof(int)))
        error = ENOPROTOOPT;
    if (!error) {
        int size = (int)m_ndrv_getbuf(f);
        memcpy(value, &size, sizeof(size));
        *len = sizeof(size);
    }
    return (int)m_result(0, error);
}
