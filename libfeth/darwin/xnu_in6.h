/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/xnu_in6.h
 * IPv6 on an interface: bsd/netinet6/in6_var.h and bsd/netinet6/nd6.h.  By way of darwin/xnu.h.
 */
#ifndef FETH_DARWIN_XNU_IN6_H
#define FETH_DARWIN_XNU_IN6_H

struct xnu_in6_addrlifetime {
    int64_t ia6t_expire;
    int64_t ia6t_preferred;
    uint32_t ia6t_vltime;
    uint32_t ia6t_pltime;
};

struct xnu_in6_aliasreq {
    char ifra_name[XNU_IFNAMSIZ];
    struct xnu_sockaddr_in6 ifra_addr;
    struct xnu_sockaddr_in6 ifra_dstaddr;
    struct xnu_sockaddr_in6 ifra_prefixmask;
    int32_t ifra_flags;
    struct xnu_in6_addrlifetime ifra_lifetime;
};
_Static_assert(sizeof(struct xnu_in6_aliasreq) == 128 &&
                   offsetof(struct xnu_in6_aliasreq, ifra_lifetime) == 104,
               "struct in6_aliasreq");

struct xnu_in6_ifreq {
    char ifr_name[XNU_IFNAMSIZ];
    union {
        struct xnu_sockaddr_in6 ifru_addr;
        int32_t ifru_flags6;
        uint64_t ifru_icmp6stat[34]; /* the largest member */
    } ifr_ifru;
};
_Static_assert(sizeof(struct xnu_in6_ifreq) == 288, "struct in6_ifreq");

struct xnu_in6_ondireq {
    char ifname[XNU_IFNAMSIZ];
    struct {
        uint32_t linkmtu;
        uint32_t maxmtu;
        uint32_t basereachable;
        uint32_t reachable;
        uint32_t retrans;
        uint32_t flags; /* XNU_ND6_IFF_… */
        int32_t recalctm;
        uint8_t chlim;
        uint8_t receivedra;
        uint8_t collision_count;
    } ndi;
};
_Static_assert(sizeof(struct xnu_in6_ondireq) == 48, "struct in6_ondireq");

struct xnu_nd_ifinfo {
    uint32_t linkmtu;
    uint32_t maxmtu;
    uint32_t basereachable;
    uint32_t reachable;
    uint32_t retrans;
    uint32_t flags; /* XNU_ND6_IFF_… */
    int32_t recalctm;
    uint8_t chlim;
    uint8_t receivedra;
    uint8_t randomseed0[8];
    uint8_t randomseed1[8];
    uint8_t randomid[8];
};

struct xnu_in6_ndireq {
    char ifname[XNU_IFNAMSIZ];
    struct xnu_nd_ifinfo ndi;
};
_Static_assert(sizeof(struct xnu_in6_ndireq) == 72, "struct in6_ndireq");

#define XNU_ND6_IFF_PERFORMNUD 0x1
#define XNU_ND6_IFF_IFDISABLED 0x8 /* private */
#define XNU_ND6_IFF_DAD        0x200

#define XNU_SIOCDIFADDR_IN6     XNU_IOW('i', 25, struct xnu_in6_ifreq)
#define XNU_SIOCAIFADDR_IN6     XNU_IOW('i', 26, struct xnu_in6_aliasreq)
#define XNU_SIOCGIFINFO_IN6     XNU_IOWR('i', 76, struct xnu_in6_ondireq)
#define XNU_SIOCSIFINFO_FLAGS   XNU_IOWR('i', 87, struct xnu_in6_ndireq)
#define XNU_SIOCPROTOATTACH_IN6 XNU_IOWR('i', 110, struct xnu_in6_aliasreq) /* private */
#define XNU_SIOCPROTODETACH_IN6 XNU_IOWR('i', 111, struct xnu_in6_ifreq)    /* private */
#define XNU_SIOCLL_START        XNU_IOWR('i', 130, struct xnu_in6_aliasreq) /* private */
#define XNU_SIOCLL_STOP         XNU_IOWR('i', 131, struct xnu_in6_ifreq)    /* private */
#define XNU_SIOCAUTOCONF_START  XNU_IOWR('i', 132, struct xnu_in6_ifreq)    /* private */
#define XNU_SIOCAUTOCONF_STOP   XNU_IOWR('i', 133, struct xnu_in6_ifreq)    /* private */

#endif
