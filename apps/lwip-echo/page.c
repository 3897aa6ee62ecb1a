/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <inttypes.h>
#include <sys/socket.h>

#include "lwip/init.h"
#include "lwip/memp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"

#include "services.h"

static const struct stack *stack;

void page_set_stack(const struct stack *s)
{
    stack = s;
}

/* ---- what is counted ---------------------------------------------------------------------------------------- */

struct tcp_count {
    unsigned active, time_wait, listening;
    uint64_t unsent, unacked, out_of_order; /* segments that connections hold */
};

static unsigned segments(const struct tcp_seg *seg)
{
    unsigned n = 0;

    for (; seg; seg = seg->next)
        n++;
    return n;
}

static struct tcp_count count_tcp(void)
{
    struct tcp_count c = {0};

    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next) {
        c.active++;
        c.unsent += segments(pcb->unsent);
        c.unacked += segments(pcb->unacked);
        c.out_of_order += segments(pcb->ooseq);
    }
    for (const struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = pcb->next)
        c.time_wait++;
    for (const struct tcp_pcb_listen *pcb = tcp_listen_pcbs.listen_pcbs; pcb; pcb = pcb->next)
        c.listening++;
    return c;
}

static uintmax_t used(memp_t pool)
{
    return (uintmax_t)lwip_stats.memp[pool]->used;
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

/* A table of names and numbers as one object: every name is a word of ours, so nothing needs escaping. */
struct field {
    const char *name;
    uint64_t value;
};

static void object(FILE *out, const char *name, const struct field *fields, size_t n, const char *after)
{
    fprintf(out, "  \"%s\": {", name);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "", fields[i].name, fields[i].value);
    fprintf(out, "}%s\n", after);
}

#define OBJECT(out, name, after, ...)                                                                        \
    do {                                                                                                     \
        const struct field fields_[] = {__VA_ARGS__};                                                        \
        object(out, name, fields_, sizeof(fields_) / sizeof(fields_[0]), after);                             \
    } while (0)

static void json_lwip(FILE *out)
{
    struct tcp_count tcp = count_tcp();

    fprintf(out, "  \"lwip\": {\n");
    fprintf(out, "  ");
    OBJECT(out, "tcp", ",", {"active", tcp.active}, {"time_wait", tcp.time_wait},
           {"listening", tcp.listening}, {"unsent", tcp.unsent}, {"unacked", tcp.unacked},
           {"out_of_order", tcp.out_of_order}, {"received", lwip_stats.tcp.recv},
           {"sent", lwip_stats.tcp.xmit}, {"dropped", lwip_stats.tcp.drop},
           {"checksum_errors", lwip_stats.tcp.chkerr}, {"memory_errors", lwip_stats.tcp.memerr});
    fprintf(out, "  ");
    OBJECT(out, "used", ",", {"tcp_pcb", used(MEMP_TCP_PCB)}, {"tcp_seg", used(MEMP_TCP_SEG)},
           {"udp_pcb", used(MEMP_UDP_PCB)}, {"pbuf", used(MEMP_PBUF)}, {"pbuf_pool", used(MEMP_PBUF_POOL)},
           {"heap_bytes", lwip_stats.mem.used}, {"heap_bytes_max", lwip_stats.mem.max});
    fprintf(out, "  ");
    OBJECT(out, "errors", "", {"ip4_checksum", lwip_stats.ip.chkerr}, {"ip4_dropped", lwip_stats.ip.drop},
           {"ip6_dropped", lwip_stats.ip6.drop}, {"udp_checksum", lwip_stats.udp.chkerr},
           {"icmp_checksum", lwip_stats.icmp.chkerr}, {"heap", lwip_stats.mem.err});
    fprintf(out, "  },\n");
}

