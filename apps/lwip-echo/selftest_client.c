/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/udp.h"

enum { TIMEOUT_MS = 5000 };

void client_pattern(uint8_t *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(seed + i + (i >> 8) * 13 + (i >> 16) * 29);
}

bool client_wait(struct stack *stack, bool (*done)(const void *arg), const void *arg, unsigned timeout_ms)
{
    struct pollfd fd = {.fd = fethif_fd(stack->driver), .events = POLLIN};
    u32_t start = sys_now(), spent;

    while (!done(arg) && (spent = sys_now() - start) < timeout_ms) {
        int left = (int)(timeout_ms - spent), timeout = fethif_timeout(stack->driver);
        if (poll(&fd, 1, timeout >= 0 && timeout < left ? timeout : left) < 0 && errno != EINTR)
            return false;
        if (fethif_dispatch(stack->driver, NULL) < 0)
            return done(arg);
    }
    return done(arg);
}

/* ---- ping --------------------------------------------------------------------------------------------------- */

enum { PING_ID = 0x6665, PING_BYTES = 56 };

struct ping {
    bool answered;
    bool v6;
};

static u8_t on_raw(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    struct ping *ping = arg;
    struct icmp_echo_hdr echo;
    u16_t at = ping->v6 ? IP6_HLEN : IP_HLEN;

    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(from);
    if (pbuf_copy_partial(p, &echo, sizeof(echo), at) != sizeof(echo) ||
        ICMPH_TYPE(&echo) != (ping->v6 ? (u8_t)ICMP6_TYPE_EREP : ICMP_ER) || echo.id != PP_HTONS(PING_ID))
        return 0; /* not ours: lwIP goes on with it */
    ping->answered = true;
    pbuf_free(p);
    return 1;
}

static bool is_answered(const void *arg)
{
    return ((const struct ping *)arg)->answered;
}

static struct pbuf *make_ping(bool v6)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, sizeof(struct icmp_echo_hdr) + PING_BYTES, PBUF_RAM);

    if (!p)
        return NULL;
    struct icmp_echo_hdr *echo = p->payload;
    client_pattern((uint8_t *)(echo + 1), PING_BYTES, 0);
    ICMPH_TYPE_SET(echo, v6 ? (u8_t)ICMP6_TYPE_EREQ : ICMP_ECHO);
    ICMPH_CODE_SET(echo, 0);
    echo->id = PP_HTONS(PING_ID);
    echo->seqno = PP_HTONS(1);
    echo->chksum = 0;
    if (!v6) /* the pseudo-header of the other needs addresses: raw_sendto() does it */
        echo->chksum = inet_chksum(echo, p->len);
    return p;
}

bool client_ping(struct stack *stack, const struct feth_addr *to)
{
    struct ping ping = {.v6 = to->family == AF_INET6};
    struct raw_pcb *pcb = raw_new_ip_type(ping.v6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4,
                                          ping.v6 ? (u8_t)IP6_NEXTH_ICMP6 : IP_PROTO_ICMP);
    struct pbuf *p = make_ping(ping.v6);
    ip_addr_t ip = stack_ip(to);

    if (pcb && p) {
        pcb->chksum_reqd = ping.v6;
        pcb->chksum_offset = offsetof(struct icmp_echo_hdr, chksum);
        raw_recv(pcb, on_raw, &ping);
        if (raw_sendto(pcb, p, &ip) == ERR_OK)
            (void)client_wait(stack, is_answered, &ping, TIMEOUT_MS);
    }
    if (p)
        pbuf_free(p);
    if (pcb)
        raw_remove(pcb);
    return ping.answered;
}

/* ---- UDP ---------------------------------------------------------------------------------------------------- */

struct datagram {
    struct pbuf *received;
};

static void on_udp(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    struct datagram *d = arg;

    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(from);
    LWIP_UNUSED_ARG(port);
    if (d->received)
        pbuf_free(d->received);
    d->received = p;
}

static bool is_received(const void *arg)
{
    return ((const struct datagram *)arg)->received != NULL;
}

