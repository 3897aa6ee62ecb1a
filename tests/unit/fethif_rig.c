/* SPDX-License-Identifier: Apache-2.0 */
#include "fethif_rig.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "netif/lwip_port.h"

const uint8_t rig_mac[6] = {0x02, 0, 0, 0, 0, 0x01};
const uint8_t rig_interface_mac[6] = {0x02, 0, 0, 0, 0, 0x02}, rig_stack_mac[6] = {0x0a, 0, 0, 0, 0, 0x02};
const uint8_t rig_ip4[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
const uint8_t rig_ip6[2][16] = {{0xfd, 0, 0xfe, 0xed, [15] = 1}, {0xfd, 0, 0xfe, 0xed, [15] = 2}};

/* ---- the cable ---------------------------------------------------------------------------------------------- */

void rig_introduce(struct rig *rig)
{
    uint8_t frame[128];

    rig_turn(rig);
    rig_send(rig, frame, rig_make_arp_request(frame, rig_ip4[1]));
    if (rig->netif.mtu >= 1280)
        rig_send(rig, frame, rig_make_neighbour_solicitation(frame));
    rig_turn(rig);
    rig_drain(rig);
}

static void assertion(const char *what, const char *file, int line, void *arg)
{
    (void)arg;
    fail_msg("lwIP: %s (%s:%d)", what, file, line);
}

void rig_open(struct rig *rig, const struct rig_config *config)
{
    static const struct rig_config defaults;
    static bool initialised;
    struct feth_memory_config cable = FETH_MEMORY_CONFIG_INIT;
    struct feth_io *ends[2];
    struct feth_error err;
    ip4_addr_t ip, mask, gw;
    ip6_addr_t ip6;

    if (!config)
        config = &defaults;
    if (!initialised)
        lwip_init();
    initialised = true;
    lwip_port_set_hooks(&(struct lwip_port_hooks){.assertion = assertion});
    memset(rig, 0, sizeof(*rig));
    rig->used = lwip_stats.mem.used;

    cable.mtu = config->mtu;
    memcpy(cable.mac[0], rig_interface_mac, 6);
    memcpy(cable.mac[1], rig_mac, 6);
    cable.io[0].rx_buffers = config->rx_buffers;
    cable.io[0].offload = cable.io[1].offload = config->offload;
    cable.io[0].socket_buffer = cable.io[1].socket_buffer = config->socket_buffer;
    cable.io[1].nonblock = true;
    if (feth_memory_pair(ends, &cable, &err) < 0)
        fail_msg("%s", err.text);
    rig->io = ends[0];
    rig->wire = ends[1];

    struct fethif_config driver = {.size = sizeof(driver),
                                   .io = rig->io,
                                   .mtu = config->driver_mtu,
                                   .link_changed = config->link_changed,
                                   .arg = config->arg};
    if (fethif_new(&rig->f, &driver, &err) < 0)
        fail_msg("%s", err.text);
    memcpy(&ip, rig_ip4[1], 4);
    memcpy(&gw, rig_ip4[0], 4);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    assert_non_null(netif_add(&rig->netif, &ip, &mask, &gw, rig->f, fethif_init, ethernet_input));
    netif_set_default(&rig->netif);
    netif_set_up(&rig->netif);
    netif_ip6_addr_set_state(&rig->netif, 0, IP6_ADDR_PREFERRED);
    s8_t index;
    ip6_addr_set_zero(&ip6);
    memcpy(ip6.addr, rig_ip6[1], 16);
    assert_int_equal(netif_add_ip6_address(&rig->netif, &ip6, &index), ERR_OK);
    netif_ip6_addr_set_state(&rig->netif, index, IP6_ADDR_PREFERRED);
    rig_introduce(rig);
}

void rig_abort_tcp(void)
{
    while (tcp_active_pcbs)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs)
        tcp_abort(tcp_tw_pcbs);
}

void rig_close(struct rig *rig)
{
    rig_abort_tcp();
    netif_remove(&rig->netif);
    fethif_free(rig->f);
    feth_io_close(rig->io);
    feth_io_close(rig->wire);
    if (rig->leaves_fragments) {
        for (int i = 0; i <= IPV6_REASS_MAXAGE; i++) {
            ip_reass_tmr();
            ip6_reass_tmr();
        }
        return;
    }
    /* TCP's timer notes within its interval that there is no connection any more. */
    for (int i = 0; i < 100 && lwip_stats.mem.used != rig->used; i++) {
        poll(NULL, 0, 10);
        sys_check_timeouts();
    }
    assert_int_equal(lwip_stats.mem.used, rig->used);
}

