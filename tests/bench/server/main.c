/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of lwip-echo on the kernel's own stack, as a careful programmer writes them: one thread, epoll, large
 * reads and writes, batched calls for UDP.  TCP echo (port 7), discard (9), chargen (19), UDP echo (7), on all
 * addresses of both IP versions.  Prints "ready" when all listen; runs until it is killed.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PORT_ECHO = 7, PORT_DISCARD = 9, PORT_CHARGEN = 19 };
enum { PIECE = 256 * 1024, ECHO_PIECE = 16 * 1024, EVENTS = 256, BATCH = 64, DATAGRAM = 65536 };

enum kind { LISTEN_ECHO, LISTEN_DISCARD, LISTEN_CHARGEN, ECHO, DISCARD, CHARGEN, UDP_ECHO };

/* One descriptor of the loop.  An echo keeps what the client does not take yet, and reads no more until it does. */
struct end {
    enum kind kind;
    int fd;
    char *kept;
    size_t kept_from, kept_to;
};

static char piece[PIECE];
static int epoll;

static void die(const char *what)
{
    fprintf(stderr, "feth_bench_server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct end *end, uint32_t events, int op)
{
    struct epoll_event event = {.events = events, .data.ptr = end};

    if (epoll_ctl(epoll, op, end->fd, &event) < 0)
        die("epoll_ctl");
}

static struct end *new_end(enum kind kind, int fd, uint32_t events)
{
    struct end *end = calloc(1, sizeof(*end));

    if (!end)
        die("memory");
    end->kind = kind;
    end->fd = fd;
    watch(end, events, EPOLL_CTL_ADD);
    return end;
}

static void drop(struct end *end)
{
    close(end->fd);
    free(end->kept);
    free(end);
}

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

static void accept_all(const struct end *listening)
{
    static const enum kind kinds[] = {
        [LISTEN_ECHO] = ECHO, [LISTEN_DISCARD] = DISCARD, [LISTEN_CHARGEN] = CHARGEN};
    enum kind kind = kinds[listening->kind];
    int fd, one = 1;

    while ((fd = accept4(listening->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (kind == ECHO)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        new_end(kind, fd, kind == CHARGEN ? EPOLLOUT : EPOLLIN);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        die("accept");
}

/* @return whether the connection goes on */
static int goes_on(ssize_t n)
{
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void echo_keep(struct end *end, const char *data, size_t size)
{
    if (!end->kept && !(end->kept = malloc(ECHO_PIECE)))
        die("memory");
    memcpy(end->kept, data, size);
    end->kept_from = 0;
    end->kept_to = size;
    watch(end, EPOLLOUT, EPOLL_CTL_MOD);
}

static void echo_read(struct end *end)
{
    ssize_t n = recv(end->fd, piece, ECHO_PIECE, 0);

    if (!goes_on(n)) {
        drop(end);
    } else if (n > 0) {
        ssize_t sent = send(end->fd, piece, (size_t)n, 0);
        if (!goes_on(sent))
            drop(end);
        else if (sent < n)
            echo_keep(end, piece + (sent > 0 ? sent : 0), (size_t)(n - (sent > 0 ? sent : 0)));
    }
}

static void echo_write(struct end *end)
{
    ssize_t sent = send(end->fd, end->kept + end->kept_from, end->kept_to - end->kept_from, 0);

    if (!goes_on(sent)) {
        drop(end);
        return;
    }
    end->kept_from += sent > 0 ? (size_t)sent : 0;
    if (end->kept_from == end->kept_to)
        watch(end, EPOLLIN, EPOLL_CTL_MOD);
}

/* ---- UDP ---------------------------------------------------------------------------------------------------- */

static void udp_echo(const struct end *end)
{
    static char data[BATCH][DATAGRAM];
    static struct mmsghdr messages[BATCH];
    static struct iovec iov[BATCH];
    static struct sockaddr_in6 from[BATCH];

    for (int i = 0; i < BATCH; i++) {
        iov[i] = (struct iovec){.iov_base = data[i], .iov_len = DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i], .msg_namelen = sizeof(from[i]), .msg_iov = &iov[i], .msg_iovlen = 1};
    }
    int n = recvmmsg(end->fd, messages, BATCH, 0, NULL);
    for (int i = 0; i < n; i++)
        iov[i].iov_len = messages[i].msg_len;
    if (n > 0)
        (void)sendmmsg(end->fd, messages, (unsigned)n, 0); /* what does not fit is lost, as datagrams are */
}

/* ---- the loop ----------------------------------------------------------------------------------------------- */

static void serve(struct end *end, uint32_t events)
{
    switch (end->kind) {
    case LISTEN_ECHO:
    case LISTEN_DISCARD:
    case LISTEN_CHARGEN:
        accept_all(end);
        break;
    case ECHO:
        if (end->kept_from < end->kept_to)
            echo_write(end);
        else
            echo_read(end);
        break;
    case DISCARD:
        if (!goes_on(recv(end->fd, piece, sizeof(piece), 0)))
            drop(end);
        break;
    case CHARGEN:
        if (events & (EPOLLERR | EPOLLHUP) || !goes_on(send(end->fd, piece, sizeof(piece), 0)))
            drop(end);
        break;
    case UDP_ECHO:
        udp_echo(end);
        break;
    }
}

static void open_service(enum kind kind, int type, int port)
{
    struct sockaddr_in6 any = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT, .sin6_port = htons((uint16_t)port)};
    int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), zero = 0, one = 1;

    if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
        (type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0))
        die("a service does not start");
    new_end(kind, fd, EPOLLIN);
}

int main(void)
{
    struct epoll_event events[EVENTS];
    struct rlimit limit;

    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    open_service(LISTEN_ECHO, SOCK_STREAM, PORT_ECHO);
    open_service(LISTEN_DISCARD, SOCK_STREAM, PORT_DISCARD);
    open_service(LISTEN_CHARGEN, SOCK_STREAM, PORT_CHARGEN);
    open_service(UDP_ECHO, SOCK_DGRAM, PORT_ECHO);
    memset(piece, 'x', sizeof(piece));
    puts("ready");
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++)
            serve(events[i].data.ptr, events[i].events);
    }
}
