/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cli.h"
#include "networks.h"
#include "offloads.h"
#include "sending.h"
#include "values.h"

/* ---- the table ---------------------------------------------------------------------------------------------- */

enum id {
    HOST = 256,
    IO,
    HOST_ADDR,
    ADDR,
    HOST_ADDR6,
    ADDR6,
    MTU,
    MAC,
    OFFLOAD,
    HOST_OFFLOAD,
    BUSY_POLL,
    SEND_BY,
    PCAP,
    LOSS,
    DELAY,
    JITTER,
    DUP,
    REORDER,
    CORRUPT,
    RATE,
    SEED,
    STATS,
    NETNS,
    SELFTEST,
    VERSION,
    VERBOSE = 'v',
    HELP = 'h'
};

/* One row an option: it is parsed by it, and the help is printed from it. */
static const struct row {
    const char *name, *value, *help;
    int id;
} rows[] = {
    {"host", "NAME", "name of the host side of the pair (default: the lowest free feth)", HOST},
    {"io", "NAME",
     "attach to this interface, which exists, and leave it be; with --host: make a pair of these names", IO},
    {"host-addr", "CIDR", "the host's IPv4 address (default: 10.0.0.1/24)", HOST_ADDR},
    {"addr", "CIDR", "the stack's IPv4 address (default: the one after the host's: 10.0.0.2)", ADDR},
    {"host-addr6", "CIDR", "the host's IPv6 address (default: fd00:feed::1/64)", HOST_ADDR6},
    {"addr6", "CIDR", "the stack's IPv6 address (default: the one after the host's: fd00:feed::2)", ADDR6},
    {"mtu", "N", "MTU of both ends (default: 1500)", MTU},
    {"mac", "MAC", "the stack's MAC address (default: one bit from the interface's)", MAC},
    {"offload", "on|off", "leave checksums and segmentation to the kernel (default: on)", OFFLOAD},
    {"host-offload", "WHAT", "macOS: what the host leaves to the stack: csum, tso or all (default: off)",
     HOST_OFFLOAD},
    {"busy-poll", "US",
     "look this many microseconds for more frames before sleeping, where that pays (default: 50; 0: never)",
     BUSY_POLL},
    {"send-by", "WAY", "how frames are sent, on macOS (default: auto, the best there is)", SEND_BY},
    {"pcap", "FILE", "write every frame to a capture file", PCAP},
    {"loss", "P", "lose frames with this probability, each way (2% or 0.02)", LOSS},
    {"delay", "TIME", "delay frames, each way (20ms)", DELAY},
    {"jitter", "TIME", "let the delay vary by as much", JITTER},
    {"dup", "P", "duplicate frames", DUP},
    {"reorder", "P", "let frames be overtaken", REORDER},
    {"corrupt", "P", "flip a bit of frames", CORRUPT},
    {"rate", "BITS", "limit the rate, each way (10M bits a second)", RATE},
    {"seed", "N", "seed of the chances: the same seed, the same run (default: 1)", SEED},
    {"stats", "SECONDS", "print counters this often", STATS},
    {"netns", NULL,
     "run in a network namespace of its own, without root (Linux); a command after -- runs there as "
     "the host",
     NETNS},
    {"selftest", NULL, "test the stack against a second one: no interface, no privilege", SELFTEST},
    {"verbose", NULL, "say what happens", VERBOSE},
    {"help", NULL, "this text", HELP},
    {"version", NULL, "the version", VERSION},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void print_help(void)
{
    printf("usage: " PROGRAM " [OPTION…]\n"
           "       " PROGRAM " [OPTION…] --netns [-- COMMAND…]\n"
           "       " PROGRAM " --selftest\n"
           "\n"
           "An lwIP stack on the far end of a pair of interfaces: ping it, curl it.  It answers ICMP, echo "
           "(7),\n"
           "discard (9), chargen (19), HTTP (80) and iperf 2 (5001), over IPv4 and IPv6.\n"
           "\n");
    for (int i = 0; i < ROWS; i++) {
        char left[40];
        (void)snprintf(left, sizeof(left), "%s--%s%s%s",
                       rows[i].id == 'v'   ? "-v, "
                       : rows[i].id == 'h' ? "-h, "
                                           : "",
                       rows[i].name, rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
        printf("  %-20s %s\n", left, rows[i].help);
    }
}

static int read_impairment(struct options *o, int id, const char *name, const char *value)
{
    struct feth_impairment *i = &o->impairment;

    o->impair = true;
    switch (id) {
    case LOSS:
        return value_probability(name, value, &i->loss);
    case DUP:
        return value_probability(name, value, &i->duplicate);
    case REORDER:
        return value_probability(name, value, &i->reorder);
    case CORRUPT:
        return value_probability(name, value, &i->corrupt);
    case DELAY:
        return value_time(name, value, &i->delay_ns);
    case JITTER:
        return value_time(name, value, &i->jitter_ns);
    default:
        return value_rate(name, value, &i->rate_bps);
    }
}

static int read_mtu(struct options *o, const char *value)
{
    uint64_t n;

    int ret = value_count("mtu", value, UINT64_MAX, &n);
    if (ret)
        return ret;
    /* lwIP's 16-bit lengths count the Ethernet header; below 576 IPv4 hosts need not take whole datagrams */
    if (n < 576 || n > 65521)
        return value_refused("mtu", value, "576 to 65521 are possible");
    o->mtu = (unsigned)n;
    return 0;
}

static int read_busy_poll(struct options *o, const char *value)
{
    uint64_t n;

    int ret = value_count("busy-poll", value, UINT64_MAX, &n);
    if (ret)
        return ret;
    if (n > 1000)
        return value_refused("busy-poll", value, "0 to 1000 microseconds are possible");
    o->busy_poll_us = (unsigned)n;
    return 0;
}

static int read_stats(struct options *o, const char *value)
{
    const char *unit;

    if (value_number(value, &o->stats_seconds, &unit) && *unit == '\0' && o->stats_seconds >= 0.1 &&
        o->stats_seconds <= 86400)
        return 0;
    return value_refused("stats", value, "seconds are required, 0.1 to 86400");
}

static int read_option(struct options *o, int id, const char *name, const char *value)
{
    struct feth_error err;

    switch (id) {
    case HOST:
        o->host = value;
        return feth_unit_of_name(value, &err) < 0 ? cli_usage(PROGRAM, "--host: %s", err.text) : 0;
    case IO:
        o->io = value;
        if (value[0] == '\0' || strlen(value) >= FETH_NAME_SIZE)
            return value_refused(name, value, "an interface name has 1 to 15 characters");
        return 0;
    case HOST_ADDR:
        return value_addr(name, value, AF_INET, &o->host4);
    case ADDR:
        return value_addr(name, value, AF_INET, &o->addr4);
    case HOST_ADDR6:
        return value_addr(name, value, AF_INET6, &o->host6);
    case ADDR6:
        return value_addr(name, value, AF_INET6, &o->addr6);
    case MTU:
        return read_mtu(o, value);
    case MAC:
        o->has_mac = true;
        return feth_mac_parse(value, o->mac, &err) < 0 ? cli_usage(PROGRAM, "--mac: %s", err.text) : 0;
    case OFFLOAD:
        o->offload = strcmp(value, "on") == 0;
        return o->offload || strcmp(value, "off") == 0 ? 0
                                                       : value_refused(name, value, "on or off is required");
    case HOST_OFFLOAD:
        return offloads_read(value, &o->host_offload) ? 0 : value_refused(name, value, OFFLOADS_WANTED);
    case BUSY_POLL:
        return read_busy_poll(o, value);
    case SEND_BY:
        return sending_read(value, &o->tx_path) ? 0 : value_refused(name, value, SENDING_WANTED);
    case PCAP:
        o->pcap = value;
        return 0;
    case SEED:
        return value_count(name, value, UINT64_MAX, &o->seed);
    case STATS:
        return read_stats(o, value);
    case NETNS:
        o->netns = true;
        return 0;
    case SELFTEST:
        o->selftest = true;
        return 0;
    case VERBOSE:
        o->verbose = true;
        return 0;
    default:
        return read_impairment(o, id, name, value);
    }
}

/* ---- what fits together ------------------------------------------------------------------------------------- */

static int check(struct options *o)
{
    struct feth_error err;
    static const char default4[] = "10.0.0.1/24", default6[] = "fd00:feed::1/64";

    if (o->host4.family == AF_UNSPEC && feth_addr_parse(default4, &o->host4, NULL) < 0)
        return CLI_FAILED;
    if (o->host6.family == AF_UNSPEC && feth_addr_parse(default6, &o->host6, NULL) < 0)
        return CLI_FAILED;
    int ret = networks_check(&o->host4, &o->addr4, "host-addr", "addr");
    if (ret == 0)
        ret = networks_check(&o->host6, &o->addr6, "host-addr6", "addr6");
    if (ret)
        return ret;
    if (o->host && o->io && feth_unit_of_name(o->io, &err) < 0)
        return cli_usage(PROGRAM, "--io: %s", err.text);
    if (o->host && o->io && strcmp(o->host, o->io) == 0)
        return cli_usage(PROGRAM, "--host and --io are both %s: a pair has two ends", o->host);
    if (o->host_offload && (o->selftest || (o->io && !o->host)))
        return cli_usage(PROGRAM, "--host-offload is decided when a pair is created, and none is");
    if (o->io && !o->host && o->netns)
        return cli_usage(PROGRAM, "--io %s: a new namespace has no such interface to attach to", o->io);
    if (o->command && !o->netns)
        return cli_usage(PROGRAM, "a command runs in a namespace: --netns -- %s", o->command[0]);
    if (o->selftest && (o->netns || o->host || o->io))
        return cli_usage(PROGRAM, "--selftest uses no interface: --netns, --host and --io do not go with it");
    return -1;
}

int options_parse(int argc, char **argv, struct options *o)
{
    struct option longs[ROWS + 1];

    memset(o, 0, sizeof(*o));
    o->offload = true;
    o->busy_poll_us = 50;
    o->seed = 1;
    memset(longs, 0, sizeof(longs));
    for (int i = 0; i < ROWS; i++) {
        longs[i].name = rows[i].name;
        longs[i].has_arg = rows[i].value ? required_argument : no_argument;
        longs[i].val = rows[i].id;
    }
    opterr = 0;
    for (;;) {
        int at = optind, which = -1;
        int id = getopt_long(argc, argv, "+:hv", longs, &which);
        if (id == -1)
            break;
        if (id == HELP) {
            print_help();
            return CLI_OK;
        }
        if (id == VERSION) {
            printf(PROGRAM " " FETH_VERSION "\n");
            return CLI_OK;
        }
        if (id == ':')
            return cli_usage(PROGRAM, "%s needs a value", argv[at]);
        if (id == '?')
            return cli_usage(PROGRAM, "%s is not an option", argv[at]);
        int ret = read_option(o, id, which >= 0 ? rows[which].name : "", optarg);
        if (ret)
            return ret;
    }
    if (optind < argc) {
        /* getopt takes the "--" away: without one it is a word that should not be there */
        if (strcmp(argv[optind - 1], "--") != 0)
            return cli_usage(PROGRAM, "\"%s\" is not an option; a command comes after --", argv[optind]);
        o->command = argv + optind;
    }
    return check(o);
}
