/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cli.h
 * How our programs talk: errors in one line on stderr that names the program, exit status 2 for usage and 1 for
 * failure, and an end by signal that can be waited for.
 */
#ifndef FETH_CLI_H
#define FETH_CLI_H

#include <stdint.h>

#include <feth/error.h>

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/** Say what is wrong with the arguments, and where help is.  @return CLI_USAGE */
int cli_usage(const char *program, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Say what failed.  @return CLI_FAILED */
int cli_fail(const char *program, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Say what libfeth says.  @return CLI_FAILED */
int cli_fail_feth(const char *program, const struct feth_error *err);

/**
 * End a program that has printed something: what could not be written is a failure, and said, unless the reader has
 * closed the pipe, which ends it quietly.
 * @param status what the program itself ends with  @return the exit status
 */
int cli_finish(const char *program, int status);

/**
 * From now on SIGINT, SIGTERM and SIGHUP make a descriptor readable instead of ending the program.
 * @return the descriptor, or -1 with errno
 */
int cli_catch_signals(void);

/** The first signal caught, or 0. */
int cli_caught(void);

/** The end of a child makes the same descriptor readable.  After cli_catch_signals().  @return 0, or -1 with errno */
int cli_catch_children(void);

/** Milliseconds of a clock that nobody sets. */
uint64_t cli_clock_ms(void);

/** Make the descriptor unreadable until the next signal. */
void cli_signals_seen(void);

#endif
