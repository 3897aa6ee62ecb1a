/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/xnu_frames.h
 * Frames in and out: bsd/net/bpf.h, bsd/net/ndrv.h, bsd/sys/socket_private.h; what the kernel tells of interfaces:
 * bsd/sys/kern_event.h, bsd/sys/sys_domain.h, bsd/net/net_kev.h, bsd/net/if_var.h.  By way of darwin/xnu.h.
 */
#ifndef FETH_DARWIN_XNU_FRAMES_H
#define FETH_DARWIN_XNU_FRAMES_H

/* ---- BPF ---------------------------------------------------------------------------------------------------- */

/* In front of each frame.  The frame lies bh_hdrlen behind its start: 18 for Ethernet, less than sizeof. */
struct xnu_bpf_hdr {
    struct xnu_timeval32 bh_tstamp;
    uint32_t bh_caplen;
    uint32_t bh_datalen;
    uint16_t bh_hdrlen;
};
_Static_assert(sizeof(struct xnu_bpf_hdr) == 20 && offsetof(struct xnu_bpf_hdr, bh_hdrlen) == 16,
               "struct bpf_hdr");

/* Records start at multiples of it. */
#define XNU_BPF_ALIGNMENT    4u
#define XNU_BPF_WORDALIGN(x) (((size_t)(x) + (XNU_BPF_ALIGNMENT - 1)) & ~(size_t)(XNU_BPF_ALIGNMENT - 1))

struct xnu_bpf_stat {
    uint32_t bs_recv;
    uint32_t bs_drop;
};

struct xnu_bpf_version {
    uint16_t bv_major;
    uint16_t bv_minor;
};

#define XNU_DLT_EN10MB 1u

#define XNU_BIOCGBLEN       XNU_IOR('B', 102, uint32_t)
#define XNU_BIOCSBLEN       XNU_IOWR('B', 102, uint32_t)
#define XNU_BIOCFLUSH       XNU_IO('B', 104)
#define XNU_BIOCPROMISC     XNU_IO('B', 105)
#define XNU_BIOCGDLT        XNU_IOR('B', 106, uint32_t)
#define XNU_BIOCGETIF       XNU_IOR('B', 107, struct xnu_ifreq)
#define XNU_BIOCSETIF       XNU_IOW('B', 108, struct xnu_ifreq)
#define XNU_BIOCSRTIMEOUT   XNU_IOW('B', 109, struct xnu_timeval)
#define XNU_BIOCGSTATS      XNU_IOR('B', 111, struct xnu_bpf_stat)
#define XNU_BIOCIMMEDIATE   XNU_IOW('B', 112, uint32_t)
#define XNU_BIOCVERSION     XNU_IOR('B', 113, struct xnu_bpf_version)
#define XNU_BIOCSHDRCMPLT   XNU_IOW('B', 117, uint32_t)
#define XNU_BIOCSSEESENT    XNU_IOW('B', 119, uint32_t)
#define XNU_BIOCSETTC       XNU_IOW('B', 123, int32_t)  /* private */
#define XNU_BIOCSHEADDROP   XNU_IOW('B', 128, int32_t)  /* private */
#define XNU_BIOCSDIRECTION  XNU_IOW('B', 139, uint32_t) /* private */
#define XNU_BIOCSWRITEMAX   XNU_IOW('B', 140, uint32_t) /* private, from xnu-10002.41 (macOS 14.1) on */
#define XNU_BIOCSBATCHWRITE XNU_IOW('B', 143, int32_t)  /* private, from xnu-10002.41 (macOS 14.1) on */
#define XNU_BIOCSNOTSTAMP   XNU_IOW('B', 145, int32_t)  /* private */

/* ---- PF_NDRV ------------------------------------------------------------------------------------------------ */

#define XNU_AF_NDRV 27
#define XNU_PF_NDRV XNU_AF_NDRV

struct xnu_sockaddr_ndrv {
    uint8_t snd_len;
    uint8_t snd_family;
    uint8_t snd_name[XNU_IFNAMSIZ];
};
_Static_assert(sizeof(struct xnu_sockaddr_ndrv) == 18, "struct sockaddr_ndrv");

/* What sendmsg_x() and recvmsg_x() take many of; private */
struct xnu_msghdr_x {
    void *msg_name;
    uint32_t msg_namelen;
    struct iovec *msg_iov;
    int32_t msg_iovlen;
    void *msg_control;
    uint32_t msg_controllen;
    int32_t msg_flags;
    size_t msg_datalen; /* bytes moved */
};
_Static_assert(sizeof(void *) != 8 || sizeof(struct xnu_msghdr_x) == 56, "struct msghdr_x");

/* ---- kernel events: a PF_SYSTEM socket of type SOCK_RAW ----------------------------------------------------- */

#define XNU_AF_SYSTEM      32
#define XNU_PF_SYSTEM      XNU_AF_SYSTEM
#define XNU_SYSPROTO_EVENT 1

struct xnu_kev_request {
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
};
#define XNU_SIOCSKEVFILT XNU_IOW('e', 2, struct xnu_kev_request)

struct xnu_kern_event_msg {
    uint32_t total_size;
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
    uint32_t id;
    uint32_t event_code;
    uint32_t event_data[1]; /* or more: total_size tells */
};
_Static_assert(offsetof(struct xnu_kern_event_msg, event_data) == 24, "struct kern_event_msg");

/* How the event_data of KEV_DL_SUBCLASS begins */
struct xnu_net_event_data {
    uint32_t if_family;
    uint32_t if_unit;
    char if_name[XNU_IFNAMSIZ]; /* without the unit */
};
_Static_assert(sizeof(struct xnu_net_event_data) == 24, "struct net_event_data");

#define XNU_KEV_VENDOR_APPLE   1
#define XNU_KEV_NETWORK_CLASS  1
#define XNU_KEV_INET_SUBCLASS  1
#define XNU_KEV_DL_SUBCLASS    2
#define XNU_KEV_INET6_SUBCLASS 6

#define XNU_KEV_DL_SIFFLAGS             1
#define XNU_KEV_DL_SIFMTU               3
#define XNU_KEV_DL_IF_ATTACHED          9
#define XNU_KEV_DL_IF_DETACHING         10
#define XNU_KEV_DL_IF_DETACHED          11
#define XNU_KEV_DL_LINK_OFF             12
#define XNU_KEV_DL_LINK_ON              13
#define XNU_KEV_DL_LINK_ADDRESS_CHANGED 16

#endif
