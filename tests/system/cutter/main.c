/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine in the middle that makes a wire of it: between two interfaces large frames are cut into those that fit,
 * checksums are completed, and now and then a piece of a large frame is lost.  It looks at one TCP port and counts what
 * is sent again on account of that.
 *
 *     cutter STACK HOST PORT EVERY     lose a piece of one in EVERY large frames; 0: none
 *     cutter STACK HOST PORT bad       lose, delay, double and damage pieces and frames of all kinds, by chance
 *
 * It says "ready" and at its end, SIGTERM or SIGINT, what it has counted, as one JSON object.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <feth/io.h>

#include "core/bytes.h"
#include "core/offload.h"

#define BATCH 64

/** One direction. */
struct way {
    struct feth_io *from, *to;
    const char *name;
    /* the connection's state */
    bool known;
    uint32_t high; /**< the sequence number behind all that was seen, lost or not */
    bool missing;  /**< a piece was lost and has not been sent again */
    uint32_t lost_seq;
    size_t lost_len;
    /* counts */
    unsigned large;      /**< frames of several segments */
    unsigned candidates; /**< of these, those that might lose a piece */
    unsigned lost, alone, together;
    uint64_t lost_bytes, resent_bytes;
};

static unsigned every;
static uint16_t port;
static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static int die(const struct feth_error *err)
{
    fprintf(stderr, "cutter: %s\n", err->text);
    return 1;
}

/* ---- segments ----------------------------------------------------------------------------------------------- */

struct segment {
    const uint8_t *tcp;
    size_t payload;
};

/** Is it a segment of the port, behind an IP header without options? */
static bool find_segment(const uint8_t *frame, size_t len, struct segment *s)
{
    size_t l4, end;

    if (len >= 54 && feth_get16(frame + 12) == 0x0800 && frame[14] == 0x45 && frame[23] == 6) {
        l4 = 34;
        end = 14u + feth_get16(frame + 16);
    } else if (len >= 74 && feth_get16(frame + 12) == 0x86dd && frame[20] == 6) {
        l4 = 54;
        end = 54u + feth_get16(frame + 18);
    } else {
        return false;
    }
    s->tcp = frame + l4;
    if (end > len || l4 + (s->tcp[12] >> 4) * 4u > end ||
        (feth_get16(s->tcp) != port && feth_get16(s->tcp + 2) != port))
        return false;
    s->payload = end - l4 - (s->tcp[12] >> 4) * 4u;
    return true;
}

/** Count a segment.  @param piece of a large frame, or by itself  @return whether it is one not seen before */
static bool count(struct way *way, const struct segment *s, bool piece)
{
    enum { SYN = 2 };
    uint32_t seq = feth_get32(s->tcp + 4), end = seq + (uint32_t)s->payload;

    if (s->tcp[13] & SYN) {
        way->known = true;
        way->missing = false;
        way->high = seq + 1;
        return false;
    }
    if (!way->known || s->payload == 0)
        return false;
    bool again = (int32_t)(seq - way->high) < 0;
    if (again) {
        uint32_t old = (int32_t)(end - way->high) < 0 ? end : way->high;
        way->resent_bytes += old - seq;
    }
    if (again && way->missing && (int32_t)(seq - way->lost_seq) <= 0 && (int32_t)(end - way->lost_seq) > 0) {
        way->missing = false;
        if (!piece && seq == way->lost_seq && s->payload == way->lost_len)
            way->alone++;
        else
            way->together++;
    }
    if ((int32_t)(end - way->high) > 0)
        way->high = end;
    return !again;
}

/* ---- frames ------------------------------------------------------------------------------------------------- */

static void pass(struct way *way, const uint8_t *frame, size_t len)
{
    struct feth_error err;

    /* what cannot be sent is lost, as on any wire */
    feth_io_set_nonblock(way->to, false);
    if (feth_io_send(way->to, frame, len, &err) < 0)
        fprintf(stderr, "cutter: %s\n", err.text);
    feth_io_set_nonblock(way->to, true);
}

