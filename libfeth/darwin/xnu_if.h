/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/xnu_if.h
 * Interfaces: bsd/net/if.h, bsd/net/if_private.h, bsd/net/if_var.h, bsd/net/if_fake_var.h, bsd/sys/sockio.h and
 * bsd/sys/sockio_private.h.  By way of darwin/xnu.h.
 */
#ifndef FETH_DARWIN_XNU_IF_H
#define FETH_DARWIN_XNU_IF_H

#define XNU_IFNAMSIZ 16

/* ifr_flags, a short */
#define XNU_IFF_UP          0x1
#define XNU_IFF_BROADCAST   0x2
#define XNU_IFF_LOOPBACK    0x8
#define XNU_IFF_POINTOPOINT 0x10
#define XNU_IFF_RUNNING     0x40
#define XNU_IFF_PROMISC     0x100
#define XNU_IFF_ALLMULTI    0x200
#define XNU_IFF_OACTIVE     0x400
#define XNU_IFF_SIMPLEX     0x800
#define XNU_IFF_MULTICAST   0x8000

/* ifr_eflags; private */
#define XNU_IFEF_ACCEPT_RTADV 0x40

struct xnu_ifdevmtu {
    int32_t ifdm_current;
    int32_t ifdm_min;
    int32_t ifdm_max;
};

struct xnu_ifreq {
    char ifr_name[XNU_IFNAMSIZ];
    union {
        struct xnu_sockaddr ifru_addr;
        int16_t ifru_flags;
        int32_t ifru_mtu;
        void *ifru_data;
        struct xnu_ifdevmtu ifru_devmtu;
        uint64_t ifru_eflags;
    } ifr_ifru;
};
_Static_assert(sizeof(struct xnu_ifreq) == 32, "struct ifreq");

/* struct ifaliasreq, with addresses of IPv4 */
struct xnu_in_aliasreq {
    char ifra_name[XNU_IFNAMSIZ];
    struct xnu_sockaddr_in ifra_addr;
    struct xnu_sockaddr_in ifra_broadaddr;
    struct xnu_sockaddr_in ifra_mask;
};
_Static_assert(sizeof(struct xnu_in_aliasreq) == 64, "struct ifaliasreq");

#define XNU_IF_DESCSIZE 128
struct xnu_if_descreq { /* private */
    char ifdr_name[XNU_IFNAMSIZ];
    uint32_t ifdr_len;
    uint8_t ifdr_desc[XNU_IF_DESCSIZE];
};
_Static_assert(sizeof(struct xnu_if_descreq) == 148, "struct if_descreq");

struct xnu_ifdrv {
    char ifd_name[XNU_IFNAMSIZ];
    uint64_t ifd_cmd; /* unsigned long */
    uint64_t ifd_len; /* size_t */
    void *ifd_data;
};
_Static_assert(sizeof(void *) != 8 || sizeof(struct xnu_ifdrv) == 40, "struct ifdrv");

/* What ifd_data points to for a feth; private */
#define XNU_IF_FAKE_S_CMD_SET_PEER 1
#define XNU_IF_FAKE_G_CMD_GET_PEER 1
struct xnu_if_fake_request {
    uint64_t iffr_reserved[4];
    union {
        char iffru_buf[128];
        char iffru_peer_name[XNU_IFNAMSIZ];
    } iffr_u;
};
_Static_assert(sizeof(struct xnu_if_fake_request) == 160, "struct if_fake_request");

#define XNU_SIOCSIFFLAGS   XNU_IOW('i', 16, struct xnu_ifreq)
#define XNU_SIOCGIFFLAGS   XNU_IOWR('i', 17, struct xnu_ifreq)
#define XNU_SIOCDIFADDR    XNU_IOW('i', 25, struct xnu_ifreq)
#define XNU_SIOCAIFADDR    XNU_IOW('i', 26, struct xnu_in_aliasreq)
#define XNU_SIOCGIFADDR    XNU_IOWR('i', 33, struct xnu_ifreq)
#define XNU_SIOCGIFNETMASK XNU_IOWR('i', 37, struct xnu_ifreq)
#define XNU_SIOCGIFMTU     XNU_IOWR('i', 51, struct xnu_ifreq)
#define XNU_SIOCSIFMTU     XNU_IOW('i', 52, struct xnu_ifreq)
#define XNU_SIOCSIFLLADDR  XNU_IOW('i', 60, struct xnu_ifreq)
#define XNU_SIOCGIFDEVMTU  XNU_IOWR('i', 68, struct xnu_ifreq)
#define XNU_SIOCIFCREATE   XNU_IOWR('i', 120, struct xnu_ifreq)
#define XNU_SIOCIFDESTROY  XNU_IOW('i', 121, struct xnu_ifreq)
#define XNU_SIOCIFCREATE2  XNU_IOWR('i', 122, struct xnu_ifreq)
#define XNU_SIOCSDRVSPEC   XNU_IOW('i', 123, struct xnu_ifdrv)
#define XNU_SIOCGDRVSPEC   XNU_IOWR('i', 123, struct xnu_ifdrv)
#define XNU_SIOCGIFEFLAGS  XNU_IOWR('i', 142, struct xnu_ifreq)      /* private */
#define XNU_SIOCSIFDESC    XNU_IOWR('i', 143, struct xnu_if_descreq) /* private */
#define XNU_SIOCGIFDESC    XNU_IOWR('i', 144, struct xnu_if_descreq) /* private */
#define XNU_SIOCGIFLLADDR  XNU_IOWR('i', 158, struct xnu_ifreq)      /* private */

