/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"
#include "offloads.h"

enum { PAIR = ARGS_LONG_ONLY, HOST_ADDR, MTU, OFFLOAD, UP };

struct request {
    bool pair;
    char **units; /* as given, checked */
    int n_units;
    const char **addrs; /* of the host side */
    size_t n_addrs;
    unsigned long mtu;
    unsigned offload;
    bool up;
};

/* 7 or feth7 */
static int read_unit(const char *text, struct feth_error *err)
{
    char *end;
    long unit = strtol(text, &end, 10);
    char name[FETH_NAME_SIZE];

    if (!isdigit((unsigned char)text[0]) || *end)
        return feth_unit_of_name(text, err);
    unit = unit > FETH_UNIT_MAX ? FETH_UNIT_MAX + 1 : unit;
    int ret = feth_name_of_unit((int)unit, name, err);
    return ret < 0 ? ret : (int)unit;
}

static int take_option(struct args *args, struct request *r, int id, const char *value)
{
    struct feth_addr addr;
    struct feth_error err;

    switch (id) {
    case PAIR:
        r->pair = true;
        return 0;
    case HOST_ADDR:
        if (feth_addr_parse(value, &addr, &err) < 0)
            return cli_usage(args->program, "%s", err.text);
        r->addrs[r->n_addrs++] = value;
        return 0;
    case MTU:
        return args_number(args, "the MTU", value, 1, 65535, &r->mtu);
    case OFFLOAD:
        return offloads_read(value, &r->offload)
                   ? 0
                   : cli_usage(args->program, "--offload %s: " OFFLOADS_WANTED, value);
    default:
        r->up = true;
        return 0;
    }
}

static int read_request(struct args *args, struct request *r)
{
    struct feth_error err;
    char *value;

    for (int id; (id = args_next(args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args->status;
        if (id != ARGS_OPERAND) {
            if (take_option(args, r, id, value))
                return CLI_USAGE;
            continue;
        }
        if (read_unit(value, &err) < 0)
            return isdigit((unsigned char)value[0])
                       ? cli_usage(args->program, "\"%s\" is not a unit: a whole number from 0 to %d", value,
                                   FETH_UNIT_MAX)
                       : cli_usage(args->program, "%s", err.text);
        r->units[r->n_units++] = value;
    }
    if (r->pair && r->n_units != 0 && r->n_units != 2)
        return cli_usage(args->program, "a pair has two ends: name both, or none for free units");
    if (!r->pair && r->n_addrs)
        return cli_usage(args->program, "--host-addr is for --pair");
    return 0;
}

static int unit_at(const struct request *r, int i)
{
    return r->n_units ? read_unit(r->units[i], NULL) : FETH_UNIT_AUTO;
}

static struct feth_config config_for(const struct request *r, int i)
{
    struct feth_config config = FETH_CONFIG_INIT;

    config.unit = unit_at(r, i);
    config.mtu = (unsigned)r->mtu;
    config.offload = r->offload;
    config.up = r->up;
    config.lifetime = FETH_PERSISTENT;
    return config;
}

static int create_pair(struct feth_ctl *ctl, const struct request *r)
{
    struct feth_config host = config_for(r, 0), io = config_for(r, 1);
    struct feth_error err;
    struct feth_pair pair;

    host.addrs = r->addrs;
    host.n_addrs = r->n_addrs;
    if (feth_pair_create(ctl, &host, &io, &pair, &err) < 0)
        return command_fail(&err);
    printf("created %s\ncreated %s\nset peer %s -> %s\n", pair.host, pair.io, pair.host, pair.io);
    for (size_t i = 0; i < r->n_addrs; i++)
        printf("set %s addr %s\n", pair.host, r->addrs[i]);
    if (r->up)
        printf("%s is up\n%s is up\n", pair.host, pair.io);
    return CLI_OK;
}

/* All of them or none. */
static int create_each(struct feth_ctl *ctl, const struct request *r)
{
    int n = r->n_units ? r->n_units : 1, done = 0, status = CLI_OK;
    char(*names)[FETH_NAME_SIZE] = calloc((size_t)n, sizeof(*names));
    struct feth_error err;

    if (!names)
        return cli_fail(PROGRAM, "out of memory");
    while (done < n && status == CLI_OK) {
        struct feth_config config = config_for(r, done);
        if (feth_create(ctl, &config, names[done], &err) < 0)
            status = command_fail(&err);
        else
            done++;
    }
    while (status != CLI_OK && done > 0)
        if (feth_destroy(ctl, names[--done], &err) < 0)
            cli_fail_feth(PROGRAM, &err);
    for (int i = 0; i < done; i++) {
        printf("created %s\n", names[i]);
        if (r->up)
            printf("%s is up\n", names[i]);
    }
    free(names);
    return status;
}

static int create_run(const struct args_command *command, int argc, char **argv)
{
    struct request r = {.units = argv}; /* operands gather behind what has been read */
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;

    r.addrs = calloc((size_t)argc, sizeof(*r.addrs));
    if (!r.addrs)
        return cli_fail(PROGRAM, "out of memory");
    args_begin(&args, command, PROGRAM " create", argc, argv);
    int status = read_request(&args, &r);
    if (status == CLI_OK && !args.stopped) {
        if (feth_ctl_open(&ctl, &err) < 0) {
            status = cli_fail_feth(PROGRAM, &err);
        } else {
            status = r.pair ? create_pair(ctl, &r) : create_each(ctl, &r);
            feth_ctl_close(ctl);
        }
    }
    free(r.addrs);
    return status;
}

static const struct args_option options[] = {
    {PAIR, "pair", NULL, ARGS_TEXT, "create two interfaces that are each other's peer"},
    {HOST_ADDR, "host-addr", "CIDR", ARGS_TEXT, "with --pair: an address of the host side; repeatable"},
    {MTU, "mtu", "N", ARGS_TEXT, "bytes of an IP packet (default: 1500)"},
    {OFFLOAD, "offload", "WHAT", ARGS_OFFLOAD,
     "macOS: what the system leaves undone: csum, tso or all (default: off)"},
    {UP, "up", NULL, ARGS_TEXT, "bring up what was created"},
    {0},
};

const struct args_command create_command = {
    .name = "create",
    .operands = "[UNIT…] | --pair [HOST IO]",
    .summary = "Creates interfaces, or a whole pair",
    .details =
        "A unit is a number: 7, or feth7, names feth7.  Without one the lowest free unit is taken.  With "
        "--pair\n"
        "the first is the host side, which carries addresses, and the second the I/O side.  Either all is\n"
        "created as asked for, or nothing.  What is created stays until it is destroyed by name.",
    .word = ARGS_TEXT,
    .options = options,
    .run = create_run,
};
