/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte-exact echo over one or more TCP connections at once.  Each sends its own stream, reads while it sends (an
 * echo that nobody reads stops the sender), closes its sending half and expects the echo to end there.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

#define CHUNK (128 * 1024)

struct stream {
    int fd;
    uint64_t seed, total, sent, received;
    bool urgent;     /**< send in odd pieces, and some of them as urgent data */
    unsigned pieces; /**< sent so far */
    bool finished;
};

/** One piece.  The last byte of urgent data is marked, where the receiver knows of that; it stays in its place. */
static ssize_t send_piece(struct stream *s, uint8_t *buf, size_t len)
{
    int flags = s->urgent && s->pieces % 7 == 3 ? MSG_OOB : 0;
    ssize_t n = send(s->fd, buf, len, flags);
    if (n > 0)
        s->pieces++;
    return n;
}

/** Send what the socket takes.  @return false after having complained */
static bool send_some(struct stream *s, uint8_t *buf)
{
    while (s->sent < s->total) {
        size_t most = s->urgent ? 1 + s->pieces * 997 % 20000 : CHUNK;
        size_t len = s->total - s->sent < most ? (size_t)(s->total - s->sent) : most;
        pattern_fill(s->seed, s->sent, buf, len);
        ssize_t n = send_piece(s, buf, len);
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0) {
            complain("connection %llu: sending after %llu bytes: %s", (unsigned long long)s->seed,
                     (unsigned long long)s->sent, strerror(errno));
            return false;
        }
        s->sent += (uint64_t)n;
        if ((size_t)n < len)
            return true;
    }
    if (shutdown(s->fd, SHUT_WR) < 0) {
        complain("connection %llu: shutdown: %s", (unsigned long long)s->seed, strerror(errno));
        return false;
    }
    return true;
}

/** Receive once and compare.  @return false after having complained */
static bool receive_some(struct stream *s, uint8_t *buf)
{
    ssize_t n = read(s->fd, buf, CHUNK);
    if (n < 0 && errno == EAGAIN)
        return true;
    if (n < 0) {
        complain("connection %llu: receiving after %llu of %llu bytes: %s", (unsigned long long)s->seed,
                 (unsigned long long)s->received, (unsigned long long)s->total, strerror(errno));
        return false;
    }
    if (n == 0) {
        s->finished = true;
        if (s->received < s->total)
            complain("connection %llu: the echo ended after %llu of %llu bytes", (unsigned long long)s->seed,
                     (unsigned long long)s->received, (unsigned long long)s->total);
        return s->received == s->total;
    }
    size_t good = pattern_match(s->seed, s->received, buf, (size_t)n);
    if (good < (size_t)n || s->received + (uint64_t)n > s->sent) {
        complain("connection %llu: byte %llu of the echo is not what was sent", (unsigned long long)s->seed,
                 (unsigned long long)(s->received + good));
        return false;
    }
    s->received += (uint64_t)n;
    return true;
}

/** Move bytes until every stream is finished.  @return false after having complained */
static bool run_streams(struct stream *streams, struct pollfd *fds, size_t count, uint8_t *buf)
{
    for (size_t left = count; left > 0;) {
        for (size_t i = 0; i < count; i++) {
            fds[i].fd = streams[i].finished ? -1 : streams[i].fd;
            fds[i].events = (short)(POLLIN | (streams[i].sent < streams[i].total ? POLLOUT : 0));
        }
        int n = poll(fds, (nfds_t)count, STALL_SECONDS * 1000);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            complain("nothing moved for %d seconds; %zu of %zu connections unfinished", STALL_SECONDS, left,
                     count);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            struct stream *s = &streams[i];
            if ((fds[i].revents & POLLOUT) && !send_some(s, buf))
                return false;
            if ((fds[i].revents & (POLLIN | POLLERR | POLLHUP)) && !receive_some(s, buf))
                return false;
            left -= fds[i].fd >= 0 && s->finished;
        }
    }
    return true;
}

static int echo(int argc, char **argv, bool urgent)
{
    struct address to = address_of(argv[0], argv[1]);
    uint64_t total = number(argv[2], "bytes", 1, UINT64_MAX / 2);
    size_t count = argc > 3 ? (size_t)number(argv[3], "connections", 1, 1000) : 1;
    struct stream *streams = calloc(count, sizeof(*streams));
    struct pollfd *fds = calloc(count, sizeof(*fds));
    uint8_t *buf = malloc(CHUNK);
    bool ok = streams != NULL && fds != NULL && buf != NULL;
    if (!ok)
        complain("out of memory");

    double start = now();
    size_t opened = 0;
    for (; ok && opened < count; opened++) {
        streams[opened] =
            (struct stream){.fd = connect_stream(&to), .seed = opened + 1, .total = total, .urgent = urgent};
        if (streams[opened].fd < 0) {
            ok = false;
            break;
        }
    }
    ok = ok && run_streams(streams, fds, count, buf);
    double seconds = now() - start;
    if (ok)
        printf("%llu bytes echoed over %zu connection(s) in %.2f s, %.0f MB/s each way\n",
               (unsigned long long)(total * count), count, seconds, (double)(total * count) / seconds / 1e6);

    for (size_t i = 0; i < opened; i++)
        close(streams[i].fd);
    free(buf);
    free(fds);
    free(streams);
    return ok ? 0 : 1;
}

int client_tcp(int argc, char **argv)
{
    return echo(argc, argv, false);
}

int client_urgent(int argc, char **argv)
{
    return echo(argc, argv, true);
}
