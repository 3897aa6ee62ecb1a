/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP echo (RFC 862).  What was received waits as it came, in a queue of pbufs, and the window opens again only as
 * far as it has been handed to TCP for sending: a client that sends without reading is stopped by its own echo, and
 * memory is bounded by the two windows.
 *
 * TCP copies: data that it referenced would have to stay until it is acknowledged, and with it the receive buffers,
 * of which there are few; copied, they are free for the next frames at once.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "services.h"

struct echo {
    struct tcp_pcb *pcb;
    struct pbuf *first, *last; /* linked by next; the tot_len of the whole would not fit 16 bits */
    bool fin;                  /* the client has sent all: close once it is echoed */
};

static void queue_put(struct echo *e, struct pbuf *p)
{
    if (e->last)
        e->last->next = p;
    else
        e->first = p;
    while (p->next)
        p = p->next;
    e->last = p;
}

static void queue_drop_first(struct echo *e)
{
    struct pbuf *p = e->first;

    e->first = p->next;
    if (!e->first)
        e->last = NULL;
    p->next = NULL;
    p->tot_len = p->len;
    pbuf_free(p);
}

static void echo_free(struct echo *e)
{
    while (e->first)
        queue_drop_first(e);
    free(e);
}

/* Hand over to TCP what its send buffer takes. */
static err_t echo_on(struct echo *e)
{
    struct tcp_pcb *pcb = e->pcb;
    u16_t room;

    while (e->first && (room = tcp_sndbuf(pcb)) > 0) {
        struct pbuf *p = e->first;
        u16_t n = p->len < room ? p->len : room;
        u8_t more = n < p->len || p->next ? TCP_WRITE_FLAG_MORE : 0;
        if (tcp_write(pcb, p->payload, n, (u8_t)(TCP_WRITE_FLAG_COPY | more)) != ERR_OK)
            break; /* the queue of segments is full, or memory short: again when some are acknowledged, or polled */
        if (n < p->len)
            pbuf_remove_header(p, n);
        else
            queue_drop_first(e);
        service_counters.tcp_echo_bytes += n;
        tcp_recved(pcb, n);
    }
    tcp_output(pcb);
    if (!e->fin || e->first)
        return ERR_OK;
    echo_free(e);
    return services_close(pcb);
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct echo *e = arg;

    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(err);
    if (p)
        queue_put(e, p);
    else
        e->fin = true;
    return echo_on(e);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(len);
    return echo_on(arg);
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    return echo_on(arg);
}

static void on_err(void *arg, err_t err)
{
    LWIP_UNUSED_ARG(err);
    echo_free(arg); /* the pcb is gone already */
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    LWIP_UNUSED_ARG(arg);
    if (err != ERR_OK || !pcb)
        return ERR_VAL;
    struct echo *e = calloc(1, sizeof(*e));
    if (!e)
        return ERR_MEM; /* lwIP resets the connection */
    e->pcb = pcb;
    services_accepted(pcb);
    tcp_arg(pcb, e);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_poll(pcb, on_poll, POLL_TICKS);
    tcp_err(pcb, on_err);
    return ERR_OK;
}

err_t tcp_echo_start(void)
{
    return services_listen(PORT_ECHO, on_accept);
}
