/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's httpd answers GET and POST.  This layer stands between it and TCP (altcp): a HEAD request is shown to httpd
 * as GET, and of the answer only the header is let through (RFC 9110, 9.3.2).  httpd closes after each answer, so
 * there is one request to a connection.
 */
#include "http_head.h"

#include <stdbool.h>
#include <string.h>

#include "lwip/altcp.h"
#include "lwip/mem.h"
#include "lwip/priv/altcp_priv.h"
#include "lwip/priv/tcp_priv.h"

#include "services.h"

static const char method[] = "HEAD ";
enum { METHOD_LEN = 5 };

struct head {
    bool decided; /* whether it is HEAD is known */
    bool is_head;
    unsigned end;       /* of the "\r\n\r\n" that ends the answer's header, how much has passed */
    bool cut;           /* the header is through: nothing follows */
    struct pbuf *early; /* a method that came in pieces */
};

static altcp_accept_fn httpd_accept;

/* ---- towards httpd ------------------------------------------------------------------------------------------ */

/* "HEAD /" becomes "GET /": one byte less, which httpd will not report as taken. */
static struct pbuf *show_as_get(struct altcp_pcb *conn, struct pbuf *p)
{
    struct pbuf *whole = p;

    if (p->len < METHOD_LEN) { /* the method is spread over pbufs */
        whole = pbuf_coalesce(p, PBUF_RAW);
        if (whole->len < METHOD_LEN)
            return whole; /* no memory: httpd will call it an unknown method */
    }
    memcpy((char *)whole->payload + 1, "GET ", 4);
    pbuf_remove_header(whole, 1);
    altcp_recved(conn->inner_conn, 1);
    return whole;
}

static err_t lower_recv(void *arg, struct altcp_pcb *inner, struct pbuf *p, err_t err)
{
    struct altcp_pcb *conn = arg;
    struct head *h = conn->state;
    char start[METHOD_LEN];

    LWIP_UNUSED_ARG(inner);
    if (!p || h->decided) {
        if (!p && h->early) {
            pbuf_free(h->early);
            h->early = NULL;
        }
        if (conn->recv)
            return conn->recv(conn->arg, conn, p, err);
        if (p)
            pbuf_free(p);
        return ERR_OK;
    }
    if (h->early) {
        pbuf_cat(h->early, p);
        p = h->early;
        h->early = NULL;
    }
    u16_t n = pbuf_copy_partial(p, start, METHOD_LEN, 0);
    if (n < METHOD_LEN && memcmp(start, method, n) == 0) {
        h->early = p; /* too little to tell; at most METHOD_LEN - 1 bytes wait */
        return ERR_OK;
    }
    h->decided = true;
    h->is_head = n == METHOD_LEN && memcmp(start, method, METHOD_LEN) == 0;
    if (h->is_head)
        p = show_as_get(conn, p);
    if (conn->recv)
        return conn->recv(conn->arg, conn, p, err);
    pbuf_free(p);
    return ERR_OK;
}

static err_t lower_sent(void *arg, struct altcp_pcb *inner, u16_t len)
{
    struct altcp_pcb *conn = arg;

    LWIP_UNUSED_ARG(inner);
    return conn->sent ? conn->sent(conn->arg, conn, len) : ERR_OK;
}

static err_t lower_poll(void *arg, struct altcp_pcb *inner)
{
    struct altcp_pcb *conn = arg;

    LWIP_UNUSED_ARG(inner);
    return conn->poll ? conn->poll(conn->arg, conn) : ERR_OK;
}

static void lower_err(void *arg, err_t err)
{
    struct altcp_pcb *conn = arg;

    conn->inner_conn = NULL; /* freed already */
    if (conn->err)
        conn->err(conn->arg, err);
    altcp_free(conn);
}

/* ---- from httpd --------------------------------------------------------------------------------------------- */

/* How many of the bytes belong to the header. */
static u16_t header_part(struct head *h, const char *data, u16_t len)
{
    static const char end[] = "\r\n\r\n";

    for (u16_t i = 0; i < len; i++) {
        h->end = data[i] == end[h->end] ? h->end + 1 : data[i] == '\r' ? 1 : 0;
        if (h->end == 4) {
            h->cut = true;
            return (u16_t)(i + 1);
        }
    }
    return len;
}

