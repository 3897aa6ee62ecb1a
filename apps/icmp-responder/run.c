/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <feth/io.h>

#include "cli.h"

#define BATCH 64

/* One turn's frames and their replies, which leave together. */
struct turn {
    struct feth_frame frames[BATCH];
    struct responder_answer answers[BATCH];
    struct iovec iov[BATCH];
    struct feth_tx tx[BATCH];
    uint8_t *replies[BATCH]; /* FETH_FRAME_MAX + RESPONDER_GROWTH each */
};

static const char *ip_text(int family, const uint8_t *ip, char text[INET6_ADDRSTRLEN])
{
    const char *ok = inet_ntop(family, ip, text, INET6_ADDRSTRLEN);
    return ok ? ok : "?";
}

static const char *mac_text(const uint8_t mac[6], char text[18])
{
    (void)snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return text;
}

static void print_answer(const struct responder_answer *a, const uint8_t my_mac[6])
{
    static const char *const names[RESPONDER_KINDS] = {
        [RESPONDER_NONE] = "", [RESPONDER_ARP] = "ARP",      [RESPONDER_ICMP] = "ICMP",
        [RESPONDER_ND] = "ND", [RESPONDER_ICMP6] = "ICMPv6",
    };
    char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN], mac[18], to_mac[18];

    ip_text(a->family, a->from, from);
    ip_text(a->family, a->to, to);
    if (a->kind == RESPONDER_ARP || a->kind == RESPONDER_ND)
        printf("  %s reply: %s is-at %s\n    (to %s at %s)\n", names[a->kind], from, mac_text(my_mac, mac),
               to, mac_text(a->to_mac, to_mac));
    else
        printf("  %s reply: %s -> %s  id=%u seq=%u %" PRIu32 " bytes\n", names[a->kind], from, to,
               (unsigned)a->id, (unsigned)a->seq, a->bytes);
}

static void print_listening(const struct responder_options *o)
{
    char ip4[INET6_ADDRSTRLEN], ip6[INET6_ADDRSTRLEN], mac[18];
    const struct responder_config *c = &o->config;

    printf("listening on %s as ", o->ifname);
    if (c->has_ip4)
        printf("%s", ip_text(AF_INET, c->ip4, ip4));
    if (c->has_ip6)
        printf("%s%s", c->has_ip4 ? " and " : "", ip_text(AF_INET6, c->ip6, ip6));
    printf(" (%s)\n", mac_text(c->mac, mac));
}

static void print_totals(const struct responder *r, const struct feth_io_stats *stats)
{
    uint64_t answered = 0, ignored = 0;

    for (int i = 0; i < RESPONDER_KINDS; i++)
        answered += r->answered[i];
    for (int i = 0; i < IGNORED_REASONS; i++)
        ignored += r->ignored[i];
    printf("%" PRIu64 " answered, %" PRIu64 " ignored", answered, ignored);
    const char *separator = ": ";
    for (int i = 0; i < IGNORED_REASONS; i++)
        if (r->ignored[i]) {
            printf("%s%" PRIu64 " %s", separator, r->ignored[i],
                   responder_ignored_name((enum responder_ignored)i));
            separator = ", ";
        }
    printf("; %" PRIu64 " dropped by the kernel\n", stats->rx_dropped);
}

/* Replies are sent as far as the cable takes them: it may drop a ping as any cable. */
static int send_all(struct feth_io *io, const struct feth_tx *tx, unsigned n, struct feth_error *err)
{
    for (unsigned sent = 0; sent < n;) {
        int ret = feth_io_send_batch(io, tx + sent, n - sent, err);
        if (ret == FETH_EGONE || ret == FETH_ESYS)
            return ret;
        sent += ret > 0 ? (unsigned)ret : 1;
    }
    return 0;
}

static int one_turn(struct feth_io *io, struct responder *r, const struct responder_options *o,
                    struct turn *t, struct feth_error *err)
{
    unsigned replies = 0;

    int n = feth_io_recv_batch(io, t->frames, BATCH, err);
    if (n == FETH_EAGAIN)
        return n;
    if (n == FETH_EDOWN) {
        fprintf(stderr, "%s: %s is down; waiting for it to come up\n", o->program, o->ifname);
        return FETH_EAGAIN;
    }
    if (n < 0)
        return n;
    for (int i = 0; i < n; i++) {
        size_t len = responder_answer(r, t->frames[i].data, t->frames[i].len, t->replies[replies],
                                      &t->answers[replies]);
        if (len == 0)
            continue;
        t->iov[replies] = (struct iovec){.iov_base = t->replies[replies], .iov_len = len};
        t->tx[replies] = (struct feth_tx){.iov = &t->iov[replies], .iovcnt = 1};
        replies++;
    }
    feth_frames_release(t->frames, (unsigned)n);
    int ret = send_all(io, t->tx, replies, err);
    for (unsigned i = 0; i < replies && !o->quiet; i++)
        print_answer(&t->answers[i], r->config.mac);
    return ret;
}

static int loop(struct feth_io *io, struct responder *r, const struct responder_options *o, int stop_fd)
{
    struct pollfd fds[2] = {{.fd = feth_io_fd(io), .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
    struct feth_error err;
    struct turn *t = calloc(1, sizeof(*t));
    uint8_t *memory = malloc((size_t)BATCH * (FETH_FRAME_MAX + RESPONDER_GROWTH));
    int status = CLI_OK;

    if (!t || !memory)
        status = cli_fail(o->program, "out of memory");
    for (unsigned i = 0; i < BATCH && status == CLI_OK; i++)
        t->replies[i] = memory + (size_t)i * (FETH_FRAME_MAX + RESPONDER_GROWTH);
    while (status == CLI_OK && !cli_caught()) {
        int ret = one_turn(io, r, o, t, &err);
        if (ret < 0 && ret != FETH_EAGAIN)
            status = cli_fail_feth(o->program, &err);
        else if (ret == FETH_EAGAIN && poll(fds, 2, -1) < 0 && errno != EINTR)
            status = cli_fail(o->program, "poll: %s", strerror(errno));
    }
    free(memory);
    free(t);
    return status;
}

int responder_run(const struct responder_options *o)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct responder r = {.config = o->config};
    struct feth_io_stats stats;
    struct feth_error err;
    struct feth_io *io;

    config.nonblock = true;
    config.tx_path = o->tx_path;
    int stop_fd = cli_catch_signals();
    if (stop_fd < 0)
        return cli_fail(o->program, "cannot catch signals: %s", strerror(errno));
    if (feth_io_open(&io, o->ifname, &config, &err) < 0)
        return cli_fail_feth(o->program, &err);
    setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads along sees each answer at once */
    if (!o->quiet)
        print_listening(o);
    int status = loop(io, &r, o, stop_fd);
    feth_io_get_stats(io, &stats);
    if (!o->quiet)
        print_totals(&r, &stats);
    feth_io_close(io);
    return status;
}
