/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include <feth/feth.h>

#include "cli.h"
#include "run.h"
#include "sending.h"

enum { MAC = ARGS_LONG_ONLY, SEND_BY };

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

static int parse(struct args *args, struct responder_options *o)
{
    struct feth_error err;
    bool has_mac = false;
    char *value;
    int ret = 0;

    for (int id; ret == 0 && (id = args_next(args, &value)) != ARGS_END;) {
        switch (id) {
        case ARGS_STOP:
            return args->status;
        case ARGS_OPERAND:
            ret = add_positional(o, value);
            break;
        case MAC:
            if (feth_mac_parse(value, o->config.mac, &err) < 0)
                ret = cli_usage(o->program, "%s", err.text);
            has_mac = true;
            break;
        case SEND_BY:
            if (!sending_read(value, &o->tx_path))
                ret = cli_usage(o->program, "--send-by: \"%s\": %s", value, SENDING_WANTED);
            break;
        default:
            o->quiet = true;
            break;
        }
    }
    if (ret)
        return ret;
    if (!o->ifname)
        return cli_usage(o->program, "an interface name and an address are required");
    if (!o->config.has_ip4 && !o->config.has_ip6)
        return cli_usage(o->program, "an address to answer as is required");
    if (!has_mac)
        responder_default_mac(o->config.has_ip4 ? o->config.ip4 : o->config.ip6 + 12, o->config.mac);
    return 0;
}

int responder_main(const char *program, int argc, char **argv)
{
    struct responder_options o = {.program = program};
    struct args args;

    args_begin(&args, &icmp_command, program, argc, argv);
    int status = parse(&args, &o);
    return status || args.stopped ? status : responder_run(&o);
}

static int icmp_run(const struct args_command *command, int argc, char **argv)
{
    (void)command;
    return responder_main("fethctl icmp", argc, argv);
}

static const struct args_option options[] = {
    {MAC, "mac", "MAC", ARGS_TEXT, "the MAC address to answer with (default: 02:00: and the IPv4 address)"},
    {SEND_BY, "send-by", "WAY", ARGS_SEND_BY,
     "how frames are sent, on macOS (default: auto, the best there is)"},
    {'q', "quiet", NULL, ARGS_TEXT, "print nothing"},
    {0},
};

const struct args_command icmp_command = {
    .name = "icmp",
    .operands = "NAME ADDR [ADDR6]",
    .summary = "Answers ARP, ping, neighbour solicitations and ping -6 on the I/O side of a pair",
    .details = "NAME is the interface, for example feth101; ADDR the IPv4 address to answer as, or the IPv6 "
               "address\n"
               "alone.  Ends on Ctrl-C.",
    .word = ARGS_FETH,
    .options = options,
    .run = icmp_run,
};
