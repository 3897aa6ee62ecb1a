/* SPDX-License-Identifier: Apache-2.0 */
#include "stack.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"

#include "options.h"

ip_addr_t stack_ip(const struct feth_addr *addr)
{
    ip_addr_t ip;

    memset(&ip, 0, sizeof(ip));
    if (addr->family == AF_INET) {
        IP_SET_TYPE_VAL(ip, IPADDR_TYPE_V4);
        memcpy(&ip_2_ip4(&ip)->addr, addr->bytes, 4);
    } else {
        IP_SET_TYPE_VAL(ip, IPADDR_TYPE_V6);
        memcpy(ip_2_ip6(&ip)->addr, addr->bytes, 16);
    }
    return ip;
}

const char *stack_bare(const struct feth_addr *addr, char text[FETH_ADDR_TEXT_SIZE])
{
    feth_addr_format(addr, text);
    *strchr(text, '/') = '\0'; /* there always is one */
    return text;
}

static void on_link(struct netif *netif, const struct feth_link *link, void *arg)
{
    const struct stack *s = arg;

    (void)netif;
    if (!s->verbose)
        return;
    fprintf(stderr, PROGRAM ": %s is %s, MTU %u\n", feth_io_name(s->io),
            link->gone       ? "gone"
            : !link->up      ? "down"
            : !link->carrier ? "up, but its peer is not"
                             : "up",
            link->mtu);
}

static void add_ip6(struct netif *netif, const struct feth_addr *addr)
{
    ip_addr_t ip = stack_ip(addr);
    s8_t index = -1;

    if (netif_add_ip6_address(netif, ip_2_ip6(&ip), &index) == ERR_OK && index >= 0)
        netif_ip6_addr_set_state(netif, index, IP6_ADDR_PREFERRED);
    /* both ends of the cable are ours: nobody else can have these addresses, there is no need to ask */
    netif_ip6_addr_set_state(netif, 0, IP6_ADDR_PREFERRED);
}

int stack_start(struct stack *s, struct feth_io *io, const struct feth_addr *addr4,
                const struct feth_addr *addr6, const uint8_t *mac, unsigned mtu, struct feth_error *err)
{
    struct fethif_config config = {.size = sizeof(config),
                                   .io = io,
                                   .mac = mac,
                                   .mtu = mtu,
                                   .busy_poll_us = s->busy_poll_us,
                                   .link_changed = on_link,
                                   .arg = s};
    ip4_addr_t ip, mask, gateway;

    s->io = io;
    s->addr4 = *addr4;
    s->addr6 = *addr6;
    lwip_init();
    int ret = fethif_new(&s->driver, &config, err);
    if (ret < 0)
        return ret;

    memcpy(&ip.addr, addr4->bytes, sizeof(ip.addr));
    mask.addr = addr4->prefix ? lwip_htonl(UINT32_MAX << (32 - addr4->prefix)) : 0;
    ip4_addr_set_any(&gateway);
    if (!netif_add(&s->netif, &ip, &mask, &gateway, s->driver, fethif_init, netif_input)) {
        fethif_free(s->driver);
        s->driver = NULL;
        snprintf(err->text, sizeof(err->text), "lwIP does not take the interface");
        return err->code = FETH_ENOMEM;
    }
    netif_set_default(&s->netif);
    if (addr6->family == AF_INET6)
        add_ip6(&s->netif, addr6);
    netif_set_up(&s->netif);
    return 0;
}

/* Datagrams of which fragments are missing would wait for the rest: let their time pass. */
static void drop_fragments(void)
{
    for (int second = 0; second <= IP_REASS_MAXAGE; second++)
        ip_reass_tmr();
    for (int second = 0; second <= IPV6_REASS_MAXAGE; second++)
        ip6_reass_tmr();
}

void stack_stop(struct stack *s)
{
    if (!s->driver)
        return;
    fethif_flush(s->driver);
    netif_remove(&s->netif);
    drop_fragments();
    fethif_free(s->driver);
    s->driver = NULL;
}
