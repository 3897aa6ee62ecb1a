/* SPDX-License-Identifier: Apache-2.0 */
/* The services that carry bytes one way: discard (RFC 863) and the character generator (RFC 864). */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

int client_discard(int argc, char **argv)
{
    static uint8_t buf[65536];
    (void)argc;
    struct address to = address_of(argv[0], argv[1]);
    uint64_t total = number(argv[2], "bytes", 1, UINT64_MAX / 2);
    int fd = connect_stream(&to);
    if (fd < 0)
        return 1;
    int status = 0;
    for (uint64_t sent = 0; sent < total && status == 0;) {
        size_t len = total - sent < sizeof(buf) ? (size_t)(total - sent) : sizeof(buf);
        pattern_fill(1, sent, buf, len);
        ssize_t n = write(fd, buf, len);
        if (n >= 0)
            sent += (uint64_t)n;
        else if (errno != EAGAIN)
            status = complain("sending after %llu bytes: %s", (unsigned long long)sent, strerror(errno));
        else if (!wait_for(fd, POLLOUT))
            status = complain("nothing was taken for %d seconds after %llu bytes", STALL_SECONDS,
                              (unsigned long long)sent);
    }
    if (status == 0 && shutdown(fd, SHUT_WR) < 0)
        status = complain("shutdown: %s", strerror(errno));
    if (status == 0) {
        /* the end of the connection says that all was taken; a byte would be an echo */
        ssize_t n = wait_for(fd, POLLIN) ? read(fd, buf, sizeof(buf)) : -1;
        if (n != 0)
            status = complain("%s", n > 0 ? "discard answered" : "the connection did not end");
    }
    if (status == 0)
        printf("%llu bytes discarded\n", (unsigned long long)total);
    close(fd);
    return status;
}

/** Lines of 72 of the 95 printing characters and CR LF, each line starting one character later than the last. */
static uint8_t chargen_byte(uint64_t offset)
{
    uint64_t line = offset / 74, column = offset % 74;
    if (column >= 72)
        return column == 72 ? '\r' : '\n';
    return (uint8_t)(' ' + (line + column) % 95);
}

int client_chargen(int argc, char **argv)
{
    static uint8_t buf[65536];
    (void)argc;
    struct address to = address_of(argv[0], argv[1]);
    uint64_t total = number(argv[2], "bytes", 1, UINT64_MAX / 2);
    int fd = connect_stream(&to);
    if (fd < 0)
        return 1;
    int status = 0;
    for (uint64_t got = 0; got < total && status == 0;) {
        if (!wait_for(fd, POLLIN)) {
            status = complain("nothing came for %d seconds after %llu bytes", STALL_SECONDS,
                              (unsigned long long)got);
            break;
        }
        ssize_t n = read(fd, buf, sizeof(buf));
        if (n <= 0 && !(n < 0 && errno == EAGAIN))
            status =
                complain("after %llu bytes: %s", (unsigned long long)got, n < 0 ? strerror(errno) : "closed");
        for (ssize_t i = 0; i < n && status == 0; i++, got++) {
            if (buf[i] != chargen_byte(got))
                status = complain("byte %llu is 0x%02x, not 0x%02x", (unsigned long long)got, buf[i],
                                  chargen_byte(got));
        }
    }
    if (status == 0)
        printf("%llu generated characters\n", (unsigned long long)total);
    close(fd);
    return status;
}