/* ---- counters ----------------------------------------------------------------------------------------------- */

struct xnu_timeval32 {
    int32_t tv_sec;
    int32_t tv_usec;
};

/* ifi_hwassist: bsd/net/kpi_interface.h */
#define XNU_IFNET_CSUM_IP      0x1
#define XNU_IFNET_CSUM_TCP     0x2
#define XNU_IFNET_CSUM_UDP     0x4
#define XNU_IFNET_CSUM_TCPIPV6 0x20
#define XNU_IFNET_CSUM_UDPIPV6 0x40
#define XNU_IFNET_TSO_IPV4     0x200000
#define XNU_IFNET_TSO_IPV6     0x400000

/* What getifaddrs() gives as the ifa_data of an AF_LINK entry */
struct xnu_if_data {
    uint8_t ifi_type;
    uint8_t ifi_typelen;
    uint8_t ifi_physical;
    uint8_t ifi_addrlen;
    uint8_t ifi_hdrlen;
    uint8_t ifi_recvquota;
    uint8_t ifi_xmitquota;
    uint8_t ifi_unused1;
    uint32_t ifi_mtu;
    uint32_t ifi_metric;
    uint32_t ifi_baudrate;
    uint32_t ifi_ipackets;
    uint32_t ifi_ierrors;
    uint32_t ifi_opackets;
    uint32_t ifi_oerrors;
    uint32_t ifi_collisions;
    uint32_t ifi_ibytes;
    uint32_t ifi_obytes;
    uint32_t ifi_imcasts;
    uint32_t ifi_omcasts;
    uint32_t ifi_iqdrops;
    uint32_t ifi_noproto;
    uint32_t ifi_recvtiming;
    uint32_t ifi_xmittiming;
    struct xnu_timeval32 ifi_lastchange;
    uint32_t ifi_unused2;
    uint32_t ifi_hwassist;
    uint32_t ifi_reserved1;
    uint32_t ifi_reserved2;
};
_Static_assert(sizeof(struct xnu_if_data) == 96, "struct if_data");

#pragma pack(push, 4)
struct xnu_if_data64 {
    uint8_t ifi_type;
    uint8_t ifi_typelen;
    uint8_t ifi_physical;
    uint8_t ifi_addrlen;
    uint8_t ifi_hdrlen;
    uint8_t ifi_recvquota;
    uint8_t ifi_xmitquota;
    uint8_t ifi_unused1;
    uint32_t ifi_mtu;
    uint32_t ifi_metric;
    uint64_t ifi_baudrate;
    uint64_t ifi_ipackets;
    uint64_t ifi_ierrors;
    uint64_t ifi_opackets;
    uint64_t ifi_oerrors;
    uint64_t ifi_collisions;
    uint64_t ifi_ibytes;
    uint64_t ifi_obytes;
    uint64_t ifi_imcasts;
    uint64_t ifi_omcasts;
    uint64_t ifi_iqdrops;
    uint64_t ifi_noproto;
    uint32_t ifi_recvtiming;
    uint32_t ifi_xmittiming;
    struct xnu_timeval32 ifi_lastchange;
};

/* One interface, as the sysctl NET_RT_IFLIST2 lists them */
struct xnu_if_msghdr2 {
    uint16_t ifm_msglen;
    uint8_t ifm_version;
    uint8_t ifm_type; /* XNU_RTM_IFINFO2 */
    int32_t ifm_addrs;
    int32_t ifm_flags;
    uint16_t ifm_index;
    int32_t ifm_snd_len;
    int32_t ifm_snd_maxlen;
    int32_t ifm_snd_drops;
    int32_t ifm_timer;
    struct xnu_if_data64 ifm_data;
};
#pragma pack(pop)
_Static_assert(sizeof(struct xnu_if_data64) == 128, "struct if_data64");
_Static_assert(sizeof(struct xnu_if_msghdr2) == 160 && offsetof(struct xnu_if_msghdr2, ifm_data) == 32,
               "struct if_msghdr2");

#define XNU_RTM_IFINFO2 0x12 /* bsd/net/route.h */

#endif
