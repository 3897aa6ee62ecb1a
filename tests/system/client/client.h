/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client.h
 * The host's side of the bulk tests: an ordinary socket program that sends a known pattern, compares every byte
 * that comes back and names the first difference.  One command for each file:
 *
 *     client tcp HOST PORT BYTES [CONNECTIONS]     echo that many bytes over each connection, all at once
 *     client urgent HOST PORT BYTES [CONNECTIONS]  likewise, some of it as urgent data
 *     client udp HOST PORT FROM TO STEP            echo a datagram of each size
 *     client many HOST PORT COUNT                  hold COUNT echoing connections open until stdin ends
 *     client discard HOST PORT BYTES               send; nothing may come back
 *     client chargen HOST PORT BYTES               read and check the rotating lines of RFC 864
 *
 * In front of the command:
 *
 *     --ip-options HEX     send with these IPv4 options, or IPv6 destination options
 *     --receive BYTES      a receive buffer of that size, and with it a small window
 *
 * Exit status: 0 what was sent came back; 1 it did not, and stderr says how; 2 wrong arguments.
 */
#ifndef FETH_TEST_CLIENT_H
#define FETH_TEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/**
 * Seconds without any progress after which a command gives up: more than TCP's longest pause through a bad cable.  With
 * 6 % of the frames lost or damaged each way, a segment alone in flight, or the acknowledgement of it, is lost one time
 * in nine, and after each loss lwIP waits twice as long, from 0.6 s on.  Six losses in a row come to 76 s and happened
 * in one run of some hundred; eight, which come to 153 s, are not expected in ten thousand.
 */
#define STALL_SECONDS 180

/* ---- commands: argv holds what follows the command's name; each returns an exit status ----------------------- */

int client_tcp(int argc, char **argv);
int client_urgent(int argc, char **argv);
int client_udp(int argc, char **argv);
int client_runs(int argc, char **argv);
int client_many(int argc, char **argv);
int client_discard(int argc, char **argv);
int client_chargen(int argc, char **argv);

/* ---- net.c ---------------------------------------------------------------------------------------------------- */

/** Say what failed on stderr.  @return 1, the exit status */
int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Read a number from text.  Exits with 2 where it is none or out of range. */
uint64_t number(const char *text, const char *what, uint64_t min, uint64_t max);

/** What each socket is opened with. */
struct socket_options {
    uint8_t ip[40];
    size_t ip_len; /**< bytes of it; 0: none */
    int receive;   /**< bytes; 0: the default */
};
extern struct socket_options socket_options;

struct address {
    struct sockaddr_storage storage;
    socklen_t size;
};

/** Numeric host and port as a socket address.  Exits with 2 where they are none. */
struct address address_of(const char *host, const char *port);

/** A non-blocking socket on which a connect was started.  @return the descriptor, or -1 with errno */
int start_connect(const struct address *to, int type);

/** Wait for the events of poll().  @return true, or false after STALL_SECONDS */
bool wait_for(int fd, short events);

/** A connected non-blocking stream.  @return the descriptor, or -1 after having complained */
int connect_stream(const struct address *to);

/** Seconds of a clock that only goes forward. */
double now(void);

/* ---- pattern.c ------------------------------------------------------------------------------------------------ */

/** Write the bytes that stand at an offset of the stream with this seed. */
void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t len);

/** Compare bytes with the pattern.  @return len, or the index of the first that differs */
size_t pattern_match(uint64_t seed, uint64_t offset, const uint8_t *data, size_t len);

#endif
