/* SPDX-License-Identifier: Apache-2.0 */
/* TCP discard (RFC 863). */
#include "services.h"

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    LWIP_UNUSED_ARG(arg);
    LWIP_UNUSED_ARG(err);
    if (!p)
        return services_close(pcb);
    service_counters.tcp_discard_bytes += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    LWIP_UNUSED_ARG(arg);
    if (err != ERR_OK || !pcb)
        return ERR_VAL;
    services_accepted(pcb);
    tcp_recv(pcb, on_recv);
    return ERR_OK;
}

err_t tcp_discard_start(void)
{
    return services_listen(PORT_DISCARD, on_accept);
}
