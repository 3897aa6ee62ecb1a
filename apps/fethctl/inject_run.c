/* SPDX-License-Identifier: Apache-2.0 */
/* fethctl inject: the loop. */
#include "inject.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include <feth/io.h>

#include "capfile.h"
#include "cli.h"
#include "commands.h"

enum { BATCH = 64, NAMED_MAX = 10 };

#define SECOND 1000000000u

enum skipped { CUT, SHORT, LONG, REFUSED, REASONS };

struct injection {
    const struct inject_options *o;
    struct feth_io *io;
    struct capfile_reader *reader;
    int stop_fd;
    uint64_t read, sent, skipped[REASONS];
    unsigned named;               /* skipped frames that were told one by one */
    struct timespec start, first; /* our clock, and the file's, when the first frame was read */

    /* frames that wait to leave together */
    uint8_t *memory; /* BATCH times FETH_FRAME_MAX */
    unsigned n;
    uint64_t numbers[BATCH]; /* in the file, from 1 */
    struct iovec iov[BATCH];
    struct feth_tx tx[BATCH];
};

/* ---- frames that are not sent ------------------------------------------------------------------------------- */

static void skip(struct injection *in, enum skipped reason, uint64_t number, const char *why)
{
    in->skipped[reason]++;
    if (in->named < NAMED_MAX)
        (void)cli_fail(in->o->program, "frame %" PRIu64 " is not sent: %s", number, why);
    else if (in->named == NAMED_MAX)
        (void)cli_fail(in->o->program, "further ones that are not sent are only counted");
    else
        return;
    in->named++;
}

/* ---- sending ------------------------------------------------------------------------------------------------ */

/* @return 0, or the exit status after the error was printed */
static int send_waiting(struct injection *in)
{
    struct feth_error err;
    unsigned at = 0;

    while (at < in->n && !cli_caught()) {
        int ret = feth_io_send_batch(in->io, in->tx + at, in->n - at, &err);
        if (ret > 0) {
            at += (unsigned)ret;
            in->sent += (unsigned)ret;
            continue;
        }
        switch (ret) {
        case FETH_EAGAIN: /* a signal came */
            continue;
        case FETH_ESHORT:
            skip(in, SHORT, in->numbers[at], err.text);
            break;
        case FETH_ELONG:
            skip(in, LONG, in->numbers[at], err.text);
            break;
        case FETH_EINVAL:
            skip(in, REFUSED, in->numbers[at], err.text);
            break;
        default:
            return command_fail(&err);
        }
        at++;
    }
    in->n = 0;
    return 0;
}

static int add(struct injection *in, const struct capfile_frame *frame)
{
    char why[80];

    if (frame->len < frame->wire_len) {
        (void)snprintf(why, sizeof(why), "the file has %" PRIu32 " of its %" PRIu32 " bytes", frame->len,
                       frame->wire_len);
        skip(in, CUT, in->read, why);
        return 0;
    }
    /* known at once, so that what is told is in the order of the file */
    if (frame->len < FETH_FRAME_MIN) {
        (void)snprintf(why, sizeof(why), "%" PRIu32 " bytes are less than an Ethernet header", frame->len);
        skip(in, SHORT, in->read, why);
        return 0;
    }
    if (frame->len > FETH_FRAME_MAX) {
        (void)snprintf(why, sizeof(why), "no frame has %" PRIu32 " bytes", frame->len);
        skip(in, LONG, in->read, why);
        return 0;
    }
    uint8_t *copy = in->memory + (size_t)in->n * FETH_FRAME_MAX;
    memcpy(copy, frame->data, frame->len);
    in->numbers[in->n] = in->read;
    in->iov[in->n] = (struct iovec){.iov_base = copy, .iov_len = frame->len};
    in->tx[in->n] = (struct feth_tx){.iov = &in->iov[in->n], .iovcnt = 1};
    in->n++;
    return in->n == BATCH ? send_waiting(in) : 0;
}

/* ---- pace --------------------------------------------------------------------------------------------------- */

/* Nanoseconds from one time to a later one; 0 where it is not later. */
static uint64_t between(const struct timespec *from, const struct timespec *to)
{
    int64_t seconds = (int64_t)to->tv_sec - from->tv_sec, ns = (int64_t)to->tv_nsec - from->tv_nsec;

    if (seconds < 0 || (seconds == 0 && ns < 0))
        return 0;
    return (uint64_t)(seconds * (int64_t)SECOND + ns);
}

static uint64_t elapsed(const struct injection *in)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return between(&in->start, &now);
}

