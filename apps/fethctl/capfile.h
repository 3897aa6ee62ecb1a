/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file capfile.h
 * What the commands have of libpcap: capture files written and read, and filter expressions.  Built without libpcap
 * opening any of them fails and says so.
 */
#ifndef FETHCTL_CAPFILE_H
#define FETHCTL_CAPFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CAPFILE_WHY         512    /**< room for the text of an error */
#define CAPFILE_SNAPLEN_MAX 262144 /**< MAXIMUM_SNAPLEN of libpcap: more than any frame */

/** A frame and when it was there. */
struct capfile_frame {
    struct timespec time;
    const uint8_t *data;
    uint32_t len;      /**< bytes at data */
    uint32_t wire_len; /**< bytes on the wire */
};

/** Whether there is libpcap. */
bool capfile_built(void);

/* ---- filters ------------------------------------------------------------------------------------------------ */

struct capfile_filter;

/** Compile an expression of pcap-filter(7).  @return the filter, or NULL with a text in why */
struct capfile_filter *capfile_filter_open(const char *expression, char why[CAPFILE_WHY]);

bool capfile_filter_match(const struct capfile_filter *filter, const struct capfile_frame *frame);

/** NULL is allowed. */
void capfile_filter_close(struct capfile_filter *filter);

/* ---- writing: pcap, nanoseconds, link type Ethernet ---------------------------------------------------------- */

struct capfile_writer;

/**
 * Create or overwrite a file.
 * @param path "-": standard output, which stays open when the writer is closed
 * @param snaplen bytes kept of each frame
 * @return the writer, or NULL with a text in why
 */
struct capfile_writer *capfile_writer_open(const char *path, unsigned snaplen, char why[CAPFILE_WHY]);

/** Its descriptor. */
int capfile_writer_fd(const struct capfile_writer *writer);

/** Append a frame.  @return 0, or -1 with errno */
int capfile_write(struct capfile_writer *writer, const struct capfile_frame *frame);

/** Hand all that was written to the system.  @return 0, or -1 with errno */
int capfile_flush(struct capfile_writer *writer);

/** NULL is allowed. */
void capfile_writer_close(struct capfile_writer *writer);

/* ---- reading: pcap and pcapng ------------------------------------------------------------------------------- */

struct capfile_reader;

/**
 * Open a file of Ethernet frames.
 * @param path "-": standard input
 * @return the reader, or NULL with a text in why
 */
struct capfile_reader *capfile_reader_open(const char *path, char why[CAPFILE_WHY]);

/**
 * The next frame.
 * @param[out] frame valid until the next call
 * @return 1; 0 at the end; -1 with a text in why
 */
int capfile_read(struct capfile_reader *reader, struct capfile_frame *frame, char why[CAPFILE_WHY]);

/** NULL is allowed. */
void capfile_reader_close(struct capfile_reader *reader);

#endif
