/* SPDX-License-Identifier: Apache-2.0 */
/* fethctl capture: the loop. */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <feth/io.h>

#include "capfile.h"
#include "cli.h"
#include "commands.h"
#include "dissect.h"

#define BATCH 64

struct capture {
    const struct capture_options *o;
    struct feth_io *io;
    struct capfile_filter *filter;
    struct capfile_writer *writer; /* NULL: lines */
    struct timespec last;
    uint64_t seen, kept;
    bool ended;  /* the count is reached, or nothing can be written */
    bool lost;   /* the latter */
    bool unread; /* since nobody reads on: then nothing more is said */
};

/* ---- output ------------------------------------------------------------------------------------------------- */

/* The output is lost.  A closed pipe is a reader's way to say enough.  @return the exit status so far */
static int output_failed(struct capture *c, int why)
{
    c->ended = c->lost = true;
    if (why != EPIPE)
        return cli_fail(c->o->program, "cannot write %s: %s", c->o->path ? c->o->path : "the output",
                        strerror(why));
    c->unread = true;
    return CLI_OK;
}

/* What stdio still holds of a lost standard output goes nowhere, so that nobody stumbles over it again at exit. */
static void discard_stdout(void)
{
    int nowhere = open("/dev/null", O_WRONLY);

    if (nowhere >= 0) {
        (void)dup2(nowhere, STDOUT_FILENO);
        close(nowhere);
    }
    clearerr(stdout);
}

static int print_line(const struct capture *c, const struct capfile_frame *frame)
{
    char line[DISSECT_LINE], time[16] = "";
    struct tm tm;

    if (localtime_r(&frame->time.tv_sec, &tm))
        (void)strftime(time, sizeof(time), "%H:%M:%S", &tm);
    size_t have = frame->len < c->o->snaplen ? frame->len : c->o->snaplen;
    dissect(frame->data, have, frame->wire_len, line, sizeof(line));
    return printf("%s.%06ld %s\n", time, frame->time.tv_nsec / 1000, line) < 0 ? -1 : 0;
}

static int flush(struct capture *c)
{
    return c->writer ? capfile_flush(c->writer) : fflush(stdout);
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

/* Times never go back, although the clock may be set. */
static struct timespec next_time(struct capture *c)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    if (now.tv_sec > c->last.tv_sec || (now.tv_sec == c->last.tv_sec && now.tv_nsec > c->last.tv_nsec))
        c->last = now;
    return c->last;
}

/* @return 0, or -1 with errno */
static int take(struct capture *c, const struct feth_frame *from)
{
    struct capfile_frame frame = {
        .time = next_time(c), .data = from->data, .len = from->len, .wire_len = from->wire_len};

    c->seen++;
    if (c->filter && !capfile_filter_match(c->filter, &frame))
        return 0;
    c->kept++;
    c->ended = c->kept == c->o->count;
    if (c->writer)
        return capfile_write(c->writer, &frame);
    return c->o->quiet ? 0 : print_line(c, &frame);
}

/* All that is there now.  @return 0, or the exit status after the error was printed */
static int take_all(struct capture *c)
{
    struct feth_frame frames[BATCH];
    struct feth_error err;
    int status = 0;

    while (!c->ended && !cli_caught()) {
        int n = feth_io_recv_batch(c->io, frames, BATCH, &err);
        for (int i = 0; i < n && !c->ended; i++)
            if (take(c, &frames[i]) < 0)
                status = output_failed(c, errno);
        if (n > 0)
            feth_frames_release(frames, (unsigned)n);
        else if (n == FETH_EAGAIN)
            break;
        else if (n == FETH_EDOWN)
            fprintf(stderr, "%s is down; waiting for it to come up\n", c->o->ifname);
        else
            return command_fail(&err);
    }
    if (!c->lost && status == 0 && flush(c) != 0)
        status = output_failed(c, errno);
    return status;
}

/* ---- waiting ------------------------------------------------------------------------------------------------ */

