/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is asked for is read first, then done, then said.  Where a step fails the steps before it are taken
 * back.
 */
#include "set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "netaddrs.h"
#include "show.h"

#define SET PROGRAM " set"

enum { PEER = ARGS_LONG_ONLY, ADDR, ADD_ADDR, DEL_ADDR, MTU, MAC, STATE, NUD, ACCEPT_RA };

/* An address that was asked for, and how. */
struct wanted {
    int how; /* ADDR, ADD_ADDR or DEL_ADDR */
    struct feth_addr addr;
};

struct request {
    const char *name, *peer; /* peer: "none" removes it */
    bool replace;            /* the addresses by those of --addr */
    struct wanted *wanted;
    size_t n_wanted;
    unsigned long mtu; /* 0: as it is */
    bool has_mac;
    uint8_t mac[FETH_MAC_SIZE];
    enum feth_setting up, nud, accept_ra;
    bool anything;
};

/* ---- reading ------------------------------------------------------------------------------------------------ */

static int take_addr(struct request *r, int how, const char *text)
{
    struct feth_error err;
    struct feth_addr addr;

    if (how == ADDR && strcmp(text, "none") == 0) {
        r->replace = true;
        return 0;
    }
    if (feth_addr_parse(text, &addr, &err) < 0)
        return cli_usage(SET, "%s", err.text);
    r->replace = r->replace || how == ADDR;
    r->wanted[r->n_wanted++] = (struct wanted){.how = how, .addr = addr};
    return 0;
}

static int take_mac(struct request *r, const char *text)
{
    struct feth_error err;

    r->has_mac = true;
    if (strcmp(text, "random") == 0)
        return feth_mac_random(r->mac, &err) < 0 ? cli_fail_feth(SET, &err) : 0;
    return feth_mac_parse(text, r->mac, &err) < 0 ? cli_usage(SET, "%s", err.text) : 0;
}

static int take_switch(const char *option, const char *on, const char *off, const char *text,
                       enum feth_setting *setting)
{
    if (strcmp(text, on) != 0 && strcmp(text, off) != 0)
        return cli_usage(SET, "--%s is %s or %s, not \"%s\"", option, on, off, text);
    *setting = strcmp(text, on) == 0 ? FETH_ON : FETH_OFF;
    return 0;
}

static int take_peer(struct request *r, const char *text)
{
    struct feth_error err;

    r->peer = text;
    if (strcmp(text, "none") == 0 || feth_unit_of_name(text, &err) >= 0)
        return 0;
    return cli_usage(SET, "%s", err.text);
}

static int take_option(const struct args *args, struct request *r, int id, const char *text)
{
    r->anything = true;
    switch (id) {
    case PEER:
        return take_peer(r, text);
    case MTU:
        return args_number(args, "the MTU", text, 1, 65535, &r->mtu);
    case MAC:
        return take_mac(r, text);
    case STATE:
        return take_switch("state", "up", "down", text, &r->up);
    case NUD:
        return take_switch("nud", "on", "off", text, &r->nud);
    case ACCEPT_RA:
        return take_switch("accept-ra", "on", "off", text, &r->accept_ra);
    default:
        return take_addr(r, id, text);
    }
}

