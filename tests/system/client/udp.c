/* SPDX-License-Identifier: Apache-2.0 */
/* Byte-exact echo of datagrams, one at a time, of every size of a range.  The cable loses none, so nor may we. */
#include <errno.h>
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

int client_udp(int argc, char **argv)
{
    static uint8_t buf[UDP_MAX];
    (void)argc;
    struct address to = address_of(argv[0], argv[1]);
    size_t from = (size_t)number(argv[2], "first size", 0, UDP_MAX);
    size_t last = (size_t)number(argv[3], "last size", from, UDP_MAX);
    size_t step = (size_t)number(argv[4], "step", 1, UDP_MAX);
    int fd = start_connect(&to, SOCK_DGRAM);
    if (fd < 0)
        return complain("socket: %s", strerror(errno));
    int room = SOCKET_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) < 0) {
        close(fd);
        return complain("socket buffers: %s", strerror(errno));
    }

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