bool client_udp_echo(struct stack *stack, const struct feth_addr *to, uint16_t port, size_t size)
{
    struct datagram d = {0};
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)size, PBUF_RAM);
    uint8_t *data = malloc(size);
    ip_addr_t ip = stack_ip(to);
    bool same = false;

    if (pcb && p && data) {
        client_pattern(data, size, port);
        (void)pbuf_take(p, data, (u16_t)size);
        udp_recv(pcb, on_udp, &d);
        if (udp_sendto(pcb, p, &ip, port) == ERR_OK && client_wait(stack, is_received, &d, TIMEOUT_MS))
            same = d.received->tot_len == size && pbuf_memcmp(d.received, 0, data, (u16_t)size) == 0;
    }
    if (d.received)
        pbuf_free(d.received);
    free(data);
    if (p)
        pbuf_free(p);
    if (pcb)
        udp_remove(pcb);
    return same;
}

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

struct exchange {
    struct tcp_pcb *pcb; /* NULL: closed or failed */
    const uint8_t *out;
    size_t out_len, sent;
    uint8_t *in;
    size_t in_max, got;
    bool closed, failed;
};

static void send_some(struct exchange *x)
{
    while (x->sent < x->out_len && tcp_sndbuf(x->pcb) > 0) {
        size_t left = x->out_len - x->sent;
        u16_t n = left < tcp_sndbuf(x->pcb) ? (u16_t)left : tcp_sndbuf(x->pcb);
        if (tcp_write(x->pcb, x->out + x->sent, n, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break; /* when something is acknowledged, or polled, again */
        x->sent += n;
    }
    tcp_output(x->pcb);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(err);
    send_some(arg);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    LWIP_UNUSED_ARG(len);
    return on_connected(arg, pcb, ERR_OK);
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    return on_connected(arg, pcb, ERR_OK);
}

static err_t on_tcp(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct exchange *x = arg;

    LWIP_UNUSED_ARG(err);
    if (!p) {
        x->closed = true;
        return ERR_OK;
    }
    if (p->tot_len > x->in_max - x->got) {
        x->failed = true; /* more than was asked for */
    } else {
        pbuf_copy_partial(p, x->in + x->got, p->tot_len, 0);
        x->got += p->tot_len;
    }
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static void on_tcp_err(void *arg, err_t err)
{
    struct exchange *x = arg;

    LWIP_UNUSED_ARG(err);
    x->pcb = NULL;
    x->failed = true;
}

static bool is_over(const void *arg)
{
    const struct exchange *x = arg;

    return x->failed || x->closed || (x->got == x->in_max && x->sent == x->out_len);
}

long client_tcp(struct stack *stack, const struct feth_addr *to, uint16_t port, const void *out,
                size_t out_len, void *in, size_t in_max, unsigned timeout_ms)
{
    struct exchange x = {.out = out, .out_len = out_len, .in = in, .in_max = in_max};
    ip_addr_t ip = stack_ip(to);

    x.pcb = tcp_new_ip_type(to->family == AF_INET6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4);
    if (!x.pcb)
        return -1;
    tcp_arg(x.pcb, &x);
    tcp_recv(x.pcb, on_tcp);
    tcp_sent(x.pcb, on_sent);
    tcp_poll(x.pcb, on_poll, 2);
    tcp_err(x.pcb, on_tcp_err);
    bool over =
        tcp_connect(x.pcb, &ip, port, on_connected) == ERR_OK && client_wait(stack, is_over, &x, timeout_ms);
    if (x.pcb) {
        tcp_arg(x.pcb, NULL);
        tcp_recv(x.pcb, NULL);
        tcp_sent(x.pcb, NULL);
        tcp_poll(x.pcb, NULL, 0);
        tcp_err(x.pcb, NULL);
        if (tcp_close(x.pcb) != ERR_OK)
            tcp_abort(x.pcb);
    }
    return over && !x.failed ? (long)x.got : -1;
}
