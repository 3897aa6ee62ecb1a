/* SPDX-License-Identifier: Apache-2.0 */
#include "setup.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "cli.h"

#define MTU_MIN_IP6 1280 /* RFC 8200, 5 */

/* ---- is the network free? ----------------------------------------------------------------------------------- */

/* An address of this machine with its prefix length; false: of another family. */
static bool local_addr(const struct ifaddrs *ifa, struct feth_addr *addr)
{
    const uint8_t *mask;
    size_t size;

    if (!ifa->ifa_addr || !ifa->ifa_netmask)
        return false;
    memset(addr, 0, sizeof(*addr));
    addr->family = ifa->ifa_addr->sa_family;
    if (addr->family == AF_INET) {
        size = 4;
        memcpy(addr->bytes, &((const struct sockaddr_in *)(const void *)ifa->ifa_addr)->sin_addr, size);
        mask = (const uint8_t *)&((const struct sockaddr_in *)(const void *)ifa->ifa_netmask)->sin_addr;
    } else if (addr->family == AF_INET6) {
        size = 16;
        memcpy(addr->bytes, &((const struct sockaddr_in6 *)(const void *)ifa->ifa_addr)->sin6_addr, size);
        mask = (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)ifa->ifa_netmask)->sin6_addr;
    } else {
        return false;
    }
    for (size_t i = 0; i < size; i++)
        for (int bit = 7; bit >= 0 && mask[i] & 1 << bit; bit--)
            addr->prefix++;
    return true;
}

static int check_free(const struct feth_addr *wanted, const char *option)
{
    struct ifaddrs *all;
    struct feth_addr addr;
    char a[FETH_ADDR_TEXT_SIZE], b[FETH_ADDR_TEXT_SIZE];
    int ret = 0;

    if (getifaddrs(&all) < 0)
        return cli_fail(PROGRAM, "cannot read this machine's addresses: %s", strerror(errno));
    for (const struct ifaddrs *ifa = all; ifa && ret == 0; ifa = ifa->ifa_next)
        if (local_addr(ifa, &addr) && feth_addr_overlap(&addr, wanted))
            ret = cli_fail(PROGRAM,
                           "the network of %s is already that of %s (%s): choose another one with --%s",
                           feth_addr_format(wanted, a), ifa->ifa_name, feth_addr_format(&addr, b), option);
    freeifaddrs(all);
    return ret;
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
    if (s->made && feth_pair_destroy(s->ctl, &s->pair, &err) < 0)
        ret = cli_fail_feth(PROGRAM, &err);
    s->made = false;
    feth_ctl_close(s->ctl);
    s->ctl = NULL;
    return ret;
}
