/* SPDX-License-Identifier: Apache-2.0 */
/* UDP echo (RFC 862) and discard (RFC 863). */
#include <stdbool.h>

#include "services.h"

#include "lwip/ip.h"
#include "lwip/udp.h"

/* Services that answer whatever they are sent: two of them would talk to each other for ever. */
static bool answers_everything(u16_t port)
{
    return port == PORT_ECHO || port == PORT_CHARGEN;
}

static void on_echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    LWIP_UNUSED_ARG(arg);
    if (!answers_everything(port)) {
        service_counters.udp_echo_datagrams++;
        /* from the address that was asked, of the several that there are; a group's cannot answer */
        if (ip_addr_ismulticast(ip_current_dest_addr()) ||
            ip_addr_isbroadcast(ip_current_dest_addr(), ip_current_input_netif()))
            (void)udp_sendto(pcb, p, from, port);
        else
            (void)udp_sendto_if_src(pcb, p, from, port, ip_current_input_netif(), ip_current_dest_addr());
    }
    pbuf_free(p);
}

static void on_discard(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    LWIP_UNUSED_ARG(arg);
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(from);
    LWIP_UNUSED_ARG(port);
    service_counters.udp_discard_datagrams++;
    pbuf_free(p);
}

static err_t serve(u16_t port, udp_recv_fn recv)
{
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);

    if (!pcb)
        return ERR_MEM;
    err_t err = udp_bind(pcb, IP_ANY_TYPE, port);
    if (err != ERR_OK) {
        udp_remove(pcb);
        return err;
    }
    udp_recv(pcb, recv, NULL);
    return ERR_OK;
}

err_t udp_services_start(void)
{
    err_t err = serve(PORT_ECHO, on_echo);

    return err == ERR_OK ? serve(PORT_DISCARD, on_discard) : err;
}
