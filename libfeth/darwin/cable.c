/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local sockets for the in-process cable.
 *
 * macOS has no SOCK_SEQPACKET among local sockets.  Its SOCK_DGRAM keeps message boundaries, but nothing else that a
 * cable has to: a full far end is ENOBUFS while poll() says "writable", so that a sender who waits would spin, and
 * when the far end closes, who waits already is not woken (uipc_send(), unp_drop(), xnu bsd/kern/uipc_usrreq.c).
 * SOCK_STREAM has both, a full far end and its closing are told; so each message is written with its length before it.
 * That a message is written whole or not at all, the low-water mark of the sending side sees to: as long as the room
 * is less than it, nothing is taken and poll() says "not writable" (sosendcheck(), sowriteable()).
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/os.h"
#include "darwin/ctl.h"
#include "darwin/sys.h"

#ifdef __APPLE__
#include <sys/filio.h>
#endif

/* A frame with its metadata, and the length */
#define MESSAGE_MAX (sizeof(uint32_t) + sizeof(struct feth_offload) + FETH_FRAME_MAX)
#define PIECES      (FETH_IOV_MAX + 2) /* a frame's, its metadata, and the length */

/* Let the kernel queue this many bytes, or as many as it allows (kern.ipc.maxsockbuf: then it takes none of it). */
static void set_buffer(int fd, int which, size_t bytes)
{
    int value = bytes < INT_MAX ? (int)bytes : INT_MAX;

    while (setsockopt(fd, SOL_SOCKET, which, &value, sizeof(value)) < 0 && value > (int)MESSAGE_MAX)
        value /= 2;
}

static int prepare(int fd, size_t socket_buffer)
{
    int whole = MESSAGE_MAX;

    (void)feth_cloexec(fd);
    set_buffer(fd, SO_SNDBUF, socket_buffer > 2 * MESSAGE_MAX ? socket_buffer : 2 * MESSAGE_MAX);
    set_buffer(fd, SO_RCVBUF, socket_buffer > 2 * MESSAGE_MAX ? socket_buffer : 2 * MESSAGE_MAX);
#ifdef SO_NOSIGPIPE
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)) < 0)
        return -1;
#endif
    return setsockopt(fd, SOL_SOCKET, SO_SNDLOWAT, &whole, sizeof(whole));
}

int feth_os_cable(int fds[2], size_t socket_buffer, struct feth_error *err)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        return feth_fail(err, FETH_ESYS, errno, "make cable", NULL, "no socket pair");
    if (prepare(fds[0], socket_buffer) == 0 && prepare(fds[1], socket_buffer) == 0)
        return 0;
    int why = errno;
    close(fds[0]);
    close(fds[1]);
    return feth_fail(err, FETH_ESYS, why, "make cable", NULL, "no socket that takes frames whole");
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

