/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tap that writes what passes to a capture file, by libpcap's writer.  The file shows what the handles exchange: a
 * frame with an unfinished checksum or beyond the MTU is written as it is, as tcpdump on the interface shows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <pcap/pcap.h>

#include "core/fail.h"
#include "core/layers/layer.h"

#define SNAPLEN_ALL 262144 /* MAXIMUM_SNAPLEN of libpcap: more than any frame */

struct pcap_io {
    struct feth_io io;
    pthread_mutex_t lock; /* the receiving and the sending thread write to one file */
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    unsigned snaplen;
};

static void write_frame(struct pcap_io *p, const struct timespec *now, const struct iovec *iov,
                        unsigned iovcnt, uint32_t wire_len)
{
    uint8_t frame[FETH_FRAME_MAX];
    struct pcap_pkthdr header = {.len = wire_len};

    /* a file of nanosecond precision takes them in the microseconds' field: pcap_open_dead(3) */
    header.ts.tv_sec = now->tv_sec;
    header.ts.tv_usec = (suseconds_t)now->tv_nsec;
    const uint8_t *data = iov[0].iov_base;
    size_t have = iov[0].iov_len;
    if (iovcnt > 1) {
        have = 0;
        for (unsigned i = 0; i < iovcnt && have < p->snaplen; i++) {
            size_t room = sizeof(frame) - have, take = iov[i].iov_len < room ? iov[i].iov_len : room;
            memcpy(frame + have, iov[i].iov_base, take);
            have += take;
        }
        data = frame;
    }
    header.caplen = (uint32_t)(have < p->snaplen ? have : p->snaplen);
    pcap_dump((void *)p->dumper, &header, data);
}

static int pcap_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err)
{
    struct pcap_io *p = (struct pcap_io *)io;
    struct timespec now;

    int n = feth_io_recv_batch(io->lower, frames, max, err);
    if (n <= 0)
        return n;
    pthread_mutex_lock(&p->lock);
    clock_gettime(CLOCK_REALTIME, &now); /* under the lock, so that times in the file never go back */
    for (int i = 0; i < n; i++) {
        struct iovec iov = {.iov_base = frames[i].data, .iov_len = frames[i].len};
        write_frame(p, &now, &iov, 1, frames[i].wire_len);
    }
    /* whoever looks while we run, or after we were killed, finds whole records */
    (void)pcap_dump_flush(p->dumper);
    pthread_mutex_unlock(&p->lock);
    return n;
}

static int pcap_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err)
{
    struct pcap_io *p = (struct pcap_io *)io;
    struct timespec now;

    int sent = feth_io_send_batch(io->lower, frames, n, err);
    if (sent <= 0)
        return sent;
    pthread_mutex_lock(&p->lock);
    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < sent; i++) {
        size_t len = 0;
        for (unsigned k = 0; k < frames[i].iovcnt; k++)
            len += frames[i].iov[k].iov_len;
        write_frame(p, &now, frames[i].iov, frames[i].iovcnt, (uint32_t)len);
    }
    (void)pcap_dump_flush(p->dumper);
    pthread_mutex_unlock(&p->lock);
    return sent;
}

static bool pcap_pending(const struct feth_io *io)
{
    return feth_io_pending(io->lower);
}

static void close_file(struct pcap_io *p)
{
    /* pcap_dump_close() would close the program's standard output, too: that one is not ours */
    if (pcap_dump_file(p->dumper) == stdout)
        (void)pcap_dump_flush(p->dumper);
    else
        pcap_dump_close(p->dumper);
    pcap_close(p->pcap);
}

static void pcap_layer_close(struct feth_io *io)
{
    struct pcap_io *p = (struct pcap_io *)io;

    close_file(p);
    pthread_mutex_destroy(&p->lock);
}

static const struct feth_io_ops pcap_ops = {
    .name = "pcap",
    .recv = pcap_recv,
    .send = pcap_send,
    .pending = pcap_pending,
    .close = pcap_layer_close,
};

static int open_file(struct pcap_io *p, const char *path, unsigned snaplen, struct feth_error *err)
{
    p->snaplen = snaplen && snaplen < SNAPLEN_ALL ? snaplen : SNAPLEN_ALL;
    p->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)p->snaplen, PCAP_TSTAMP_PRECISION_NANO);
    if (!p->pcap)
        return feth_fail(err, FETH_ENOMEM, 0, "capture", p->io.name, NULL);
    p->dumper = pcap_dump_open(p->pcap, path);
    if (p->dumper) {
        FILE *file = pcap_dump_file(p->dumper);
        if (file != stdout) /* no program that is started later gets it */
            (void)fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
        return 0;
    }
    int why = errno;
    /* libpcap's text names the path and the reason */
    int ret = feth_fail(err, FETH_ESYS, 0, "capture", p->io.name, "cannot write the file: %s",
                        pcap_geterr(p->pcap));
    if (err)
        err->sys_errno = why;
    pcap_close(p->pcap);
    return ret;
}

int feth_io_pcap(struct feth_io **io, const char *path, unsigned snaplen, struct feth_error *err)
{
    if (!path || path[0] == '\0')
        return feth_fail(err, FETH_EINVAL, 0, "capture", (*io)->name, "a file name is required, or \"-\"");
    struct feth_io *layer = feth_layer_new(sizeof(struct pcap_io), &pcap_ops, *io);
    if (!layer)
        return feth_fail(err, FETH_ENOMEM, 0, "capture", (*io)->name, NULL);
    struct pcap_io *p = (struct pcap_io *)layer;
    int ret = open_file(p, path, snaplen, err);
    if (ret < 0) {
        feth_layer_delete(layer);
        return ret;
    }
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        close_file(p);
        feth_layer_delete(layer);
        return feth_fail(err, FETH_ENOMEM, 0, "capture", (*io)->name, NULL);
    }
    *io = layer;
    return 0;
}