static void cut(struct way *way, const struct feth_frame *frame)
{
    static uint8_t piece[FETH_FRAME_MAX];
    struct feth_gso gso;
    struct segment s;
    size_t len;

    if (!feth_gso_begin(&gso, frame))
        return;
    unsigned pieces = (unsigned)((gso.payload + gso.size - 1) / gso.size);
    way->large++;
    bool candidate = every && pieces >= 4 && way->known && !way->missing &&
                     find_segment(frame->data, frame->len, &s) && feth_get32(s.tcp + 4) == way->high &&
                     ++way->candidates % every == 0;
    while ((len = feth_gso_next(&gso, piece)) > 0) {
        bool fresh = find_segment(piece, len, &s) && count(way, &s, true);
        if (fresh && candidate && gso.count == 1 + pieces / 2) {
            way->missing = true;
            way->lost_seq = feth_get32(s.tcp + 4);
            way->lost_len = s.payload;
            way->lost++;
            way->lost_bytes += s.payload;
        } else {
            pass(way, piece, len);
        }
    }
}

static void take(struct way *way, struct feth_frame *frame)
{
    struct segment s;

    if (frame->offload.gso_type != FETH_GSO_NONE) {
        cut(way, frame);
        return;
    }
    feth_offload_complete(frame);
    if (find_segment(frame->data, frame->len, &s))
        count(way, &s, false);
    pass(way, frame->data, frame->len);
}

/** Everything that is there.  @return 0, or an error that stays */
static int carry(struct way *way, struct feth_error *err)
{
    struct feth_frame frames[BATCH];
    int n;

    while ((n = feth_io_recv_batch(way->from, frames, BATCH, err)) > 0)
        for (int i = 0; i < n; i++) {
            take(way, &frames[i]);
            feth_frames_release(&frames[i], 1);
        }
    return n == FETH_EAGAIN || n == FETH_EDOWN ? 0 : n;
}

/* ---- running ------------------------------------------------------------------------------------------------ */

static struct feth_io *open_end(const char *name, bool bad)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_impair_config impair = FETH_IMPAIR_CONFIG_INIT;
    struct feth_io *io;
    struct feth_error err;

    config.nonblock = config.offload = true;
    config.socket_buffer = 16 << 20;
    if (feth_io_open(&io, name, &config, &err) < 0)
        exit(die(&err));
    /* the layer is given cut frames */
    impair.seed = 1;
    impair.rx = (struct feth_impairment){.loss = 0.02, .reorder = 0.02, .duplicate = 0.01, .corrupt = 0.01};
    if (bad && feth_io_impair(&io, &impair, &err) < 0)
        exit(die(&err));
    return io;
}

static void report(const struct way *way, const char *after)
{
    struct feth_io_stats stats;

    feth_io_get_stats(way->from, &stats);
    printf(
        "\"%s\": {\"large\": %u, \"lost\": %u, \"lost_bytes\": %llu, \"resent_bytes\": %llu, \"alone\": %u, "
        "\"together\": %u, \"overrun\": %llu}%s",
        way->name, way->large, way->lost, (unsigned long long)way->lost_bytes,
        (unsigned long long)way->resent_bytes, way->alone, way->together,
        (unsigned long long)stats.rx_dropped, after);
}

int main(int argc, char **argv)
{
    struct feth_error err;

    if (argc != 5) {
        fprintf(stderr, "usage: cutter STACK HOST PORT EVERY|bad\n");
        return 2;
    }
    port = (uint16_t)strtoul(argv[3], NULL, 10);
    every = (unsigned)strtoul(argv[4], NULL, 10);
    bool bad = strcmp(argv[4], "bad") == 0;
    struct feth_io *stack = open_end(argv[1], bad), *host = open_end(argv[2], bad);
    struct way ways[2] = {{.from = stack, .to = host, .name = "to_host"},
                          {.from = host, .to = stack, .name = "to_stack"}};
    struct pollfd fds[2] = {{.fd = feth_io_fd(stack), .events = POLLIN},
                            {.fd = feth_io_fd(host), .events = POLLIN}};
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    puts("ready");
    fflush(stdout);

    int ret = 0;
    while (!stopped && ret == 0) {
        /* not for ever: a signal may come in between */
        if (poll(fds, 2, 100) < 0)
            continue;
        for (unsigned i = 0; i < 2 && ret == 0; i++)
            ret = carry(&ways[i], &err);
    }
    if (ret == 0) {
        printf("{");
        report(&ways[0], ", ");
        report(&ways[1], "}\n");
    }
    feth_io_close(stack);
    feth_io_close(host);
    return ret < 0 ? die(&err) : 0;
}
