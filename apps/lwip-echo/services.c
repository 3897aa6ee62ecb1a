/* SPDX-License-Identifier: Apache-2.0 */
#include "services.h"

#include <stddef.h>

#include "lwip/apps/lwiperf.h"
#include "lwip/ip.h"

enum { KEEPALIVE_AFTER_MS = 5 * 60 * 1000 };

struct service_counters service_counters;

err_t services_listen(u16_t port, tcp_accept_fn accept)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY), *listening;
    err_t err;

    if (!pcb)
        return ERR_MEM;
    err = tcp_bind(pcb, IP_ANY_TYPE, port);
    listening = err == ERR_OK ? tcp_listen_with_backlog_and_err(pcb, TCP_DEFAULT_LISTEN_BACKLOG, &err) : NULL;
    if (!listening) {
        tcp_abort(pcb);
        return err;
    }
    tcp_accept(listening, accept);
    return ERR_OK;
}

void services_accepted(struct tcp_pcb *pcb)
{
    service_counters.connections++;
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = KEEPALIVE_AFTER_MS;
}

err_t services_close(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
    if (tcp_close(pcb) == ERR_OK)
        return ERR_OK;
    tcp_abort(pcb);
    return ERR_ABRT;
}

static err_t iperf_start(void)
{
    return lwiperf_start_tcp_server(IP_ANY_TYPE, PORT_IPERF, NULL, NULL) ? ERR_OK : ERR_USE;
}

const char *services_start(void)
{
    static const struct {
        const char *name;
        err_t (*start)(void);
    } services[] = {
        {"TCP echo (port 7)", tcp_echo_start},
        {"TCP discard (port 9)", tcp_discard_start},
        {"character generator (port 19)", chargen_start},
        {"UDP echo and discard (ports 7 and 9)", udp_services_start},
        {"HTTP (port 80)", http_start},
        {"iperf (port 5001)", iperf_start},
    };

    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (services[i].start() != ERR_OK)
            return services[i].name;
    return NULL;
}
