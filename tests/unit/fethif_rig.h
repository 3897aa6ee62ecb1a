/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fethif_rig.h
 * lwIP with its driver at one end of an in-process cable, and a test that plays the other machine by hand, frame by
 * frame, at the other.  The test's machine is 10.0.0.1 and fd00:feed::1, lwIP is 10.0.0.2 and fd00:feed::2.
 */
#ifndef FETH_TESTS_FETHIF_RIG_H
#define FETH_TESTS_FETHIF_RIG_H

#include "cmocka_all.h"

#include <string.h>

#include <feth/io.h>
#include <netif/fethif.h>

#include "lwip/tcp.h"
#include "lwip/udp.h"

struct rig_config {
    unsigned mtu; /* 0: 1500 */
    bool offload;
    unsigned rx_buffers; /* lwIP's side; 0: the default */
    size_t socket_buffer;
    unsigned driver_mtu;
    void (*link_changed)(struct netif *netif, const struct feth_link *link, void *arg);
    void *arg;
};

struct rig {
    struct feth_io *io;   /* lwIP's end */
    struct feth_io *wire; /* the test's end */
    struct fethif *f;
    struct netif netif;
    size_t used;           /* bytes that lwIP had before */
    bool leaves_fragments; /* of datagrams that never became complete: they wait for up to a minute */
};

extern const uint8_t rig_mac[6];                             /* the test's machine */
extern const uint8_t rig_interface_mac[6], rig_stack_mac[6]; /* lwIP: one bit from the interface's */
extern const uint8_t rig_ip4[2][4];                          /* [0]: the test's machine, [1]: lwIP */
extern const uint8_t rig_ip6[2][16];

/* Open, introduce the two machines to each other, and throw away what lwIP says at the start. */
void rig_open(struct rig *rig, const struct rig_config *config);
/* Close, and fail the test if lwIP has not given back all memory. */
void rig_close(struct rig *rig);
/* Free all of lwIP's connections. */
void rig_abort_tcp(void);
/* Let lwIP know the test's MAC address, and throw away what lwIP says. */
void rig_introduce(struct rig *rig);
/* Wait that long, in turns. */
void rig_wait(struct rig *rig, int ms);

void rig_turn(struct rig *rig);
void rig_send(struct rig *rig, const void *frame, size_t len);
void rig_send_offload(struct rig *rig, const void *frame, size_t len, const struct feth_offload *offload);

struct rig_frame {
    uint8_t data[65600];
    size_t len;
    struct feth_offload offload;
};

/* The next frame from lwIP.  @return whether there is one */
bool rig_recv(struct rig *rig, struct rig_frame *frame);
/* The next one that is not neighbour discovery or a group report of lwIP's own accord. */
bool rig_recv_ip(struct rig *rig, struct rig_frame *frame);
void rig_drain(struct rig *rig);

/* ---- frames by hand ----------------------------------------------------------------------------------------- */

uint16_t rig_be16(const uint8_t *at);
uint32_t rig_be32(const uint8_t *at);
void rig_put16(uint8_t *at, unsigned value);
void rig_put32(uint8_t *at, uint32_t value);

/* The one's complement sum, a byte pair at a time: not the code under test. */
uint32_t rig_sum(uint32_t sum, const uint8_t *data, size_t len);
uint16_t rig_fold(uint32_t sum);
/* The sum over pseudo-header and transport part: 0xffff where the checksum in it is right. */
uint16_t rig_transport_sum(const uint8_t *frame);
/* Without the transport part: what an unfinished checksum holds. */
uint16_t rig_pseudo_sum(const uint8_t *frame);
/* Where the transport header is: the rig's frames have no options. */
size_t rig_l4(const uint8_t *frame);

/* From the test's machine to lwIP.  @return the frame's length */
size_t rig_make_arp_request(uint8_t *frame, const uint8_t target[4]);
size_t rig_make_ip4(uint8_t *frame, uint8_t protocol, const void *payload, size_t len);
size_t rig_make_ip4_fragment(uint8_t *frame, uint8_t protocol, unsigned id, size_t offset, bool more,
                             const void *payload, size_t len);
size_t rig_make_ip6(uint8_t *frame, uint8_t next, const void *payload, size_t len);
size_t rig_make_ip6_fragment(uint8_t *frame, uint8_t next, uint32_t id, size_t offset, bool more,
                             const void *payload, size_t len);
/* version: 4 or 6; checksums complete */
size_t rig_make_echo(uint8_t *frame, int version, unsigned seq, size_t len);
size_t rig_make_udp(uint8_t *frame, int version, uint16_t from, uint16_t to, const void *data, size_t len);
size_t rig_make_neighbour_solicitation(uint8_t *frame);
/* Put in the transport checksum that belongs there. */
void rig_checksum(uint8_t *frame);

/* ---- a TCP machine by hand ---------------------------------------------------------------------------------- */

struct rig_tcp {
    int version;
    uint16_t port, peer_port;
    uint32_t seq, ack;
    uint16_t mss;      /* to announce, 0: none */
    uint8_t scale;     /* of the window, which is 65535 before it */
    bool sack;         /* permitted */
    uint16_t peer_mss; /* announced by lwIP */
};

#define RIG_FIN 1
#define RIG_SYN 2
#define RIG_RST 4
#define RIG_PSH 8
#define RIG_ACK 16

size_t rig_make_tcp(uint8_t *frame, const struct rig_tcp *tcp, unsigned flags, const void *options,
                    size_t options_len, const void *data, size_t len);
/* Open a connection to lwIP's port. */
void rig_tcp_connect(struct rig *rig, struct rig_tcp *tcp, int version, uint16_t port);
unsigned rig_tcp_flags(const struct rig_frame *frame);
/* Of a received segment.  @return its length */
size_t rig_tcp_data(const struct rig_frame *frame, const uint8_t **data);

/* ---- servers on lwIP ---------------------------------------------------------------------------------------- */

/* A listener whose connections keep what they receive, and send nothing of their own accord. */
struct rig_server {
    struct tcp_pcb *listener;
    struct tcp_pcb *pcb; /* the last accepted; NULL once it is gone */
    uint8_t *data;
    size_t len;
    bool closed; /* the far end has sent its FIN */
    bool hold;   /* keep the pbufs */
    struct pbuf *held;
};

void rig_serve(struct rig_server *server, uint16_t port);
void rig_serve_end(struct rig_server *server);
/* A UDP port that sends everything back.  Remove with udp_remove(). */
struct udp_pcb *rig_udp_echo(uint16_t port);

#endif
