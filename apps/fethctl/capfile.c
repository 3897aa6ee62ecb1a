/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files and filters by libpcap. */
#include "capfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

static void say(char why[CAPFILE_WHY], const char *text)
{
    (void)snprintf(why, CAPFILE_WHY, "%s", text);
}

/* What a file or a filter is for: Ethernet.  A file of nanosecond precision takes them in the microseconds' field. */
static pcap_t *ethernet(unsigned snaplen)
{
    return pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)snaplen, PCAP_TSTAMP_PRECISION_NANO);
}

static struct pcap_pkthdr header_of(const struct capfile_frame *frame, uint32_t snaplen)
{
    struct pcap_pkthdr header = {.len = frame->wire_len,
                                 .caplen = frame->len < snaplen ? frame->len : snaplen};

    header.ts.tv_sec = frame->time.tv_sec;
    header.ts.tv_usec = (suseconds_t)frame->time.tv_nsec;
    return header;
}

bool capfile_built(void)
{
    return true;
}

/* ---- filters ------------------------------------------------------------------------------------------------ */

struct capfile_filter {
    struct bpf_program program;
};

struct capfile_filter *capfile_filter_open(const char *expression, char why[CAPFILE_WHY])
{
    struct capfile_filter *filter = calloc(1, sizeof(*filter));
    pcap_t *pcap = ethernet(CAPFILE_SNAPLEN_MAX);

    say(why, "out of memory");
    if (filter && pcap && pcap_compile(pcap, &filter->program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0) {
        pcap_close(pcap);
        return filter;
    }
    if (pcap) {
        if (filter)
            say(why, pcap_geterr(pcap));
        pcap_close(pcap);
    }
    free(filter);
    return NULL;
}

bool capfile_filter_match(const struct capfile_filter *filter, const struct capfile_frame *frame)
{
    struct pcap_pkthdr header = header_of(frame, CAPFILE_SNAPLEN_MAX);

    return pcap_offline_filter(&filter->program, &header, frame->data) != 0;
}

void capfile_filter_close(struct capfile_filter *filter)
{
    if (!filter)
        return;
    pcap_freecode(&filter->program);
    free(filter);
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

struct capfile_writer {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    unsigned snaplen;
};

struct capfile_writer *capfile_writer_open(const char *path, unsigned snaplen, char why[CAPFILE_WHY])
{
    struct capfile_writer *writer = calloc(1, sizeof(*writer));

    say(why, "out of memory");
    if (!writer)
        return NULL;
    writer->snaplen = snaplen;
    writer->pcap = ethernet(snaplen);
    if (writer->pcap) {
        writer->dumper = pcap_dump_open(writer->pcap, path);
        if (writer->dumper)
            return writer;
        say(why, pcap_geterr(writer->pcap));
        pcap_close(writer->pcap);
    }
    free(writer);
    return NULL;
}

int capfile_writer_fd(const struct capfile_writer *writer)
{
    return fileno(pcap_dump_file(writer->dumper));
}

int capfile_write(struct capfile_writer *writer, const struct capfile_frame *frame)
{
    struct pcap_pkthdr header = header_of(frame, writer->snaplen);

    pcap_dump((void *)writer->dumper, &header, frame->data);
    return ferror(pcap_dump_file(writer->dumper)) ? -1 : 0;
}

int capfile_flush(struct capfile_writer *writer)
{
    return pcap_dump_flush(writer->dumper) == 0 ? 0 : -1;
}

void capfile_writer_close(struct capfile_writer *writer)
{
    if (!writer)
        return;
    /* pcap_dump_close() would close the program's standard output, too */
    if (pcap_dump_file(writer->dumper) != stdout)
        pcap_dump_close(writer->dumper);
    pcap_close(writer->pcap);
    free(writer);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

struct capfile_reader {
    pcap_t *pcap;
};

static pcap_t *read_ethernet(FILE *file, char why[CAPFILE_WHY])
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, text);

    if (!pcap) {
        say(why, text);
        if (file != stdin)
            (void)fclose(file);
        return NULL;
    }
    int type = pcap_datalink(pcap);
    if (type == DLT_EN10MB)
        return pcap;
    const char *name = pcap_datalink_val_to_name(type);
    (void)snprintf(why, CAPFILE_WHY, "its frames are not Ethernet (link type %d, %s)", type,
                   name ? name : "unknown");
    pcap_close(pcap); /* and the file with it */
    return NULL;
}

struct capfile_reader *capfile_reader_open(const char *path, char why[CAPFILE_WHY])
{
    struct capfile_reader *reader = calloc(1, sizeof(*reader));

    say(why, "out of memory");
    if (!reader)
        return NULL;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file)
        say(why, strerror(errno));
    else
        reader->pcap = read_ethernet(file, why);
    if (reader->pcap)
        return reader;
    free(reader);
    return NULL;
}

int capfile_read(struct capfile_reader *reader, struct capfile_frame *frame, char why[CAPFILE_WHY])
{
    struct pcap_pkthdr *header;
    const u_char *data;

    int ret = pcap_next_ex(reader->pcap, &header, &data);
    if (ret == PCAP_ERROR_BREAK)
        return 0;
    if (ret != 1) {
        say(why, pcap_geterr(reader->pcap));
        return -1;
    }
    *frame = (struct capfile_frame){.data = data, .len = header->caplen, .wire_len = header->len};
    frame->time.tv_sec = header->ts.tv_sec;
    frame->time.tv_nsec = header->ts.tv_usec;
    return 1;
}

void capfile_reader_close(struct capfile_reader *reader)
{
    if (!reader)
        return;
    pcap_close(reader->pcap);
    free(reader);
}
