/* SPDX-License-Identifier: Apache-2.0 */
/* Local sockets and batched messages, for the in-process cable and for AF_PACKET. */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/os.h"
#include "linux/socket.h"

_Static_assert(sizeof(struct feth_os_msg) == sizeof(struct mmsghdr) &&
                   offsetof(struct feth_os_msg, len) == offsetof(struct mmsghdr, msg_len),
               "os.h promises the layout of struct mmsghdr");

int feth_os_sendmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls)
{
    ++*calls;
    return sendmmsg(fd, (struct mmsghdr *)msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int feth_os_recvmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls)
{
    ++*calls;
    return recvmmsg(fd, (struct mmsghdr *)msgs, n, MSG_DONTWAIT, NULL);
}

void feth_socket_buffers(int fd, size_t bytes)
{
    int value = (int)bytes;

    /* FORCE goes beyond net.core.rmem_max and wants CAP_NET_ADMIN in the first user namespace (socket(7)); anybody
     * else gets as much as rmem_max allows.  Less than asked for is no error: the kernel then drops earlier,
     * and counts it. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &value, sizeof(value)) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value));
}

int feth_os_cable(int fds[2], size_t socket_buffer, struct feth_error *err)
{
    /* SEQPACKET: messages keep their bounds as with DGRAM, and a closed far end is seen (unix(7)) */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return feth_fail(err, FETH_ESYS, errno, "make cable", NULL, "no socket pair");
    feth_socket_buffers(fds[0], socket_buffer);
    feth_socket_buffers(fds[1], socket_buffer);
    return 0;
}
