/* SPDX-License-Identifier: Apache-2.0 */
/* Between the processes that share the state: each has a local socket, named by its process number. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fds.h"
#include "real.h"

#define FRAME_MAX 65600

struct letter {
    uint32_t what, minor, outgoing, pad;
    uint64_t ifid;
};

static int mailbox = -1;

/* An abstract name: of this network namespace, and gone with the process (unix(7)). */
static socklen_t address(struct sockaddr_un *to, pid_t pid)
{
    memset(to, 0, sizeof(*to));
    to->sun_family = AF_UNIX;
    int n = snprintf(to->sun_path + 1, sizeof(to->sun_path) - 1, "feth-model-%llx-%d",
                     (unsigned long long)K->cookie, (int)pid);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

int m_mail_open(void)
{
    struct sockaddr_un me;
    int fd = __real_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int size = 4 << 20;

    if (fd < 0)
        return -1;
    (void)__real_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    if (__real_bind(fd, (const void *)&me, address(&me, getpid())) < 0) {
        __real_close(fd);
        return -1;
    }
    mailbox = fd;
    for (unsigned i = 0; i < M_PROCS; i++) {
        if (K->procs[i] == 0) {
            K->procs[i] = getpid();
            break;
        }
    }
    return fd;
}

static int post(pid_t pid, const struct letter *letter, const uint8_t *frame, size_t len)
{
    struct sockaddr_un to;
    struct iovec iov[2] = {{(void *)(uintptr_t)letter, sizeof(*letter)}, {(void *)(uintptr_t)frame, len}};
    struct msghdr msg = {.msg_name = &to, .msg_namelen = address(&to, pid), .msg_iov = iov, .msg_iovlen = 2};
    int fd = mailbox >= 0 ? mailbox : __real_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    int error = __real_sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
    if (fd != mailbox)
        __real_close(fd);
    return error;
}

void m_tell_processes(void)
{
    const struct letter news = {.what = M_MAIL_NEWS};
    pid_t me = getpid();

    if (!m_shared())
        return;
    for (unsigned i = 0; i < M_PROCS; i++)
        if (K->procs[i] && K->procs[i] != me && post(K->procs[i], &news, NULL, 0) == ECONNREFUSED)
            K->procs[i] = 0; /* it has ended */
}

void m_mail_frame(pid_t pid, enum m_mail what, uint64_t ifid, unsigned minor, bool outgoing,
                  const uint8_t *frame, size_t len)
{
    const struct letter letter = {.what = what, .minor = minor, .outgoing = outgoing, .ifid = ifid};

    if (pid > 0)
        (void)post(pid, &letter, frame, len);
}

void m_mail_read(int fd)
{
    static struct {
        struct letter head;
        uint8_t frame[FRAME_MAX];
    } mail;

    for (int i = 0; i < 64; i++) {
        ssize_t n = __real_read(fd, &mail, sizeof(mail));
        if (n < (ssize_t)sizeof(mail.head))
            return;
        size_t len = (size_t)n - sizeof(mail.head);
        const struct m_if *ifp = mail.head.ifid ? m_if_id(mail.head.ifid) : NULL;
        if (mail.head.what == M_MAIL_CATCH && ifp) {
            m_bpf_catch(mail.head.minor, mail.head.outgoing, mail.frame, len);
        } else if (mail.head.what == M_MAIL_WRITE && ifp) {
            m_tap_write(ifp, mail.frame, len);
        } else if (mail.head.what == M_MAIL_NEWS) {
            m_event_wake();
            m_bpf_wake();
            m_tap_sync();
        }
    }
}