void rig_turn(struct rig *rig)
{
    struct feth_error err;

    if (fethif_dispatch(rig->f, &err) < 0)
        fail_msg("%s", err.text);
}

void rig_wait(struct rig *rig, int ms)
{
    u32_t start = sys_now();

    do {
        poll(NULL, 0, 5);
        rig_turn(rig);
    } while (sys_now() - start < (u32_t)ms);
}

void rig_send_offload(struct rig *rig, const void *frame, size_t len, const struct feth_offload *offload)
{
    struct iovec iov = {(void *)frame, len};
    struct feth_error err;

    if (feth_io_sendv(rig->wire, &iov, 1, offload, &err) < 0)
        fail_msg("%s", err.text);
}

void rig_send(struct rig *rig, const void *frame, size_t len)
{
    rig_send_offload(rig, frame, len, NULL);
}

bool rig_recv(struct rig *rig, struct rig_frame *frame)
{
    struct feth_error err;
    int ret = feth_io_recv(rig->wire, frame->data, sizeof(frame->data), &frame->len, &frame->offload, &err);

    if (ret < 0 && ret != FETH_EAGAIN)
        fail_msg("%s", err.text);
    return ret == 0;
}

bool rig_recv_ip(struct rig *rig, struct rig_frame *frame)
{
    while (rig_recv(rig, frame)) {
        uint16_t type = rig_be16(frame->data + 12);
        if (type == 0x0800 && frame->data[23] != 2 /* IGMP */)
            return true;
        if (type == 0x86dd && frame->data[20] == 58 && frame->data[54] >= 130)
            continue; /* MLD, neighbour discovery */
        if (type == 0x86dd && frame->data[20] != 0 /* hop-by-hop: MLD */)
            return true;
    }
    return false;
}

void rig_drain(struct rig *rig)
{
    static struct rig_frame frame;

    while (rig_recv(rig, &frame))
        ;
}

/* ---- servers ------------------------------------------------------------------------------------------------ */

static void server_error(void *arg, err_t err)
{
    (void)err;
    ((struct rig_server *)arg)->pcb = NULL;
}

static err_t server_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct rig_server *server = arg;

    (void)err;
    if (!p) {
        server->closed = true;
        return ERR_OK;
    }
    server->data = realloc(server->data, server->len + p->tot_len);
    assert_non_null(server->data);
    server->len += pbuf_copy_partial(p, server->data + server->len, p->tot_len, 0);
    tcp_recved(pcb, p->tot_len);
    if (!server->hold)
        pbuf_free(p);
    else if (server->held)
        pbuf_cat(server->held, p);
    else
        server->held = p;
    return ERR_OK;
}

static err_t server_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct rig_server *server = arg;

    if (err != ERR_OK || !pcb)
        return ERR_VAL;
    server->pcb = pcb;
    tcp_arg(pcb, server);
    tcp_recv(pcb, server_recv);
    tcp_err(pcb, server_error);
    return ERR_OK;
}

void rig_serve(struct rig_server *server, uint16_t port)
{
    memset(server, 0, sizeof(*server));
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY);
    assert_int_equal(tcp_bind(pcb, IP_ANY_TYPE, port), ERR_OK);
    server->listener = tcp_listen(pcb);
    assert_non_null(server->listener);
    tcp_arg(server->listener, server);
    tcp_accept(server->listener, server_accept);
}

void rig_serve_end(struct rig_server *server)
{
    rig_abort_tcp();
    tcp_close(server->listener);
    if (server->held)
        pbuf_free(server->held);
    free(server->data);
}

static void udp_received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr, u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, addr, port);
    pbuf_free(p);
}

struct udp_pcb *rig_udp_echo(uint16_t port)
{
    struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_ANY);

    assert_non_null(pcb);
    assert_int_equal(udp_bind(pcb, IP_ANY_TYPE, port), ERR_OK);
    udp_recv(pcb, udp_received, NULL);
    return pcb;
}