static int read_request(struct args *args, struct request *r)
{
    struct feth_error err;
    char *value;
    int ret = 0;

    for (int id; ret == 0 && (id = args_next(args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args->status;
        if (id != ARGS_OPERAND)
            ret = take_option(args, r, id, value);
        else if (r->name)
            ret = cli_usage(SET, "one interface at a time: %s is a second one", value);
        else
            r->name = value;
    }
    if (ret)
        return ret;
    if (!r->name)
        return cli_usage(SET, "the name of an interface is required");
    if (feth_unit_of_name(r->name, &err) < 0)
        return cli_usage(SET, "%s", err.text);
    return r->anything ? 0 : cli_usage(SET, "nothing is to be set: give an option such as --state up");
}

/* ---- doing -------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct request *r, const struct feth_addr *addr)
{
    const struct feth_status one = {.addrs = (struct feth_addr[]){*addr}, .n_addrs = 1};

    for (size_t i = 0; i < r->n_wanted; i++)
        if (r->wanted[i].how != DEL_ADDR && set_has_addr(&one, &r->wanted[i].addr))
            return true;
    return false;
}

static int set_addrs(struct feth_ctl *ctl, const struct request *r, const struct feth_status *before,
                     struct feth_error *err)
{
    int ret = 0;

    for (size_t i = 0; ret == 0 && r->replace && i < before->n_addrs; i++) {
        if (netaddrs_link_local6(&before->addrs[i]) || is_wanted(r, &before->addrs[i]))
            continue;
        ret = feth_del_addr(ctl, r->name, &before->addrs[i], err);
        if (ret == FETH_ENOADDR) /* Linux may remove all of a network along with its first */
            ret = 0;
    }
    for (size_t i = 0; ret == 0 && i < r->n_wanted; i++)
        ret = r->wanted[i].how == DEL_ADDR ? feth_del_addr(ctl, r->name, &r->wanted[i].addr, err)
                                           : feth_add_addr(ctl, r->name, &r->wanted[i].addr, err);
    return ret;
}

/* What is bound to fail, before anything is changed: taking back a new peer costs on Linux what peering costs. */
static int check(const struct request *r, const struct feth_status *before)
{
    char text[FETH_ADDR_TEXT_SIZE];

    for (size_t i = 0; i < r->n_wanted; i++)
        if (r->wanted[i].how == DEL_ADDR && !set_has_addr(before, &r->wanted[i].addr))
            return cli_fail(PROGRAM, "%s has no address %s to remove", r->name,
                            feth_addr_format(&r->wanted[i].addr, text));
    return CLI_OK;
}

static int apply(struct feth_ctl *ctl, const struct request *r, const struct feth_status *before,
                 struct feth_error *err)
{
    int ret = 0;

    if (r->has_mac)
        ret = feth_set_mac(ctl, r->name, r->mac, err);
    if (ret == 0 && r->mtu)
        ret = feth_set_mtu(ctl, r->name, (unsigned)r->mtu, err);
    if (ret == 0 && r->peer)
        ret = feth_set_peer(ctl, r->name, strcmp(r->peer, "none") == 0 ? NULL : r->peer, err);
    if (ret == 0 && r->nud)
        ret = feth_set_nud(ctl, r->name, r->nud == FETH_ON, err);
    if (ret == 0 && r->accept_ra)
        ret = feth_set_accept_ra(ctl, r->name, r->accept_ra == FETH_ON, err);
    if (ret == 0)
        ret = set_addrs(ctl, r, before, err);
    if (ret == 0 && r->up)
        ret = feth_set_up(ctl, r->name, r->up == FETH_ON, err);
    return ret;
}

/* ---- saying ------------------------------------------------------------------------------------------------- */

static void say_addrs(const struct request *r, const struct feth_status *before)
{
    char text[FETH_ADDR_TEXT_SIZE];

    for (size_t i = 0; r->replace && i < before->n_addrs; i++)
        if (!netaddrs_link_local6(&before->addrs[i]) && !is_wanted(r, &before->addrs[i]))
            printf("removed addr %s from %s\n", feth_addr_format(&before->addrs[i], text), r->name);
    for (size_t i = 0; i < r->n_wanted; i++) {
        feth_addr_format(&r->wanted[i].addr, text);
        if (r->wanted[i].how == DEL_ADDR)
            printf("removed addr %s from %s\n", text, r->name);
        else
            printf("%s %s addr %s\n", r->wanted[i].how == ADDR ? "set" : "added", r->name, text);
    }
}

