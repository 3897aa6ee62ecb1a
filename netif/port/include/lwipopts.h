/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lwipopts.h
 * lwIP for a desktop: memory from the heap, windows of a megabyte, thousands of connections, both IP versions.
 *
 * To change something, put a lwipopts.h of your own into a folder, #include_next <lwipopts.h> in it, #undef and
 * #define what you need, and configure with -DFETH_LWIPOPTS_DIR=<folder>.  What is not here has lwIP's default
 * (lwip/opt.h).
 */
#ifndef FETH_LWIPOPTS_H
#define FETH_LWIPOPTS_H

/* ---- the system --------------------------------------------------------------------------------------------- */

#ifndef NO_SYS
#define NO_SYS 1 /* no threads of lwIP's own: fethif_dispatch() drives it from any event loop */
#endif
#if NO_SYS
#define SYS_LIGHTWEIGHT_PROT 0 /* one thread runs lwIP: nothing to protect */
#define LWIP_NETCONN         0 /* the blocking interfaces need the thread of NO_SYS=0 */
#define LWIP_SOCKET          0
#endif
#define LWIP_HOOK_FILENAME "arch/hooks.h"

/* ---- memory ------------------------------------------------------------------------------------------------- */

/*
 * Everything comes from malloc(), pools included: a pool sized for thousands of connections would lie there unused
 * in a program that has two.  The limits are stated here instead: bytes, connections, fragments.
 */
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC    feth_lwip_malloc
#define MEM_CUSTOM_CALLOC    feth_lwip_calloc
#define MEM_CUSTOM_FREE      feth_lwip_free
#define MEMP_MEM_MALLOC      1
#define MEM_ALIGNMENT        8 /* pointers and 64-bit numbers; malloc() gives 16, lwIP puts 8 bytes in front */
#ifndef FETH_LWIP_HEAP_MAX
#define FETH_LWIP_HEAP_MAX ((size_t)512 * 1024 * 1024) /* bytes; above it lwIP's calls return ERR_MEM */
#endif
#ifndef FETH_TCP_PCB_MAX
/* Connections; above it the oldest in TIME-WAIT goes, and if there is none SYNs are dropped (port/tcp_input.c). */
#define FETH_TCP_PCB_MAX 16384
#endif

#define LWIP_SUPPORT_CUSTOM_PBUF 1    /* received frames reference the receive buffer (netif/rx.c) */
#define PBUF_POOL_BUFSIZE        2048 /* nobody here allocates from the pool; the default grows with TCP_MSS */
#define LWIP_PBUF_REF_T          u16_t /* one pbuf may be in a driver's queue more often than 255 times */

/* ---- Ethernet, ARP ------------------------------------------------------------------------------------------ */

#define LWIP_ARP              1
#define LWIP_ETHERNET         1
#define ARP_TABLE_SIZE        64  /* a pair has one neighbour, a bridge behind it more; at most 127 */
#define ARP_QUEUEING          1   /* while an address is resolved, keep more than the last packet … */
#define ARP_QUEUE_LEN         128 /* … so that a 64 KiB datagram in fragments of MTU 576 gets through */
#define LWIP_NETIF_HWADDRHINT 1   /* connections remember their entry instead of searching the table */

/* ---- interfaces --------------------------------------------------------------------------------------------- */

#define LWIP_NETIF_HOSTNAME        1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK   1
#define LWIP_NETIF_REMOVE_CALLBACK 1 /* the driver learns that its netif is gone */
#define LWIP_NETIF_TX_SINGLE_PBUF  0 /* the driver sends chains as they are */
/* The driver leaves checksums to whoever completes them or has verified them. */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1

/* ---- IP ----------------------------------------------------------------------------------------------------- */

#define LWIP_IPV4      1
#define LWIP_IPV6      1
#define IP_REASSEMBLY  1
#define IP_FRAG        1
#define IP_DEFAULT_TTL 64 /* RFC 1700 and every desktop; lwIP's 255 makes traceroute outputs odd */
/*
 * Fragments that may wait for their datagram, per IP version.  65,535 bytes at MTU 576 are 119 fragments, at MTU
 * 1280 (IPv6) 54: 4096 allow for dozens of such datagrams at once.
 */
