/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP character generator (RFC 864): lines of 72 characters, each starting one character further in the 95 printable
 * ones.  The pattern repeats after 95 lines; it stands in memory twice over the largest write, so that TCP can
 * reference it wherever a connection is in it.
 */
#include <stdlib.h>

#include "services.h"

enum { LINE = 72 + 2, PRINTABLE = 95, PERIOD = LINE * PRINTABLE, WRITE_MAX = 32768 };

static char pattern[PERIOD + WRITE_MAX];

struct chargen {
    struct tcp_pcb *pcb;
    u32_t at; /* in the period */
};

static void make_pattern(void)
{
    for (int i = 0; i < (int)sizeof(pattern); i++) {
        int line = i % PERIOD / LINE, column = i % LINE;
        int c = column == LINE - 2 ? '\r' : column == LINE - 1 ? '\n' : ' ' + (line + column) % PRINTABLE;
        pattern[i] = (char)c;
    }
}

static void generate(struct chargen *c)
{
    u16_t room;

    while ((room = tcp_sndbuf(c->pcb)) > 0) {
        u16_t n = room < WRITE_MAX ? room : WRITE_MAX;
        if (tcp_write(c->pcb, pattern + c->at, n, TCP_WRITE_FLAG_MORE) != ERR_OK)
            break; /* enough segments wait */
        c->at = (c->at + n) % PERIOD;
        service_counters.chargen_bytes += n;
    }
    tcp_output(c->pcb);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(len);
    generate(arg);
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
    generate(arg);
    return ERR_OK;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    LWIP_UNUSED_ARG(err);
    LWIP_UNUSED_ARG(arg);
    if (!p)
        return ERR_OK; /* it has nothing to say, and may still listen; one that is gone answers with a reset */
    tcp_recved(pcb, p->tot_len); /* RFC 864: what comes in is thrown away */
    pbuf_free(p);
    return ERR_OK;
}

static void on_err(void *arg, err_t err)
{
    LWIP_UNUSED_ARG(err);
    free(arg);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    LWIP_UNUSED_ARG(arg);
    if (err != ERR_OK || !pcb)
        return ERR_VAL;
    struct chargen *c = calloc(1, sizeof(*c));
    if (!c)
        return ERR_MEM;
    c->pcb = pcb;
    services_accepted(pcb);
    tcp_arg(pcb, c);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_poll(pcb, on_poll, POLL_TICKS);
    tcp_err(pcb, on_err);
    generate(c);
    return ERR_OK;
}

err_t chargen_start(void)
{
    make_pattern();
    return services_listen(PORT_CHARGEN, on_accept);
}