/* When the frame just read is to leave, in nanoseconds from the start. */
static uint64_t due(const struct injection *in, const struct capfile_frame *frame)
{
    if (in->o->as_recorded)
        return between(&in->first, &frame->time);
    return (uint64_t)((double)(in->read - 1) * SECOND / in->o->rate);
}

/* Until then, or until a signal comes. */
static void wait_until(const struct injection *in, uint64_t then)
{
    for (uint64_t now; !cli_caught() && (now = elapsed(in)) < then;) {
        struct timespec left = {.tv_sec = (time_t)((then - now) / SECOND),
                                .tv_nsec = (long)((then - now) % SECOND)};
        fd_set fds;
        FD_ZERO(&fds);
        FD_SET(in->stop_fd, &fds);
        (void)pselect(in->stop_fd + 1, &fds, NULL, NULL, &left, NULL);
    }
}

/* What waits leaves before a pause.  @return 0, or the exit status after the error was printed */
static int keep_pace(struct injection *in, const struct capfile_frame *frame)
{
    int status = 0;

    if (in->read == 1) {
        clock_gettime(CLOCK_MONOTONIC, &in->start);
        in->first = frame->time;
    }
    if (in->o->rate > 0 || in->o->as_recorded) {
        uint64_t then = due(in, frame);
        if (elapsed(in) < then) {
            status = send_waiting(in);
            wait_until(in, then);
        }
    }
    return status;
}

/* ---- all ---------------------------------------------------------------------------------------------------- */

/* @return the exit status */
static int send_file(struct injection *in)
{
    struct capfile_frame frame;
    char why[CAPFILE_WHY];
    int status = CLI_OK, ret = 1;

    while (status == CLI_OK && !cli_caught() && (ret = capfile_read(in->reader, &frame, why)) == 1) {
        in->read++;
        status = keep_pace(in, &frame);
        if (status == CLI_OK && !cli_caught())
            status = add(in, &frame);
    }
    if (status == CLI_OK)
        status = send_waiting(in);
    if (cli_caught())
        return cli_fail(in->o->program, "interrupted: the rest of %s is not sent", in->o->path);
    if (status == CLI_OK && ret < 0)
        return cli_fail(in->o->program, "cannot read on in %s after frame %" PRIu64 ": %s", in->o->path,
                        in->read, why);
    return status;
}

/* @return whether every frame was sent */
static bool print_totals(const struct injection *in)
{
    static const char *const names[REASONS] = {
        [CUT] = "cut in the capture", [SHORT] = "too short", [LONG] = "too long", [REFUSED] = "refused"};
    struct feth_io_stats stats;
    uint64_t skipped = 0;
    const char *separator = ": ";

    feth_io_get_stats(in->io, &stats);
    for (int i = 0; i < REASONS; i++)
        skipped += in->skipped[i];
    printf("sent %" PRIu64 " frame%s", in->sent, in->sent == 1 ? "" : "s");
    if (stats.tx_dropped)
        printf(" (%" PRIu64 " of them dropped by the interface)", stats.tx_dropped);
    if (skipped)
        printf(", skipped %" PRIu64, skipped);
    for (int i = 0; i < REASONS; i++)
        if (in->skipped[i]) {
            printf("%s%" PRIu64 " %s", separator, in->skipped[i], names[i]);
            separator = ", ";
        }
    printf("\n");
    return !skipped && !stats.tx_dropped;
}

static int open_both(struct injection *in)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_error err;
    char why[CAPFILE_WHY];

    in->reader = capfile_reader_open(in->o->path, why);
    if (!in->reader)
        return cli_fail(in->o->program, "cannot read %s: %s", in->o->path, why);
    in->memory = malloc((size_t)BATCH * FETH_FRAME_MAX);
    if (!in->memory)
        return cli_fail(in->o->program, "out of memory");
    config.rx_buffers = 1; /* nothing is received */
    return feth_io_open(&in->io, in->o->ifname, &config, &err) < 0 ? command_fail(&err) : CLI_OK;
}

int inject(const struct inject_options *o)
{
    struct injection in = {.o = o};

    in.stop_fd = cli_catch_signals();
    if (in.stop_fd < 0)
        return cli_fail(o->program, "cannot catch signals: %s", strerror(errno));
    int status = open_both(&in);
    if (status == CLI_OK) {
        status = send_file(&in);
        if (!print_totals(&in))
            status = CLI_FAILED;
    }
    feth_io_close(in.io);
    free(in.memory);
    capfile_reader_close(in.reader);
    return status;
}
