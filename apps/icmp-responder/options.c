/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <feth/feth.h>

#include "cli.h"
#include "run.h"

void responder_usage(const char *program)
{
    printf("usage: %s NAME ADDR [ADDR6] [--mac MAC] [-q]\n"
           "\n"
           "Answers ARP, ping, IPv6 neighbour solicitations and ping -6 on the I/O side of a pair.\n"
           "\n"
           "  NAME        the interface, for example feth101\n"
           "  ADDR        the IPv4 address to answer as; or the IPv6 address alone\n"
           "  ADDR6       the IPv6 address to answer as\n"
           "  --mac MAC   the MAC address to answer with (default: 02:00: and the IPv4 address)\n"
           "  -q          no line for each answer\n"
           "  -h, --help  this text\n",
           program);
}

static int add_addr(struct responder_options *o, const char *text)
{
    struct responder_config *c = &o->config;
    struct feth_error err;
    struct feth_addr addr;

    if (feth_addr_parse(text, &addr, &err) < 0)
        return cli_usage(o->program, "%s", err.text);
    bool *has = addr.family == AF_INET ? &c->has_ip4 : &c->has_ip6;
    if (*has)
        return cli_usage(o->program, "%s is a second %s address; one of each family can be answered for",
                         text, addr.family == AF_INET ? "IPv4" : "IPv6");
    if (addr.family == AF_INET6 ? addr.bytes[0] == 0xff : addr.bytes[0] == 0 || addr.bytes[0] >= 224)
        return cli_usage(o->program, "%s is not the address of a station", text);
    *has = true;
    if (addr.family == AF_INET)
        memcpy(c->ip4, addr.bytes, sizeof(c->ip4));
    else
        memcpy(c->ip6, addr.bytes, sizeof(c->ip6));
    return 0;
}

static int add_positional(struct responder_options *o, const char *text)
{
    if (o->ifname)
        return add_addr(o, text);
    o->ifname = text;
    return 0;
}

int responder_parse(int argc, char **argv, const char *program, struct responder_options *o)
{
    static const struct option longs[] = {
        {"mac", required_argument, NULL, 'm'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct feth_error err;
    bool has_mac = false;
    int opt, ret = 0;

    memset(o, 0, sizeof(*o));
    o->program = program;
    opterr = 0;
    /* BSD's getopt stops at the first operand, glibc's with '+' too: so operands are taken here, one by one */
    while (optind < argc) {
        int at = optind;
        opt = getopt_long(argc, argv, "+:hq", longs, NULL);
        switch (opt) {
        case -1:
            if (optind < argc)
                ret = add_positional(o, argv[optind++]);
            break;
        case 'm':
            if (feth_mac_parse(optarg, o->config.mac, &err) < 0)
                ret = cli_usage(program, "%s", err.text);
            has_mac = true;
            break;
        case 'q':
            o->quiet = true;
            break;
        case 'h':
            return -1;
        case ':':
            ret = cli_usage(program, "%s needs a value", argv[at]);
            break;
        default:
            ret = cli_usage(program, "%s is not an option", argv[at]);
            break;
        }
        if (ret)
            return ret;
    }
    if (!o->ifname)
        return cli_usage(program, "an interface name and an address are required");
    if (!o->config.has_ip4 && !o->config.has_ip6)
        return cli_usage(program, "an address to answer as is required");
    if (has_mac)
        return 0;
    if (o->config.has_ip4)
        responder_default_mac(o->config.ip4, o->config.mac);
    else
        responder_default_mac(o->config.ip6 + 12, o->config.mac);
    return 0;
}
