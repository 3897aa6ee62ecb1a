/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer (altcp) between lwIP's httpd and TCP, for what httpd leaves out:
 *
 * HEAD (RFC 9110, 9.3.2).  The request is shown to httpd as GET, and of the answer only the header passes.
 *
 * A client that has closed its half (`nc -N`) and waits for the answer.  httpd would close at once; so the end of its
 * data is held back once an answer is on its way, which httpd closes by itself.
 *
 * Closing (RFC 9112, 9.6).  Data that comes for a closed connection is answered with a reset, and the reset can reach
 * the client before it has read why its request was refused.  So the layer closes its half, and throws away what comes
 * until the client has closed, too.
 *
 * httpd closes after each answer: there is one request to a connection.
 */
#include "http_front.h"

#include <stdbool.h>
#include <string.h>

#include "lwip/altcp.h"
#include "lwip/apps/httpd_opts.h"
#include "lwip/mem.h"
#include "lwip/priv/altcp_priv.h"
#include "lwip/priv/tcp_priv.h"

#include "services.h"

static const char head_method[] = "HEAD ", get_method[] = "GET ";
enum { HEAD_LEN = sizeof(head_method) - 1, GET_LEN = sizeof(get_method) - 1 };

struct front {
    u8_t kept;       /* so many bytes, the beginning of "HEAD ", httpd has not been shown yet */
    bool decided;    /* whether it is HEAD is known */
    bool is_head;    /* of the answer only the header passes … */
    u8_t header_end; /* … which ends with "\r\n\r\n", of which so much has passed */
    bool cut;        /* the header is through */
    bool answering;  /* httpd has begun to answer */
    bool fin;        /* the client has sent all */
    bool closing;    /* httpd is done with the connection, which is now ours alone */
    u8_t silent;     /* polls since something was acknowledged */
};

static altcp_accept_fn httpd_accept;
static struct altcp_pcb *receiving; /* whose data httpd is looking at */

/* ---- the end ------------------------------------------------------------------------------------------------ */

/* Callbacks away first: TCP goes on closing by itself. */
static void detach(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    altcp_arg(inner, NULL);
    altcp_recv(inner, NULL);
    altcp_sent(inner, NULL);
    altcp_poll(inner, NULL, 0);
    altcp_err(inner, NULL);
    conn->inner_conn = NULL;
}

static void abort_now(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    if (inner) {
        detach(conn);
        altcp_abort(inner);
    }
    altcp_free(conn);
}

/* @return ERR_ABRT where memory was short and the connection was reset, which a callback must return; or ERR_OK */
static err_t close_now(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;

    detach(conn);
    altcp_free(conn);
    if (altcp_close(inner) == ERR_OK)
        return ERR_OK;
    altcp_abort(inner);
    return ERR_ABRT;
}

/* ---- towards httpd ------------------------------------------------------------------------------------------ */

static err_t show(struct altcp_pcb *conn, struct pbuf *p, err_t err)
{
    if (!conn->recv) { /* httpd could not close for want of memory, and will try again */
        if (p)
            pbuf_free(p);
        return ERR_OK;
    }
    receiving = conn;
    err = conn->recv(conn->arg, conn, p, err);
    receiving = NULL;
    return err;
}

static struct pbuf *text_pbuf(const char *text, u16_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, len, PBUF_RAM);

    if (p)
        pbuf_take(p, text, len);
    return p;
}

/*
 * The first bytes of a connection, which may come one by one.  Once it is known what they are, httpd is shown "GET "
 * or what was kept back, and then the rest.  It looks at a request when it has 7 bytes, so the first piece changes
 * nothing, and the connection is still there for the rest.
 */
static err_t decide(struct altcp_pcb *conn, struct pbuf *p)
{
    struct front *f = conn->state;
    char start[HEAD_LEN];
    u16_t n = pbuf_copy_partial(p, start, (u16_t)(HEAD_LEN - f->kept), 0), same = 0;
    struct pbuf *first;

    while (same < n && start[same] == head_method[f->kept + same])
        same++;
    if (f->kept + same == HEAD_LEN) {
        f->is_head = true;
        altcp_recved(conn->inner_conn, HEAD_LEN - GET_LEN); /* what httpd will not report as taken */
        p = pbuf_free_header(p, same);
        first = text_pbuf(get_method, GET_LEN);
    } else if (same == n) {
        f->kept = (u8_t)(f->kept + n);
        pbuf_free(p);
        return ERR_OK;
    } else if (f->kept == 0) {
        f->decided = true;
        return show(conn, p, ERR_OK);
    } else {
        first = text_pbuf(head_method, f->kept);
    }
    f->decided = true;
    if (!first) {
        if (p)
            pbuf_free(p);
        abort_now(conn);
        return ERR_ABRT;
    }
    err_t err = show(conn, first, ERR_OK);
    return p ? show(conn, p, ERR_OK) : err;
}

static err_t lower_recv(void *arg, struct altcp_pcb *inner, struct pbuf *p, err_t err)
{
    struct altcp_pcb *conn = arg;
    struct front *f = conn->state;

    if (!p) {
        f->fin = true;
        if (f->closing)
            return close_now(conn);
        return f->answering ? ERR_OK : show(conn, NULL, err);
    }
    if (f->closing || f->answering) { /* no part of the request */
        altcp_recved(inner, p->tot_len);
        pbuf_free(p);
        return ERR_OK;
    }
    return f->decided ? show(conn, p, err) : decide(conn, p);
}

