/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwip-echo's services on lwIP's own driver for TAP devices (contrib/ports/unix/port/netif/tapif.c), with our
 * lwipopts.h: only the driver differs.  The loop is the one that this driver has for NO_SYS.
 *
 *     PRECONFIGURED_TAPIF=tap0 feth_bench_tapif 10.0.0.2 fd00:feed::2
 *
 * The device has to be there, up, with the host's addresses.  Prints "ready" when the services listen; runs until it
 * is killed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lwip/init.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "netif/lwip_port.h"
#include "netif/tapif.h"

#include "services.h"

/* lwip-echo's pages tell of fethif, which is not here: there is no HTTP. */
err_t http_start(void)
{
    return ERR_OK;
}

static int die(const char *what)
{
    fprintf(stderr, "feth_bench_tapif: %s\n", what);
    return 1;
}

static void on_assertion(const char *what, const char *file, int line, void *arg)
{
    (void)arg;
    fprintf(stderr, "feth_bench_tapif: a fault in lwIP: %s (%s:%d)\n", what, file, line);
    abort();
}

int main(int argc, char **argv)
{
    ip4_addr_t ip4, mask, gateway;
    struct netif netif = {0};
    ip6_addr_t ip6;
    s8_t index = -1;

    if (argc != 3 || !ip4addr_aton(argv[1], &ip4) || !ip6addr_aton(argv[2], &ip6) ||
        !getenv("PRECONFIGURED_TAPIF"))
        return die("usage: PRECONFIGURED_TAPIF=NAME feth_bench_tapif ADDRESS ADDRESS6");
    IP4_ADDR(&mask, 255, 255, 255, 0);
    ip4_addr_set_any(&gateway);
    lwip_port_set_hooks(&(struct lwip_port_hooks){.assertion = on_assertion});
    lwip_init();
    if (!netif_add(&netif, &ip4, &mask, &gateway, NULL, tapif_init, netif_input))
        return die("lwIP does not take the interface");
    netif.flags |= NETIF_FLAG_MLD6; /* tapif leaves it out: nobody would hear who asks for our IPv6 address */
    netif_create_ip6_linklocal_address(&netif, 1);
    netif_ip6_addr_set_state(&netif, 0, IP6_ADDR_PREFERRED);
    if (netif_add_ip6_address(&netif, &ip6, &index) != ERR_OK || index < 0)
        return die("lwIP does not take the IPv6 address");
    netif_ip6_addr_set_state(&netif, index, IP6_ADDR_PREFERRED);
    netif_set_default(&netif);
    netif_set_up(&netif);
    const char *failed = services_start();
    if (failed)
        return die(failed);
    puts("ready");
    fflush(stdout);
    for (;;) {
        tapif_select(&netif);
        sys_check_timeouts();
    }
}