/* The output if it is a pipe, -1 otherwise: the reader's end is noticed although no frame comes to be written. */
static int pipe_of(const struct capture *c)
{
    struct stat st;
    int fd = c->writer ? capfile_writer_fd(c->writer) : STDOUT_FILENO;

    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) ? fd : -1;
}

static int loop(struct capture *c, int stop_fd)
{
    /* POLLHUP is asked for since macOS tells it only then */
    struct pollfd fds[] = {{.fd = feth_io_fd(c->io), .events = POLLIN},
                           {.fd = stop_fd, .events = POLLIN},
                           {.fd = pipe_of(c), .events = POLLHUP}};
    int status = CLI_OK;

    while (status == CLI_OK && !c->ended && !cli_caught()) {
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0) {
            if (errno != EINTR)
                return cli_fail(c->o->program, "poll: %s", strerror(errno));
            continue;
        }
        status = take_all(c);
        if (fds[2].revents & (POLLHUP | POLLERR))
            c->ended = c->lost = c->unread = true;
    }
    return status;
}

static void print_totals(const struct capture *c)
{
    struct feth_io_stats stats;

    feth_io_get_stats(c->io, &stats);
    fprintf(stderr, "%" PRIu64 " frame%s seen", c->seen, c->seen == 1 ? "" : "s");
    if (c->filter)
        fprintf(stderr, ", %" PRIu64 " matched", c->kept);
    fprintf(stderr, ", %" PRIu64 " dropped\n", stats.rx_dropped);
}

static int run(struct capture *c, int stop_fd)
{
    if (!c->o->quiet)
        fprintf(stderr, "listening on %s\n", c->o->ifname);
    int status = loop(c, stop_fd);
    if (!c->unread)
        print_totals(c);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static int open_writer(struct capture *c)
{
    char why[CAPFILE_WHY];

    if (!c->o->path)
        return 0;
    c->writer = capfile_writer_open(c->o->path, c->o->snaplen, why);
    return c->writer ? 0 : cli_fail(c->o->program, "cannot write the file: %s", why);
}

static int open_filter(struct capture *c)
{
    char why[CAPFILE_WHY];

    if (!capfile_built() && (c->o->filter || c->o->path))
        return cli_fail(c->o->program,
                        "this build has no libpcap for files and filters: build with -DFETH_PCAP=ON");
    if (!c->o->filter)
        return 0;
    c->filter = capfile_filter_open(c->o->filter, why);
    return c->filter ? 0 : cli_usage(c->o->program, "\"%s\" is not a filter: %s", c->o->filter, why);
}

static int open_io(struct capture *c)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_link link;
    struct feth_error err;

    config.nonblock = true;
    config.see_sent = true; /* of whoever else is on this side of the cable */
    if (feth_io_open(&c->io, c->o->ifname, &config, &err) < 0)
        return command_fail(&err);
    feth_io_get_link(c->io, &link);
    if (!link.up)
        fprintf(stderr, "%s is down; waiting for it to come up\n", c->o->ifname);
    return 0;
}

int capture(const struct capture_options *o)
{
    struct capture c = {.o = o};
    int status;

    int stop_fd = cli_catch_signals();
    if (stop_fd < 0)
        return cli_fail(o->program, "cannot catch signals: %s", strerror(errno));
    signal(SIGPIPE, SIG_IGN); /* the write says it */
    /* the file last: nothing is overwritten for a capture that cannot be */
    if ((status = open_filter(&c)) == 0 && (status = open_io(&c)) == 0 && (status = open_writer(&c)) == 0) {
        /* the header of a stream comes at once, whoever reads it */
        if (c.writer && flush(&c) != 0)
            status = output_failed(&c, errno);
        else
            status = run(&c, stop_fd);
    }
    if (c.lost)
        discard_stdout();
    capfile_writer_close(c.writer);
    feth_io_close(c.io);
    capfile_filter_close(c.filter);
    return status;
}
