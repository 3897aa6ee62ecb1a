/* SPDX-License-Identifier: Apache-2.0 */
#include "setup.h"

#include <errno.h>
#include <string.h>

#include "cli.h"
#include "netaddrs.h"

#define MTU_MIN_IP6 1280 /* RFC 8200, 5 */

/* ---- is the network free? ----------------------------------------------------------------------------------- */

struct overlap {
    const struct feth_addr *wanted;
    const char *option;
    int status;
};

static void compare(const char *ifname, const struct feth_addr *addr, void *arg)
{
    struct overlap *o = arg;
    char a[FETH_ADDR_TEXT_SIZE], b[FETH_ADDR_TEXT_SIZE];

    if (o->status == CLI_OK && feth_addr_overlap(addr, o->wanted))
        o->status =
            cli_fail(PROGRAM, "the network of %s is already that of %s (%s): choose another one with --%s",
                     feth_addr_format(o->wanted, a), ifname, feth_addr_format(addr, b), o->option);
}

static int check_free(const struct feth_addr *wanted, const char *option)
{
    struct overlap o = {.wanted = wanted, .option = option, .status = CLI_OK};

    if (netaddrs_each(compare, &o) < 0)
        return cli_fail(PROGRAM, "cannot read this machine's addresses: %s", strerror(errno));
    return o.status;
}

/* ---- the pair ----------------------------------------------------------------------------------------------- */

static int make_pair(struct setup *s, const struct options *o)
{
    struct feth_config host = FETH_CONFIG_INIT, io = FETH_CONFIG_INIT;
    char text4[FETH_ADDR_TEXT_SIZE], text6[FETH_ADDR_TEXT_SIZE];
    const char *addrs[2] = {feth_addr_format(&o->host4, text4), feth_addr_format(&o->host6, text6)};
    struct feth_error err;

    int ret = check_free(&o->host4, "host-addr");
    if (ret == 0 && s->ip6)
        ret = check_free(&o->host6, "host-addr6");
    if (ret)
        return ret;
    host.addrs = addrs;
    host.n_addrs = s->ip6 ? 2 : 1;
    host.mtu = o->mtu;
    host.up = io.up = true;
    host.offload = o->host_offload;
    if (!o->impair) /* else the host would look at no checksum, and believe what was corrupted */
        io.offload = o->host_offload;
    if (o->host && (host.unit = feth_unit_of_name(o->host, &err)) < 0)
        return cli_fail_feth(PROGRAM, &err);
    if (o->io && (io.unit = feth_unit_of_name(o->io, &err)) < 0)
        return cli_fail_feth(PROGRAM, &err);
    if (feth_ctl_open(&s->ctl, &err) < 0 || feth_pair_create(s->ctl, &host, &io, &s->pair, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    s->made = true;
    return 0;
}

/* ---- the handle --------------------------------------------------------------------------------------------- */

int setup_layers(struct feth_io **io, const struct options *o)
{
    struct feth_impair_config impair = FETH_IMPAIR_CONFIG_INIT;
    struct feth_error err;

    if (o->impair) {
        impair.seed = o->seed;
        impair.rx = impair.tx = o->impairment;
        if (feth_io_impair(io, &impair, &err) < 0)
            return cli_fail_feth(PROGRAM, &err);
    }
    /* outermost: it shows what the stack sees and says */
    if (o->pcap && feth_io_pcap(io, o->pcap, 0, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    return 0;
}

static int open_io(struct setup *s, const struct options *o)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_error err;

    config.nonblock = true;
    config.offload = o->offload;
    config.tx_path = o->tx_path;
    if (feth_io_open(&s->io, s->made ? s->pair.io : o->io, &config, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    return setup_layers(&s->io, o);
}

static unsigned mtu_of(const struct feth_io *io)
{
    struct feth_link link;

    feth_io_get_link(io, &link);
    return link.mtu;
}

int setup_open(struct setup *s, const struct options *o)
{
    int ret = 0;

    memset(s, 0, sizeof(*s));
    s->ip6 = o->mtu == 0 || o->mtu >= MTU_MIN_IP6;
    if (!o->io || o->host)
        ret = make_pair(s, o);
    if (ret == 0)
        ret = open_io(s, o);
    if (ret) {
        setup_close(s);
        return ret;
    }
    s->ip6 = s->ip6 && mtu_of(s->io) >= MTU_MIN_IP6;
    return 0;
}

int setup_close(struct setup *s)
{
    struct feth_error err;
    int ret = 0;

    feth_io_close(s->io);
    s->io = NULL;
    /* an end that somebody has destroyed already is no error */
    if (s->made && feth_pair_destroy(s->ctl, &s->pair, &err) < 0) {
        (void)cli_fail_feth(PROGRAM, &err);
        ret = cli_fail(PROGRAM, "%s and %s may be left behind: \"fethctl gc\" removes what is", s->pair.host,
                       s->pair.io);
    }
    s->made = false;
    feth_ctl_close(s->ctl);
    s->ctl = NULL;
    return ret;
}
