/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams echoed a second.  So many are on the way as a socket's queue holds; what was not answered after a while
 * is taken for lost, and told.  Batched calls: the client must not be what limits a server.  With "runs" the datagrams
 * of a batch are handed over as one piece that the kernel cuts (UDP_SEGMENT, udp(7)), as programs that speak QUIC do.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"

enum { SIZE = 64, WINDOW = 128, BATCH = 64, LOST_AFTER_MS = 50 };

struct flow {
    int fd;
    bool runs;
    struct mmsghdr out[BATCH], in[BATCH];
    struct iovec out_iov[BATCH], in_iov[BATCH];
    char out_data[BATCH * SIZE], in_data[BATCH][SIZE];
    unsigned on_the_way;
    uint64_t echoed, lost;
};

static void prepare(struct flow *f)
{
    for (int i = 0; i < BATCH; i++) {
        f->out_iov[i] = (struct iovec){.iov_base = f->out_data, .iov_len = SIZE};
        f->in_iov[i] = (struct iovec){.iov_base = f->in_data[i], .iov_len = SIZE};
        f->out[i].msg_hdr = (struct msghdr){.msg_iov = &f->out_iov[i], .msg_iovlen = 1};
        f->in[i].msg_hdr = (struct msghdr){.msg_iov = &f->in_iov[i], .msg_iovlen = 1};
    }
}

/* @return how many were sent, or -1 */
static int send_some(struct flow *f, unsigned n)
{
    if (!f->runs)
        return sendmmsg(f->fd, f->out, n, 0);
    ssize_t sent = send(f->fd, f->out_data, n * (size_t)SIZE, 0);
    return sent < 0 ? -1 : (int)(sent / SIZE);
}

static bool passing(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

static int turn(struct flow *f)
{
    struct pollfd pollfd = {.fd = f->fd, .events = POLLIN};
    unsigned room = WINDOW - f->on_the_way;

    /* wait for room for a good part of a batch: single datagrams would cost a call each */
    if (room >= BATCH / 2) {
        int sent = send_some(f, room < BATCH ? room : BATCH);
        if (sent > 0)
            f->on_the_way += (unsigned)sent;
        else if (!passing(errno))
            return complain("send: %s", strerror(errno));
    }
    int got = recvmmsg(f->fd, f->in, BATCH, 0, NULL);
    if (got > 0) {
        f->echoed += (unsigned)got;
        f->on_the_way -= (unsigned)got < f->on_the_way ? (unsigned)got : f->on_the_way;
    } else if (!passing(errno)) {
        return complain("recv: %s", strerror(errno));
    } else if (f->on_the_way > WINDOW - BATCH / 2 && poll(&pollfd, 1, LOST_AFTER_MS) == 0) {
        f->lost += f->on_the_way;
        f->on_the_way = 0;
    }
    return 0;
}

static int turn_until(struct flow *f, double end)
{
    while (now() < end)
        for (int i = 0; i < 8; i++)
            if (turn(f))
                return 1;
    return 0;
}

int bench_udp(const struct bench *b, char **argv)
{
    struct address to = address_of(argv[0], PORT_ECHO);
    static struct flow f;

    f.fd = connected(&to, SOCK_DGRAM);
    if (f.fd < 0)
        return 1;
    f.runs = strcmp(argv[1], "runs") == 0;
    int size = SIZE;
    if (f.runs && setsockopt(f.fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
        return complain("UDP_SEGMENT: %s", strerror(errno));
    prepare(&f);
    if (turn_until(&f, now() + b->warm_up))
        return 1;
    uint64_t echoed = f.echoed, lost = f.lost;
    struct usage from = usage_now(b);
    if (turn_until(&f, from.at + b->seconds))
        return 1;
    struct usage until = usage_now(b);
    double n = (double)(f.echoed - echoed);
    if (n == 0)
        return complain("no datagram came back");
    printf("per_second %.1f\n", n / (until.at - from.at));
    printf("lost_percent %.4f\n", 100 * (double)(f.lost - lost) / (n + (double)(f.lost - lost)));
    usage_print(b, &from, &until, n, "op");
    close(f.fd);
    return 0;
}