#define IP_REASS_MAX_PBUFS 4096

#define LWIP_ICMP 1
#define LWIP_IGMP 1 /* multicast over IPv4 */
#define LWIP_RAW  1 /* ping and the like */

#define LWIP_IPV6_FRAG            1
#define LWIP_IPV6_REASS           1
#define IPV6_FRAG_COPYHEADER      1  /* required where pointers have more than 32 bits */
#define LWIP_IPV6_NUM_ADDRESSES   8  /* link-local, a few of one's own, one for each advertised prefix */
#define LWIP_ND6_NUM_NEIGHBORS    64 /* as ARP_TABLE_SIZE */
#define LWIP_ND6_NUM_DESTINATIONS 64
/*
 * RFC 4862, 5.1: one probe, which takes a second before a new address can be used.  On a cable of one's own nobody
 * else can have the address: netif_ip6_addr_set_state(netif, i, IP6_ADDR_PREFERRED) skips the wait.
 */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 1

/* ---- UDP ---------------------------------------------------------------------------------------------------- */

#define LWIP_UDP 1
#define SO_REUSE 1 /* SO_REUSEADDR: a server may bind its port while old connections are in TIME-WAIT */

/* ---- TCP ---------------------------------------------------------------------------------------------------- */

#define LWIP_TCP           1
#define LWIP_TCP_KEEPALIVE 1 /* adjustable for each connection */
#define LWIP_WND_SCALE     1
#define TCP_RCV_SCALE      5 /* up to 2 MiB can be announced, in steps of 32 bytes */
#define TCP_WND            (1024 * 1024)
#define TCP_SND_BUF        (1024 * 1024)

/*
 * The most a connection's segments may hold: what fits a frame that lwIP's 16-bit lengths can describe (IPv4, MTU
 * 65521; see FETHIF_MTU_MAX).  Each connection's own limit is the lesser of the peer's MSS and the interface's MTU
 * less the headers (tcp_eff_send_mss).  lwIP's check wants 16382 or less since its default of TCP_SNDLOWAT overflows
 * above; with that set explicitly nothing else does.  In tests/unit/test_fethif_tcp.c both ends of the range are run.
 */
#ifndef TCP_MSS
#define TCP_MSS 65481
#endif
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#define TCP_SNDLOWAT                   32768 /* select() says writable; must be less than 65535 */
/*
 * pbufs waiting to be sent or acknowledged.  A full buffer in segments of MTU 576 is 2114 segments; data that is not
 * copied takes two pbufs for each.  At most 65532.
 */
#define TCP_SND_QUEUELEN         16384
#define TCP_SNDQUEUELOWAT        (TCP_SND_QUEUELEN / 2)
#define TCP_OVERSIZE             1460 /* memory taken in advance for small writes: not TCP_MSS, which is large here */
#define TCP_WND_UPDATE_THRESHOLD (TCP_WND / 16) /* likewise: the default is four times TCP_MSS */

#define LWIP_TCP_SACK_OUT   1 /* tell the peer what has arrived behind a gap */
#define TCP_QUEUE_OOSEQ     1
#define TCP_OOSEQ_MAX_BYTES TCP_WND /* what the window allows … */
#define TCP_OOSEQ_MAX_PBUFS 2048    /* … but not in pieces of a byte each */
/* lwIP sends timestamps, but neither measures nor protects by them: 12 bytes for nothing. */
#define LWIP_TCP_TIMESTAMPS 0
/* The limit of 8 bits is too small for a burst of connections; FETH_TCP_PCB_MAX limits them. */
#define TCP_LISTEN_BACKLOG 0

/*
 * TCP's clock.  Half a tick is the delay of delayed ACKs, and retransmission waits for at least three ticks: with
 * lwIP's 250 ms that is 1.5 s, with 50 ms it is 0.3 s, which is what Linux and macOS do.  tcp_poll() counts in ticks
 * of 100 ms then, not 500 ms.
 */
