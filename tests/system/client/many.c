/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many TCP connections open at once, each of which has echoed a line of its own; they stay open until standard
 * input ends, so that a test can look at the stack meanwhile, then echo once more and are closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client.h"

#define LINE 32

/** Descriptors beside the connections. */
#define OTHER_FILES 16

/** Connects under way at once: below the listen backlog of a stack that has not raised its default of 255. */
#define CONNECTING 128

/** Open connections from opened to the end of the next group.  @return false after having complained */
static bool open_group(const struct address *to, int *fds, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        fds[i] = start_connect(to, SOCK_STREAM);
        if (fds[i] < 0) {
            complain("connection %zu: %s", i, strerror(errno));
            return false;
        }
    }
    for (size_t i = from; i < end; i++) {
        int error = ETIMEDOUT;
        socklen_t size = sizeof(error);
        if (!wait_for(fds[i], POLLOUT) || getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &error, &size) < 0 ||
            error != 0) {
            complain("connection %zu: connect: %s", i, strerror(error));
            return false;
        }
    }
    return true;
}

/** Send a line on every connection, then read each back.  @return false after having complained */
static bool echo_all(const int *fds, size_t count, uint64_t round)
{
    uint8_t line[LINE];
    for (size_t i = 0; i < count; i++) {
        pattern_fill(i, round * LINE, line, LINE);
        if (write(fds[i], line, LINE) != LINE) {
            complain("connection %zu: sending: %s", i, strerror(errno));
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t got = 0;
        while (got < LINE) {
            if (!wait_for(fds[i], POLLIN)) {
                complain("connection %zu: %zu of %d bytes of the echo", i, got, LINE);
                return false;
            }
            ssize_t n = read(fds[i], line + got, LINE - got);
            if (n <= 0 && !(n < 0 && errno == EAGAIN)) {
                complain("connection %zu: receiving: %s", i, n < 0 ? strerror(errno) : "closed");
                return false;
            }
            got += n > 0 ? (size_t)n : 0;
        }
        if (pattern_match(i, round * LINE, line, LINE) != LINE) {
            complain("connection %zu: the echo is not what was sent", i);
            return false;
        }
    }
    return true;
}

/** As many descriptors as that, if the hard limit allows.  macOS takes no "unlimited" here, although it says it. */
static void raise_file_limit(rlim_t count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < count) {
        limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int client_many(int argc, char **argv)
{
    (void)argc;
    struct address to = address_of(argv[0], argv[1]);
    size_t count = (size_t)number(argv[2], "connections", 1, 60000);
    raise_file_limit(count + OTHER_FILES);
    int *fds = malloc(count * sizeof(*fds));
    if (fds == NULL)
        return complain("out of memory");
    memset(fds, -1, count * sizeof(*fds));

    bool ok = true;
    for (size_t done = 0; ok && done < count; done += CONNECTING)
        ok = open_group(&to, fds, done, done + CONNECTING < count ? done + CONNECTING : count);
    ok = ok && echo_all(fds, count, 0);
    if (ok) {
        char byte;
        printf("%zu connections open\n", count);
        while (read(STDIN_FILENO, &byte, 1) > 0)
            ;
        ok = echo_all(fds, count, 1);
    }
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(fds);
    return ok ? 0 : 1;
}