static void say(const struct request *r, const struct feth_status *before)
{
    char mac[SHOW_MAC_SIZE];

    if (r->has_mac)
        printf("set %s mac %s\n", r->name, show_mac(r->mac, mac));
    if (r->mtu)
        printf("set %s mtu %lu\n", r->name, r->mtu);
    if (r->peer && strcmp(r->peer, "none") == 0)
        printf("removed peer from %s\n", r->name);
    else if (r->peer)
        printf("set peer %s -> %s\n", r->name, r->peer);
    if (r->nud)
        printf("set %s nud %s\n", r->name, r->nud == FETH_ON ? "on" : "off");
    if (r->accept_ra)
        printf("set %s accept-ra %s\n", r->name, r->accept_ra == FETH_ON ? "on" : "off");
    say_addrs(r, before);
    if (r->up)
        printf("%s is %s\n", r->name, r->up == FETH_ON ? "up" : "down");
}

/* ---- the command -------------------------------------------------------------------------------------------- */

static int set(struct feth_ctl *ctl, const struct request *r)
{
    struct feth_status before;
    struct feth_error err, undo;
    int status = CLI_OK;

    if (feth_get_status(ctl, r->name, &before, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    status = check(r, &before);
    if (status == CLI_OK && apply(ctl, r, &before, &err) < 0) {
        status = command_fail(&err);
        /* what is not ours has not been changed; what was ours a moment ago may have been */
        if (before.ownership != FETH_FOREIGN && set_undo(ctl, &before, &undo) < 0)
            cli_fail(PROGRAM, "%s could not be made what it was: %s", r->name, undo.text);
    } else if (status == CLI_OK) {
        say(r, &before);
    }
    feth_status_clear(&before);
    return status;
}

static int set_run(const struct args_command *command, int argc, char **argv)
{
    struct request r = {.wanted = calloc((size_t)argc, sizeof(*r.wanted))};
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;

    if (!r.wanted)
        return cli_fail(PROGRAM, "out of memory");
    args_begin(&args, command, SET, argc, argv);
    int status = read_request(&args, &r);
    if (status == CLI_OK && !args.stopped) {
        if (feth_ctl_open(&ctl, &err) < 0) {
            status = cli_fail_feth(PROGRAM, &err);
        } else {
            status = set(ctl, &r);
            feth_ctl_close(ctl);
        }
    }
    free(r.wanted);
    return status;
}

static const struct args_option options[] = {
    {PEER, "peer", "NAME|none", ARGS_PEER, "connect it to another interface, or disconnect it"},
    {ADDR, "addr", "CIDR|none", ARGS_ADDR, "have these addresses and no others; repeatable"},
    {ADD_ADDR, "add-addr", "CIDR", ARGS_TEXT, "have one more address; repeatable"},
    {DEL_ADDR, "del-addr", "CIDR", ARGS_TEXT, "have one address less; repeatable"},
    {MTU, "mtu", "N", ARGS_TEXT, "bytes of an IP packet"},
    {MAC, "mac", "MAC|random", ARGS_MAC, "the MAC address"},
    {STATE, "state", "up|down", ARGS_UP_DOWN, "bring it up or take it down"},
    {NUD, "nud", "on|off", ARGS_ON_OFF, "IPv6 neighbour unreachability detection"},
    {ACCEPT_RA, "accept-ra", "on|off", ARGS_ON_OFF, "take IPv6 router advertisements"},
    {0},
};

const struct args_command set_command = {
    .name = "set",
    .operands = "NAME",
    .summary = "Sets peer, addresses, MTU, MAC, state and IPv6 settings of an interface",
    .details = "Either all is set, or what was set is taken back.  Addresses are IPv4 or IPv6, with a prefix "
               "length:\n"
               "10.0.0.1/24.  --addr leaves IPv6 link-local addresses alone, unless one is named.",
    .word = ARGS_FETH,
    .options = options,
    .run = set_run,
};
