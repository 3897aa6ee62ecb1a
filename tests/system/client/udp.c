/* SPDX-License-Identifier: Apache-2.0 */
/* Byte-exact echo of datagrams, one at a time, of every size of a range.  The cable loses none, so nor may we. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

#define UDP_MAX        65507
#define ANSWER_SECONDS 5

/** By default macOS sends no datagram above 9216 bytes. */
#define SOCKET_BUFFER (256 * 1024)

/** Send one datagram and compare its echo.  @return false after having complained */
static bool echo_one(int fd, size_t size, uint8_t *buf)
{
    pattern_fill(size, 0, buf, size);
    if (send(fd, buf, size, 0) != (ssize_t)size) {
        complain("datagram of %zu bytes: send: %s", size, strerror(errno));
        return false;
    }
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    if (poll(&pollfd, 1, ANSWER_SECONDS * 1000) <= 0) {
        complain("datagram of %zu bytes: no echo within %d seconds", size, ANSWER_SECONDS);
        return false;
    }
    ssize_t n = recv(fd, buf, UDP_MAX, 0);
    if (n < 0) {
        complain("datagram of %zu bytes: receive: %s", size, strerror(errno));
        return false;
    }
    if ((size_t)n != size) {
        complain("datagram of %zu bytes: the echo has %zd", size, n);
        return false;
    }
    size_t good = pattern_match(size, 0, buf, size);
    if (good < size)
        complain("datagram of %zu bytes: byte %zu of the echo is not what was sent", size, good);
    return good == size;
}

/* With room for large datagrams.  @return a connected socket, or -1 after having complained */
static int start_udp(const char *host, const char *port)
{
    struct address to = address_of(host, port);
    int fd = start_connect(&to, SOCK_DGRAM), room = SOCKET_BUFFER;

    if (fd < 0) {
        complain("socket: %s", strerror(errno));
    } else if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) < 0 ||
               setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) < 0) {
        complain("socket buffers: %s", strerror(errno));
        close(fd);
        fd = -1;
    }
    return fd;
}

int client_udp(int argc, char **argv)
{
    static uint8_t buf[UDP_MAX];
    (void)argc;
    size_t from = (size_t)number(argv[2], "first size", 0, UDP_MAX);
    size_t last = (size_t)number(argv[3], "last size", from, UDP_MAX);
    size_t step = (size_t)number(argv[4], "step", 1, UDP_MAX);
    int fd = start_udp(argv[0], argv[1]);
    if (fd < 0)
        return 1;

    double start = now();
    size_t count = 0;
    bool ok = true;
    for (size_t size = from; ok && size <= last; size += step, count++)
        ok = echo_one(fd, size, buf);
    if (ok)
        printf("%zu datagrams of %zu to %zu bytes echoed in %.2f s\n", count, from, last, now() - start);
    close(fd);
    return ok ? 0 : 1;
}

/* ---- runs --------------------------------------------------------------------------------------------------- */

#ifdef UDP_SEGMENT

/** All of a run comes back, in order, each datagram by itself.  The last has a byte less. */
static bool echo_run(int fd, size_t size, size_t count, uint64_t round, uint8_t *buf)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    size_t total = size * count - 1;

    pattern_fill(round, 0, buf, total);
    if (send(fd, buf, total, 0) != (ssize_t)total) {
        complain("%zu datagrams of %zu bytes: send: %s", count, size, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len = i + 1 < count ? size : size - 1;
        if (poll(&pollfd, 1, ANSWER_SECONDS * 1000) <= 0) {
            complain("datagram %zu of a run of %zu: no echo within %d seconds", i + 1, count, ANSWER_SECONDS);
            return false;
        }
        ssize_t n = recv(fd, buf, UDP_MAX, 0);
        if (n != (ssize_t)len || pattern_match(round, i * size, buf, len) != len) {
            complain("datagram %zu of a run of %zu has %zu bytes, and %zd come back or are others", i + 1,
                     count, len, n);
            return false;
        }
    }
    return true;
}

int client_runs(int argc, char **argv)
{
    static uint8_t buf[UDP_MAX];
    (void)argc;
    size_t size = (size_t)number(argv[2], "size", 2, UDP_MAX);
    size_t count = (size_t)number(argv[3], "datagrams of a run", 2, UDP_MAX / size);
    size_t rounds = (size_t)number(argv[4], "rounds", 1, 1000000);
    int fd = start_udp(argv[0], argv[1]), segment = (int)size;
    if (fd < 0)
        return 1;
    if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)) < 0) {
        close(fd);
        return complain("UDP_SEGMENT: %s", strerror(errno));
    }
    bool ok = true;
    for (size_t i = 0; ok && i < rounds; i++)
        ok = echo_run(fd, size, count, i, buf);
    if (ok)
        printf("%zu runs of %zu datagrams of %zu bytes echoed\n", rounds, count, size);
    close(fd);
    return ok ? 0 : 1;
}

#else

int client_runs(int argc, char **argv)
{
    (void)argc, (void)argv;
    return complain("this system has no UDP_SEGMENT");
}

#endif