static err_t lower_sent(void *arg, struct altcp_pcb *inner, u16_t len)
{
    struct altcp_pcb *conn = arg;
    struct front *f = conn->state;

    LWIP_UNUSED_ARG(inner);
    f->silent = 0;
    /* what we have sent ourselves (100 Continue) httpd would take for the end of its answer */
    return f->answering && conn->sent ? conn->sent(conn->arg, conn, len) : ERR_OK;
}

static err_t lower_poll(void *arg, struct altcp_pcb *inner)
{
    struct altcp_pcb *conn = arg;
    struct front *f = conn->state;

    LWIP_UNUSED_ARG(inner);
    if (!f->closing)
        return conn->poll ? conn->poll(conn->arg, conn) : ERR_OK;
    if (++f->silent < HTTPD_MAX_RETRIES) /* as patient as httpd is itself */
        return ERR_OK;
    abort_now(conn);
    return ERR_ABRT;
}

static void lower_err(void *arg, err_t err)
{
    struct altcp_pcb *conn = arg;

    conn->inner_conn = NULL; /* freed already */
    if (conn->err)
        conn->err(conn->arg, err);
    altcp_free(conn);
}

static void attach(struct altcp_pcb *conn, struct altcp_pcb *inner)
{
    conn->inner_conn = inner;
    altcp_arg(inner, conn);
    altcp_recv(inner, lower_recv);
    altcp_sent(inner, lower_sent);
    altcp_poll(inner, lower_poll, conn->pollinterval);
    altcp_err(inner, lower_err);
}

/* ---- from httpd --------------------------------------------------------------------------------------------- */

/* How many of the bytes belong to the header. */
static u16_t header_part(struct front *f, const char *data, u16_t len)
{
    static const char end[] = "\r\n\r\n";

    for (u16_t i = 0; i < len; i++) {
        f->header_end = data[i] == end[f->header_end] ? (u8_t)(f->header_end + 1) : data[i] == '\r';
        if (f->header_end == sizeof(end) - 1) {
            f->cut = true;
            return (u16_t)(i + 1);
        }
    }
    return len;
}

static err_t front_write(struct altcp_pcb *conn, const void *data, u16_t len, u8_t flags)
{
    struct front *f = conn->state;

    f->answering = true;
    if (!f->is_head)
        return altcp_write(conn->inner_conn, data, len, flags);
    if (f->cut)
        return ERR_OK; /* taken, and gone: httpd goes on to the end of its file */
    struct front before = *f;
    u16_t n = header_part(f, data, len);
    err_t err = altcp_write(conn->inner_conn, data, n, flags);
    if (err != ERR_OK)
        *f = before; /* it will be tried again */
    return err;
}

/* httpd forgets the connection when this returns ERR_OK; otherwise it tries again. */
static err_t front_close(struct altcp_pcb *conn)
{
    struct altcp_pcb *inner = conn->inner_conn;
    struct front *f = conn->state;

    if (inner && !f->fin && altcp_shutdown(inner, 0, 1) == ERR_OK) {
        f->closing = true;
        altcp_poll(inner, lower_poll, HTTPD_POLL_INTERVAL);
        return ERR_OK;
    }
    if (inner) {
        detach(conn);
        err_t err = altcp_close(inner);
        if (err != ERR_OK) {
            attach(conn, inner);
            return err;
        }
    }
    altcp_free(conn);
    return ERR_OK;
}

static void front_dealloc(struct altcp_pcb *conn)
{
    mem_free(conn->state);
    conn->state = NULL;
}

static void front_set_poll(struct altcp_pcb *conn, u8_t interval)
{
    if (conn->inner_conn)
        altcp_poll(conn->inner_conn, lower_poll, interval);
}

static const struct altcp_functions front_functions = {
    .set_poll = front_set_poll,
    .recved = altcp_default_recved,
    .abort = abort_now,
    .close = front_close,
    .shutdown = altcp_default_shutdown,
    .write = front_write,
    .output = altcp_default_output,
    .mss = altcp_default_mss,
    .sndbuf = altcp_default_sndbuf,
    .sndqueuelen = altcp_default_sndqueuelen,
    .nagle_disable = altcp_default_nagle_disable,
    .nagle_enable = altcp_default_nagle_enable,
    .nagle_disabled = altcp_default_nagle_disabled,
    .setprio = altcp_default_setprio,
    .dealloc = front_dealloc,
    .addrinfo = altcp_default_get_tcp_addrinfo,
    .getip = altcp_default_get_ip,
    .getport = altcp_default_get_port,
#if LWIP_TCP_KEEPALIVE
    .keepalive_disable = altcp_default_keepalive_disable,
    .keepalive_enable = altcp_default_keepalive_enable,
#endif
};

/* ---- starting ----------------------------------------------------------------------------------------------- */

static err_t on_accept(void *arg, struct altcp_pcb *inner, err_t err)
{
    if (err != ERR_OK || !inner)
        return httpd_accept(arg, inner, err);
    struct altcp_pcb *conn = altcp_alloc();
    struct front *f = mem_calloc(1, sizeof(*f));
    if (!conn || !f) {
        if (conn)
            altcp_free(conn);
        if (f)
            mem_free(f);
        return ERR_MEM; /* TCP resets the connection */
    }
    conn->state = f;
    conn->fns = &front_functions;
    attach(conn, inner);
    err = httpd_accept(arg, conn, ERR_OK);
    if (err != ERR_OK) {
        detach(conn);
        altcp_free(conn);
    }
    return err;
}

err_t http_front_start(void)
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

void http_front_continue(void)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    /* without it the client goes on after a moment: no memory is no failure */
    if (receiving)
        (void)altcp_write(receiving->inner_conn, go_on, sizeof(go_on) - 1, TCP_WRITE_FLAG_COPY);
}