#define TCP_TMR_INTERVAL  50
#define LWIP_TCP_RTO_TIME 1000  /* before the first measurement: RFC 6298, 2.1 */
#define TCP_SYNMAXRTX     12    /* SYNs are repeated every LWIP_TCP_RTO_TIME, without back-off */
#define TCP_MSL           15000 /* TIME-WAIT lasts twice this, 30 s: macOS's value */

/*
 * The dynamic ports (RFC 6335, 6), from a random one on.  lwIP 2.2.1 adds one and compares with the end afterwards: from
 * the last port it would go to 0, which is an error, and on to the ports of the services.  So it does not start there.
 */
#define TCP_LOCAL_PORT_RANGE_START 0xc000
#define TCP_LOCAL_PORT_RANGE_END   0xffff /* not used itself */
#define TCP_ENSURE_LOCAL_PORT_RANGE(random)                                                                  \
    ((u16_t)(TCP_LOCAL_PORT_RANGE_START + (random) % (TCP_LOCAL_PORT_RANGE_END - TCP_LOCAL_PORT_RANGE_START)))

#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port)                                      \
    feth_lwip_isn(local_ip, local_port, remote_ip, remote_port)
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p)                                       \
    feth_lwip_tcp_input(pcb, hdr, optlen, opt1len, opt2, p)
#define LWIP_HOOK_IP6_INPUT(p, netif) feth_lwip_ip6_input(p, netif)

/* ---- statistics --------------------------------------------------------------------------------------------- */

#define LWIP_STATS       1
#define LWIP_STATS_LARGE 1 /* 32 bits: 16 overflow within a second */
#define MEM_STATS        1 /* FETH_LWIP_HEAP_MAX counts by it */
#define MEMP_STATS       1 /* FETH_TCP_PCB_MAX counts by it */

/* ---- HTTP server -------------------------------------------------------------------------------------------- */

#define LWIP_ALTCP                   1 /* a layer may stand between the server and TCP */
#define LWIP_HTTPD_CUSTOM_FILES      1 /* the program provides the files: fs_open_custom() … */
#define LWIP_HTTPD_DYNAMIC_FILE_READ 1 /* … whose content may be made while it is read … */
#define LWIP_HTTPD_FS_ASYNC_READ     1 /* … and may not be there yet */
#define LWIP_HTTPD_FILE_EXTENSION    1 /* and which carry a pointer of the program's */
#define HTTPD_FSDATA_FILE            "feth_fsdata.h"
#define LWIP_HTTPD_DYNAMIC_HEADERS   1
#define LWIP_HTTPD_SUPPORT_EXTSTATUS 1 /* /400.html and /501.html, as /404.html */
/* A file is closed when its last byte is handed to TCP: what it was made of may be freed before it is sent. */
#define HTTP_IS_DATA_VOLATILE(hs)            TCP_WRITE_FLAG_COPY
#define LWIP_HTTPD_SUPPORT_POST              1
#define LWIP_HTTPD_POST_MANUAL_WND           1 /* the program may slow a POST down */
#define LWIP_HTTPD_REQ_QUEUELEN              64
#define LWIP_HTTPD_MAX_REQ_LENGTH            16384 /* request line and headers, of browsers with cookies too */
#define LWIP_HTTPD_MAX_REQUEST_URI_LEN       1023
#define LWIP_HTTPD_POST_MAX_RESPONSE_URI_LEN 1023
#define HTTPD_LIMIT_SENDING_TO_2MSS          0 /* send what the buffer takes; twice a large MSS overflows 16 bits */
#define HTTPD_POLL_INTERVAL                  20 /* 2 s, in ticks of tcp_poll() */
#define HTTPD_MAX_RETRIES                    30 /* a minute of silence ends a connection */

/* ---- iperf -------------------------------------------------------------------------------------------------- */

#define LWIPERF_TCP_MAX_IDLE_SEC 50 /* in polls of two ticks: 10 s */

#endif