/* Write the rest of a message, which the low-water mark should have made room for. */
static bool write_rest(int fd, struct msghdr *hdr, size_t done, uint64_t *calls)
{
    while (hdr->msg_iovlen > 0) {
        if (done >= hdr->msg_iov->iov_len) {
            done -= hdr->msg_iov->iov_len;
            hdr->msg_iov++;
            hdr->msg_iovlen--;
            continue;
        }
        hdr->msg_iov->iov_base = (char *)hdr->msg_iov->iov_base + done;
        hdr->msg_iov->iov_len -= done;
        ++*calls;
        ssize_t sent = sendmsg(fd, hdr, FETH_MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
            return false;
        done = sent < 0 ? 0 : (size_t)sent;
        if (sent < 0)
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    }
    return true;
}

static int send_one(int fd, struct feth_os_msg *msg, uint64_t *calls)
{
    struct iovec iov[PIECES];
    struct msghdr hdr;
    size_t n = (size_t)msg->hdr.msg_iovlen, size = sizeof(uint32_t);

    for (size_t i = 0; i < n && i + 1 < PIECES; i++) {
        iov[i + 1] = msg->hdr.msg_iov[i];
        size += msg->hdr.msg_iov[i].iov_len;
    }
    if (n + 1 > PIECES || size > MESSAGE_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    uint32_t len = (uint32_t)(size - sizeof(len));
    iov[0] = (struct iovec){.iov_base = &len, .iov_len = sizeof(len)};
    memset(&hdr, 0, sizeof(hdr));
    hdr.msg_iov = iov;
    hdr.msg_iovlen = (__typeof__(hdr.msg_iovlen))(n + 1); /* int here, size_t there */
    ++*calls;
    ssize_t sent = sendmsg(fd, &hdr, MSG_DONTWAIT | FETH_MSG_NOSIGNAL);
    if (sent < 0 || ((size_t)sent < size && !write_rest(fd, &hdr, (size_t)sent, calls)))
        return -1;
    msg->len = len;
    return 0;
}

int feth_os_sendmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls)
{
    unsigned sent = 0;

    while (sent < n && send_one(fd, &msgs[sent], calls) == 0)
        sent++;
    return sent || n == 0 ? (int)sent : -1;
}

/* ---- receiving ---------------------------------------------------------------------------------------------- */

/* The length, and a message's pieces cut to it.  @return false where they have no room for it */
static bool fit(struct iovec iov[PIECES], size_t *n, const struct msghdr *want, uint32_t *len)
{
    size_t left = *len;

    iov[0] = (struct iovec){.iov_base = len, .iov_len = sizeof(*len)};
    *n = 1;
    for (size_t i = 0; i < (size_t)want->msg_iovlen && left > 0 && *n < PIECES; i++) {
        struct iovec piece = want->msg_iov[i];
        if (piece.iov_len > left)
            piece.iov_len = left;
        left -= piece.iov_len;
        iov[(*n)++] = piece;
    }
    return left == 0;
}

static bool hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && p.revents & (POLLHUP | POLLERR);
}

/* How many bytes are there. */
static int count(int fd, size_t *there, uint64_t *calls)
{
    int n = 0;

    ++*calls;
    if (ioctl(fd, FIONREAD, &n) < 0)
        return -1;
    *there = (size_t)n;
    return 0;
}

/*
 * Receive a message of the bytes that are known to be there, which become less.
 * @return 0, or -1 with errno.  A message without a byte: the far end is closed.
 */
static int receive_one(int fd, struct feth_os_msg *msg, size_t *there, uint64_t *calls)
{
    struct iovec iov[PIECES];
    struct msghdr hdr;
    uint32_t len = 0;
    size_t n = 0;

    msg->len = 0;
    ++*calls;
    ssize_t got = recv(fd, &len, sizeof(len), MSG_PEEK | MSG_DONTWAIT);
    if (got <= 0)
        return (int)got;
    if (got == (ssize_t)sizeof(len) && !fit(iov, &n, &msg->hdr, &len)) {
        errno = EBADMSG; /* the far end is no cable's */
        return -1;
    }
    if (got < (ssize_t)sizeof(len) || *there < sizeof(len) + len) {
        bool end = hung_up(fd); /* first: what has come before the end is all there is */
        if (count(fd, there, calls) < 0)
            return -1;
        if (got < (ssize_t)sizeof(len) || *there < sizeof(len) + len) {
            errno = EAGAIN; /* its sender is about to write the rest */
            return end ? 0 : -1;
        }
    }
    memset(&hdr, 0, sizeof(hdr));
    hdr.msg_iov = iov;
    hdr.msg_iovlen = (__typeof__(hdr.msg_iovlen))n;
    ++*calls;
    got = recvmsg(fd, &hdr, MSG_DONTWAIT);
    if (got < (ssize_t)sizeof(len))
        return -1;
    msg->len = (unsigned)((size_t)got - sizeof(len));
    *there -= (size_t)got;
    return 0;
}

int feth_os_recvmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls)
{
    unsigned got = 0;
    size_t left;

    if (count(fd, &left, calls) < 0)
        return -1;
    /* with nothing there it still has to be learnt whether the far end is closed */
    while (got < n && (got == 0 || left > 0) && receive_one(fd, &msgs[got], &left, calls) == 0) {
        got++;
        if (msgs[got - 1].len == 0)
            break;
    }
    return got || n == 0 ? (int)got : -1;
}