void page_json(FILE *out)
{
    struct feth_io_stats io;
    struct fethif_stats driver;
    struct feth_link link;
    const struct service_counters *c = &service_counters;

    feth_io_get_stats(stack->io, &io);
    feth_io_get_link(stack->io, &link);
    fethif_get_stats(stack->driver, &driver);
    fprintf(out, "{\n  \"version\": \"" FETH_VERSION "\",\n");
    fprintf(out, "  \"send_by\": \"%s\",\n", feth_io_backend(stack->io));
    OBJECT(out, "interface", ",", {"mtu", stack->netif.mtu}, {"capabilities", feth_io_caps(stack->io)},
           {"link_changes", link.changes});
    json_lwip(out);
    OBJECT(out, "driver", ",", {"turns", driver.turns}, {"rx_borrowed", driver.rx_borrowed},
           {"rx_copied", driver.rx_copied}, {"rx_dropped", driver.rx_dropped},
           {"rx_checksum_trusted", driver.rx_csum_trusted}, {"rx_acks_joined", driver.rx_acks_joined},
           {"tx_queued", driver.tx_queued}, {"tx_large", driver.tx_large}, {"tx_copied", driver.tx_copied},
           {"tx_acks_joined", driver.tx_acks_joined}, {"tx_checksum_left", driver.tx_csum_left},
           {"tx_dropped", driver.tx_dropped}, {"busy_polls", driver.busy_polls},
           {"busy_hits", driver.busy_hits});
    OBJECT(out, "io", ",", {"rx_frames", io.rx_frames}, {"rx_bytes", io.rx_bytes},
           {"rx_dropped", io.rx_dropped}, {"rx_truncated", io.rx_truncated}, {"rx_errors", io.rx_errors},
           {"rx_calls", io.rx_calls}, {"tx_frames", io.tx_frames}, {"tx_bytes", io.tx_bytes},
           {"tx_dropped", io.tx_dropped}, {"tx_errors", io.tx_errors}, {"tx_calls", io.tx_calls});
    OBJECT(out, "services", "", {"connections", c->connections}, {"tcp_echo_bytes", c->tcp_echo_bytes},
           {"udp_echo_datagrams", c->udp_echo_datagrams}, {"tcp_discard_bytes", c->tcp_discard_bytes},
           {"udp_discard_datagrams", c->udp_discard_datagrams}, {"chargen_bytes", c->chargen_bytes},
           {"http_requests", c->http_requests}, {"http_posted_bytes", c->http_posted_bytes});
    fprintf(out, "}\n");
}

/* ---- for people --------------------------------------------------------------------------------------------- */

static void row(FILE *out, const char *name, uint64_t value)
{
    fprintf(out, "<tr><td>%s</td><td>%" PRIu64 "</td></tr>\n", name, value);
}

void page_html(FILE *out)
{
    char ip4[FETH_ADDR_TEXT_SIZE], ip6[FETH_ADDR_TEXT_SIZE];
    struct tcp_count tcp = count_tcp();
    struct feth_io_stats io;
    const struct service_counters *c = &service_counters;

    feth_io_get_stats(stack->io, &io);
    fprintf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>lwip-echo</title>\n"
        "<style>body{font-family:sans-serif;max-width:44em;margin:2em auto;padding:0 1em;line-height:1.5}"
        "td{padding:.1em 1em .1em 0}td+td{text-align:right}</style>\n</head>\n<body>\n"
        "<h1>You have reached lwIP</h1>\n"
        "<p>Not your operating system has answered, but lwIP " LWIP_VERSION_STRING
        " at the far end of a virtual Ethernet cable: it lives in the program lwip-echo, and your system "
        "takes "
        "it for another machine on the wire.</p>\n"
        "<p>Here it is %s",
        stack_bare(&stack->addr4, ip4));
    if (stack->addr6.family == AF_INET6)
        fprintf(out, " and %s", stack_bare(&stack->addr6, ip6));
    fprintf(
        out,
        ". It answers ping, echo (7, TCP and UDP), discard (9), chargen (19) and iperf 2 (5001); "
        "<a href=\"/stats.json\">/stats.json</a> has all counters; what you POST to /echo comes back.</p>\n"
        "<table>\n");
    row(out, "frames received", io.rx_frames);
    row(out, "frames sent", io.tx_frames);
    row(out, "frames dropped", io.rx_dropped + io.tx_dropped);
    row(out, "TCP connections now", tcp.active);
    row(out, "bytes echoed by TCP", c->tcp_echo_bytes);
    row(out, "datagrams echoed by UDP", c->udp_echo_datagrams);
    row(out, "HTTP requests", c->http_requests);
    fprintf(out, "</table>\n</body>\n</html>\n");
}

void page_line(FILE *out)
{
    struct tcp_count tcp = count_tcp();
    struct feth_io_stats io;

    feth_io_get_stats(stack->io, &io);
    fprintf(out,
            "rx %" PRIu64 " frames %" PRIu64 " bytes %" PRIu64 " dropped, tx %" PRIu64 " frames %" PRIu64
            " bytes %" PRIu64 " dropped, %u connections\n",
            io.rx_frames, io.rx_bytes, io.rx_dropped, io.tx_frames, io.tx_bytes, io.tx_dropped, tcp.active);
}
