/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench.h
 * The host's side of the benchmark: an ordinary socket program that keeps a server busy for a time and says how much
 * it did.  Nothing is compared byte for byte here: tests/system does that, and it would cost the time that is measured.
 *
 *     feth_bench_client [OPTION…] bulk HOST SEND RECEIVE    so many connections to discard, so many from chargen
 *     feth_bench_client [OPTION…] rtt tcp|udp HOST          64 bytes there and back, one after the other
 *     feth_bench_client [OPTION…] udp HOST                  64-byte datagrams echoed a second, a window of them on the way
 *     feth_bench_client [OPTION…] churn HOST                connections opened, used for a byte, and closed a second
 *     feth_bench_client [OPTION…] random HOST CONNECTIONS   a byte there and back, each over a connection by chance
 *
 *     -s SECONDS   how long is measured       -w SECONDS   how long before that nothing is counted
 *     -p PID       the server's process, whose processor time and peak memory are told
 *
 * Prints one "name value" a line.  Exit status: 0; 1 it failed, and stderr says how; 2 wrong arguments.
 */
#ifndef FETH_BENCH_H
#define FETH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/** The assigned ports, as lwip-echo has them. */
enum { PORT_ECHO = 7, PORT_DISCARD = 9, PORT_CHARGEN = 19 };

/** Seconds without an answer after which a connection or a datagram is given up. */
#define STALL_SECONDS 20

struct bench {
    double seconds, warm_up;
    int pid; /**< of the server; 0: unknown */
};

/* ---- commands: argv holds what follows the command's name; each returns an exit status ----------------------- */

int bench_bulk(const struct bench *b, char **argv);
int bench_rtt(const struct bench *b, char **argv);
int bench_udp(const struct bench *b, char **argv);
int bench_churn(const struct bench *b, char **argv);
int bench_random(const struct bench *b, char **argv);

/* ---- net.c ---------------------------------------------------------------------------------------------------- */

/** Say what failed on stderr.  @return 1, the exit status */
int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Read a number from text.  Exits with 2 where it is none or out of range. */
double number(const char *text, double min, double max);

struct address {
    struct sockaddr_storage storage;
    socklen_t size;
};

/** A numeric host and a port as a socket address.  Exits with 2 where it is none. */
struct address address_of(const char *host, int port);

/** A non-blocking socket on which a connect was started.  @return the descriptor, or -1 after having complained */
int start_connect(const struct address *to, int type);

/** A connected, non-blocking socket.  @return the descriptor, or -1 after having complained */
int connected(const struct address *to, int type);

/** Wait for the events of poll().  @return true, or false after STALL_SECONDS */
bool wait_for(int fd, short events);

/** Allow this process as many open files as it may have. */
void raise_file_limit(void);

/* ---- meter.c -------------------------------------------------------------------------------------------------- */

/** Seconds of a clock that only goes forward. */
double now(void);

/** Processor time used so far, in seconds. */
struct usage {
    double at, client, server;
};

/** What both processes have used so far. */
struct usage usage_now(const struct bench *b);

/** Print how much time passed and what was used, each for so many units ("gb", "op") of work. */
void usage_print(const struct bench *b, const struct usage *from, const struct usage *to, double units,
                 const char *unit);

/** Print the server's peak resident memory, in MB (10^6 bytes). */
void peak_print(const struct bench *b);

/** Times of single exchanges, in seconds. */
struct times {
    double *t;
    size_t n, size;
};

/** Keep one.  @return false when there is no memory for more */
bool times_add(struct times *times, double seconds);

/** Print the median and the 99th percentile in microseconds, and the number of exchanges a second; free them. */
void times_print(struct times *times, double seconds);

#endif
