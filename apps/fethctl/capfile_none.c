/* SPDX-License-Identifier: Apache-2.0 */
/* Built without libpcap. */
#include "capfile.h"

#include <stdio.h>

static void say(char why[CAPFILE_WHY])
{
    (void)snprintf(why, CAPFILE_WHY, "this build has no libpcap: build with -DFETH_PCAP=ON");
}

bool capfile_built(void)
{
    return false;
}

struct capfile_filter *capfile_filter_open(const char *expression, char why[CAPFILE_WHY])
{
    (void)expression;
    say(why);
    return NULL;
}

bool capfile_filter_match(const struct capfile_filter *filter, const struct capfile_frame *frame)
{
    (void)filter;
    (void)frame;
    return false;
}

void capfile_filter_close(struct capfile_filter *filter)
{
    (void)filter;
}

struct capfile_writer *capfile_writer_open(const char *path, unsigned snaplen, char why[CAPFILE_WHY])
{
    (void)path;
    (void)snaplen;
    say(why);
    return NULL;
}

int capfile_writer_fd(const struct capfile_writer *writer)
{
    (void)writer;
    return -1;
}

int capfile_write(struct capfile_writer *writer, const struct capfile_frame *frame)
{
    (void)writer;
    (void)frame;
    return -1;
}

int capfile_flush(struct capfile_writer *writer)
{
    (void)writer;
    return -1;
}

void capfile_writer_close(struct capfile_writer *writer)
{
    (void)writer;
}

struct capfile_reader *capfile_reader_open(const char *path, char why[CAPFILE_WHY])
{
    (void)path;
    say(why);
    return NULL;
}

int capfile_read(struct capfile_reader *reader, struct capfile_frame *frame, char why[CAPFILE_WHY])
{
    (void)reader;
    (void)frame;
    say(why);
    return -1;
}

void capfile_reader_close(struct capfile_reader *reader)
{
    (void)reader;
}