static err_t head_write(struct altcp_pcb *conn, const void *data, u16_t len, u8_t flags)
{
    struct head *h = conn->state;

    if (!h->is_head)
        return altcp_write(conn->inner_conn, data, len, flags);
    if (h->cut)
        return ERR_OK; /* taken, and gone: httpd goes on to the end of its file */
    struct head before = *h;
    u16_t n = header_part(h, data, len);
    err_t err = altcp_write(conn->inner_conn, data, n, flags);
    if (err != ERR_OK)
        *h = before; /* it will be tried again */
    return err;
}

/* Callbacks away first: TCP may close by and by, without us. */
static void detach(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    altcp_arg(inner, NULL);
    altcp_recv(inner, NULL);
    altcp_sent(inner, NULL);
    altcp_poll(inner, NULL, 0);
    altcp_err(inner, NULL);
}

static void attach(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    altcp_arg(inner, conn);
    altcp_recv(inner, lower_recv);
    altcp_sent(inner, lower_sent);
    altcp_poll(inner, lower_poll, conn->pollinterval);
    altcp_err(inner, lower_err);
}

static err_t head_close(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    if (inner) {
        detach(conn);
        err_t err = altcp_close(inner);
        if (err != ERR_OK) {
            attach(conn);
            return err;
        }
        conn->inner_conn = NULL;
    }
    altcp_free(conn);
    return ERR_OK;
}

static void head_abort(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    if (inner) {
        detach(conn);
        conn->inner_conn = NULL;
        altcp_abort(inner);
    }
    altcp_free(conn);
}

static void head_dealloc(struct altcp_pcb *conn)
{
    struct head *h = conn->state;

    if (!h)
        return;
    if (h->early)
        pbuf_free(h->early);
    mem_free(h);
    conn->state = NULL;
}

static void head_set_poll(struct altcp_pcb *conn, u8_t interval)
{
    if (conn->inner_conn)
        altcp_poll(conn->inner_conn, lower_poll, interval);
}

static const struct altcp_functions head_functions = {
    .set_poll = head_set_poll,
    .recved = altcp_default_recved,
    .abort = head_abort,
    .close = head_close,
    .shutdown = altcp_default_shutdown,
    .write = head_write,
    .output = altcp_default_output,
    .mss = altcp_default_mss,
    .sndbuf = altcp_default_sndbuf,
    .sndqueuelen = altcp_default_sndqueuelen,
    .nagle_disable = altcp_default_nagle_disable,
    .nagle_enable = altcp_default_nagle_enable,
    .nagle_disabled = altcp_default_nagle_disabled,
    .setprio = altcp_default_setprio,
    .dealloc = head_dealloc,
    .addrinfo = altcp_default_get_tcp_addrinfo,
    .getip = altcp_default_get_ip,
    .getport = altcp_default_get_port,
#if LWIP_TCP_KEEPALIVE
    .keepalive_disable = altcp_default_keepalive_disable,
    .keepalive_enable = altcp_default_keepalive_enable,
#endif
};

static err_t on_accept(void *arg, struct altcp_pcb *inner, err_t err)
{
    if (err != ERR_OK || !inner)
        return httpd_accept(arg, inner, err);
    struct altcp_pcb *conn = altcp_alloc();
    struct head *h = mem_calloc(1, sizeof(*h));
    if (!conn || !h) {
        if (conn)
            altcp_free(conn);
        if (h)
            mem_free(h);
        return ERR_MEM;
    }
    conn->state = h;
    conn->fns = &head_functions;
    conn->inner_conn = inner;
    attach(conn);
    err = httpd_accept(arg, conn, ERR_OK);
    if (err != ERR_OK) {
        detach(conn);
        conn->inner_conn = NULL;
        altcp_free(conn);
    }
    return err;
}

err_t http_head_start(void)
{
    /* httpd keeps its listening connection to itself; TCP knows it by its port. */
    for (struct tcp_pcb_listen *pcb = tcp_listen_pcbs.listen_pcbs; pcb; pcb = pcb->next)
        if (pcb->local_port == PORT_HTTP) {
            struct altcp_pcb *listening = pcb->callback_arg;
            httpd_accept = listening->accept;
            altcp_accept(listening, on_accept);
            return ERR_OK;
        }
    return ERR_VAL;
}
