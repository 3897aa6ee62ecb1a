/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file feth/io.h
 * Move raw Ethernet frames on the I/O side of a pair.
 *
 * One handle per interface.  One thread may receive while another sends; two threads must not receive, nor two
 * send, at the same time.  Borrowed frames may be released from any thread, and outlive the handle.
 *
 * Receiving, in any event loop: wait until feth_io_fd() is readable, then call feth_io_recv_batch() until it
 * returns FETH_EAGAIN.  A handle can hold frames although its descriptor is not readable (one system call may
 * bring more frames than were asked for); stop early only if feth_io_pending() says false.  feth_io_wait() minds
 * that by itself.
 */
#ifndef FETH_IO_H
#define FETH_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <feth/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FETH_FRAME_MIN                                                                                       \
    14 /**< an Ethernet header; shorter frames panic some kernels and are refused everywhere */
#define FETH_FRAME_MAX 65553 /**< a 65535-byte IP packet with an Ethernet header and a VLAN tag */

/* ---- offload metadata --------------------------------------------------------------------------------------- */

/**
 * What a frame still lacks, or may be believed to have: the fields and values of virtio 1.2, 5.1.6 (struct
 * virtio_net_hdr), in the machine's byte order.  All zero: an ordinary, complete frame of unknown validity.
 */
struct feth_offload {
    uint8_t flags;        /**< FETH_CSUM_… */
    uint8_t gso_type;     /**< FETH_GSO_… */
    uint16_t hdr_len;     /**< bytes of Ethernet to transport header, where gso_type is set */
    uint16_t gso_size;    /**< payload bytes for each segment, where gso_type is set */
    uint16_t csum_start;  /**< where to start summing, from the start of the frame */
    uint16_t csum_offset; /**< where the sum goes, from csum_start */
};

#define FETH_CSUM_NEEDED 1 /**< the transport checksum holds the pseudo-header's sum only: to be completed */
#define FETH_CSUM_VALID  2 /**< received: checksums are known to be good */

#define FETH_GSO_NONE   0
#define FETH_GSO_TCPV4  1
#define FETH_GSO_TCPV6  4
#define FETH_GSO_UDP_L4 5
#define FETH_GSO_ECN    0x80 /**< or-ed: the TCP header has CWR set */

/** Capabilities: which metadata a handle may hand out, and which it accepts. */
enum feth_cap {
    FETH_CAP_RX_CSUM = 1 << 0, /**< received frames may carry FETH_CSUM_NEEDED or FETH_CSUM_VALID */
    FETH_CAP_RX_GSO = 1 << 1,  /**< received frames may be larger than the MTU, with a gso_type */
    FETH_CAP_TX_CSUM = 1 << 2, /**< frames with FETH_CSUM_NEEDED are accepted */
    FETH_CAP_TX_TSO4 = 1 << 3, /**< frames with FETH_GSO_TCPV4 are accepted */
    FETH_CAP_TX_TSO6 = 1 << 4, /**< frames with FETH_GSO_TCPV6 are accepted */
    FETH_CAP_TX_USO = 1 << 5   /**< frames with FETH_GSO_UDP_L4 are accepted */
};

/* ---- handles ------------------------------------------------------------------------------------------------ */

struct feth_io;

/** How frames are handed to the kernel where there are several ways to do it: on macOS.  For tests and comparisons. */
enum feth_tx_path {
    FETH_TX_AUTO = 0,       /**< the best that the kernel has, in this order */
    FETH_TX_BPF_BATCH,      /**< many frames in one write to the BPF device: macOS 14.1 and newer */
    FETH_TX_NDRV_SENDMSG_X, /**< many frames in one call on an NDRV socket */
    FETH_TX_NDRV_WRITEV     /**< one frame a call on an NDRV socket */
};

/** How to open a handle.  Start from FETH_IO_CONFIG_INIT. */
struct feth_io_config {
    size_t size;         /**< sizeof(struct feth_io_config), set by FETH_IO_CONFIG_INIT */
    bool nonblock;       /**< calls return FETH_EAGAIN instead of waiting */
    bool offload;        /**< take offload metadata; without it every frame is complete and fits the MTU */
    unsigned rx_buffers; /**< receive buffers, each holding the largest frame; 0: 256 */
    size_t
        socket_buffer; /**< bytes that the kernel may queue each way; 0: 4 MiB; granted as far as permitted */
    /** Receive also what the system and other programs send out of the interface, as a capture wants it.  Whether
     * frames sent on this very handle are among it is up to the system. */
    bool see_sent;
    enum feth_tx_path tx_path; /**< FETH_ENOSUP where there is no such way */
};

#define FETH_IO_CONFIG_INIT                                                                                  \
    {                                                                                                        \
        .size = sizeof(struct feth_io_config)                                                                \
    }

/**
 * Open the I/O side on an interface.  Any Ethernet interface will do, not only a feth.
 * @param[out] io the handle; the caller closes it with feth_io_close()
 * @param config NULL for the defaults (blocking, no offload)
 * @return 0; FETH_ENOIF, FETH_EPERM (Linux: CAP_NET_RAW; macOS: root), FETH_EBUSY, FETH_ENOMEM, FETH_ENOSUP
 */
FETH_API FETH_MUST_CHECK int feth_io_open(struct feth_io **io, const char *ifname,
                                          const struct feth_io_config *config, struct feth_error *err);

/** How to make an in-process cable.  Start from FETH_MEMORY_CONFIG_INIT. */
struct feth_memory_config {
    size_t size;                 /**< sizeof(struct feth_memory_config), set by FETH_MEMORY_CONFIG_INIT */
    unsigned mtu;                /**< 68–65535; 0: 1500 */
    uint8_t mac[2][6];           /**< of each end; all zero: random */
    struct feth_io_config io[2]; /**< of each end */
};

#define FETH_MEMORY_CONFIG_INIT                                                                              \
    {                                                                                                        \
        .size = sizeof(struct feth_memory_config), .io = { FETH_IO_CONFIG_INIT, FETH_IO_CONFIG_INIT }        \
    }

/**
 * Two handles joined by a socket pair: a cable within a process, between its threads, or across a fork (each
 * process then closes the end that it does not use).  No kernel interface and no privilege.  Frames sent on one
 * end are received on the other, in order, none lost; a full cable makes the sender wait.  Closing one end gives
 * the other FETH_EGONE once it has received what was sent.
 * Offload metadata passes where both ends' configs take it.
 * @return 0; FETH_EMTU, FETH_ENOMEM, FETH_ESYS, FETH_ENOSUP (see_sent: there is nobody else to send on an end)
 */
FETH_API FETH_MUST_CHECK int
feth_memory_pair(struct feth_io *ends[2], const struct feth_memory_config *config, struct feth_error *err);

/** Close a handle and what it wraps; NULL is allowed.  Borrowed frames stay valid until they are released. */
FETH_API void feth_io_close(struct feth_io *io);

/**
 * The descriptor that becomes readable when receiving has something to say.  Only to be waited on.  It may prove to be
 * nothing (on macOS once a second, when the handle wants to look after its interface): then feth_io_recv_batch() returns
 * FETH_EAGAIN.
 */
FETH_API int feth_io_fd(const struct feth_io *io);

/** Whether the handle holds frames that the descriptor does not announce. */
FETH_API bool feth_io_pending(const struct feth_io *io);

/**
 * Wait until feth_io_recv_batch() has something to say, as feth_io_fd() puts it.
 * @param timeout_ms milliseconds; negative: no limit
 * @return 0; FETH_ETIMEOUT; FETH_EAGAIN when a signal came
 */
FETH_API FETH_MUST_CHECK int feth_io_wait(struct feth_io *io, int timeout_ms, struct feth_error *err);

/** Change between blocking and non-blocking calls.  Not while another thread is in a call. */
FETH_API void feth_io_set_nonblock(struct feth_io *io, bool nonblock);

/** The interface's name; for an in-process cable "memory0" or "memory1". */
FETH_API const char *feth_io_name(const struct feth_io *io);

/**
 * By what frames come and go, in a word: "packet" (Linux), "bpf-batch", "ndrv-sendmsg_x" or "ndrv-writev" (macOS, where
 * it is the way to send), "memory".  A layer's is that of the handle it wraps.
 * @return a static string.  Any thread.
 */
FETH_API const char *feth_io_backend(const struct feth_io *io);

/** The capabilities: a set of enum feth_cap.  0 where the handle was opened without offload. */
FETH_API unsigned feth_io_caps(const struct feth_io *io);

/** The number of receive buffers: how many can be borrowed at once. */
FETH_API unsigned feth_io_rx_buffers(const struct feth_io *io);

/** The state of the interface, as last learnt. */
struct feth_link {
    bool up;      /**< administratively up */
    bool carrier; /**< and the far end is there and up */
    bool gone;    /**< destroyed, or the far end of an in-process cable was closed */
    unsigned mtu; /**< bytes of IP packet */
    uint8_t mac[6];
    unsigned changes; /**< counts the changes of the above since the handle was opened */
};

/**
 * The interface's state, kept up to date by the receive calls (the descriptor becomes readable on a change; then
 * feth_io_recv_batch() learns it).  Costs no system call.  Any thread.
 */
FETH_API void feth_io_get_link(const struct feth_io *io, struct feth_link *link);

/* ---- receiving ---------------------------------------------------------------------------------------------- */

struct feth_buf;

/** One received frame, borrowed from the handle's buffers. */
struct feth_frame {
    uint8_t *data;     /**< from the Ethernet header on, without FCS; yours to change until released */
    uint32_t len;      /**< bytes at data */
    uint32_t wire_len; /**< bytes on the wire; more than len: the frame was cut */
    struct feth_offload offload; /**< all zero on a handle without offload */
    struct feth_buf *buf;        /**< whose memory it is */
};

/**
 * Receive up to max frames, as many as are there, without copying them out.
 * On a blocking handle it waits for the first.
 * @param[out] frames valid until feth_frames_release(), also after the handle is closed
 * @return the number of frames, at least 1; FETH_EAGAIN (non-blocking: nothing there now); FETH_EDOWN (once, when
 * the interface has gone down; then FETH_EAGAIN until it is up again); FETH_EGONE (from then on); FETH_ENOBUFS
 * (release frames first; nothing is lost that the kernel can queue)
 */
FETH_API FETH_MUST_CHECK int feth_io_recv_batch(struct feth_io *io, struct feth_frame *frames, unsigned max,
                                                struct feth_error *err);

/** Give frames back.  Each exactly once; any thread. */
FETH_API void feth_frames_release(struct feth_frame *frames, unsigned n);

/**
 * Receive one frame into the caller's memory.
 * @param[out] len the frame's size in bytes, also with FETH_ENOSPACE, after which the frame is still there
 * @param[out] offload required (FETH_EINVAL) where the handle has RX capabilities, else NULL is allowed
 * @return 0; FETH_ENOSPACE; otherwise as feth_io_recv_batch()
 */
FETH_API FETH_MUST_CHECK int feth_io_recv(struct feth_io *io, void *data, size_t size, size_t *len,
                                          struct feth_offload *offload, struct feth_error *err);

/* ---- sending ------------------------------------------------------------------------------------------------ */

/** One frame to send, in pieces. */
struct feth_tx {
    const struct iovec *iov; /**< Ethernet header first, without FCS */
    unsigned iovcnt;         /**< 1–FETH_IOV_MAX */
    struct feth_offload offload;
};

#define FETH_IOV_MAX 128 /**< pieces of one frame */

/**
 * Send frames, in order, with as few system calls as the system allows.
 * On a blocking handle it waits until all are sent.
 * @return the number sent, which is less than n where a later one would block or was refused (call again with the
 * rest to learn why); if the first was not sent: FETH_EAGAIN, FETH_ESHORT (under FETH_FRAME_MIN), FETH_ELONG
 * (above the interface's MTU, or FETH_FRAME_MAX with segmentation), FETH_EDOWN, FETH_EGONE, FETH_ENOSUP (metadata
 * that the capabilities do not cover), FETH_EINVAL (malformed metadata, too many pieces)
 */
FETH_API FETH_MUST_CHECK int feth_io_send_batch(struct feth_io *io, const struct feth_tx *frames, unsigned n,
                                                struct feth_error *err);

/** Send one frame in pieces; offload may be NULL.  @return 0, or as feth_io_send_batch(). */
FETH_API FETH_MUST_CHECK int feth_io_sendv(struct feth_io *io, const struct iovec *iov, unsigned iovcnt,
                                           const struct feth_offload *offload, struct feth_error *err);

/** Send one complete frame.  @return 0, or as feth_io_send_batch(). */
FETH_API FETH_MUST_CHECK int feth_io_send(struct feth_io *io, const void *data, size_t len,
                                          struct feth_error *err);

/* ---- statistics --------------------------------------------------------------------------------------------- */

/** Counted since the handle was opened. */
struct feth_io_stats {
    uint64_t rx_frames, rx_bytes;
    uint64_t rx_dropped;   /**< lost by the kernel or a layer before we could take them */
    uint64_t rx_truncated; /**< handed out, but cut */
    uint64_t rx_errors;    /**< malformed, not handed out */
    uint64_t rx_calls;     /**< system calls that received */
    uint64_t tx_frames, tx_bytes;
    uint64_t tx_dropped; /**< accepted, then lost by us, a layer, or (macOS) the interface's output queue */
    uint64_t tx_errors;  /**< refused */
    uint64_t tx_calls;   /**< system calls that sent */
};

/** Read the counters.  Any thread. */
FETH_API void feth_io_get_stats(const struct feth_io *io, struct feth_io_stats *stats);

/* ---- layers ------------------------------------------------------------------------------------------------- */

/*
 * A layer wraps a handle and is a handle itself.  Wrapping replaces *io; closing the layer closes what it wraps.
 * If wrapping fails, *io is what it was.
 */

/** Impairments of one direction; all zero: none. */
struct feth_impairment {
    double loss;      /**< probability, 0–1, for each frame */
    double duplicate; /**< probability that it is sent twice */
    double reorder;   /**< probability that it is held back until 3 others have passed it, for 5 ms at most */
    double corrupt;   /**< probability that one bit behind the Ethernet header flips */
    uint64_t delay_ns;
    uint64_t jitter_ns; /**< the delay varies evenly by up to ± this; order is kept */
    uint64_t rate_bps;  /**< bits of frame a second; 0: no limit */
    unsigned queue;     /**< frames that may wait; more are dropped; 0: 10000 */
};

/** Start from FETH_IMPAIR_CONFIG_INIT. */
struct feth_impair_config {
    size_t size;
    uint64_t seed; /**< the same seed and the same frames give the same run */
    struct feth_impairment rx, tx;
};

#define FETH_IMPAIR_CONFIG_INIT                                                                              \
    {                                                                                                        \
        .size = sizeof(struct feth_impair_config)                                                            \
    }

/**
 * Make a cable worse.  Frames pass as they would on a wire: segmented and with complete checksums, so the layer
 * has no offload capabilities whatever it wraps.
 * A frame sent that has to wait leaves when its time has come and a thread receives (the descriptor becomes readable
 * for it) or sends: keep receiving.  Frames still waiting when the handle is closed are lost.
 * @return 0; FETH_EINVAL (a probability outside 0–1), FETH_ENOMEM, FETH_ESYS
 */
FETH_API FETH_MUST_CHECK int feth_io_impair(struct feth_io **io, const struct feth_impair_config *config,
                                            struct feth_error *err);

/**
 * Write every frame that passes, both ways, to a capture file (pcap, nanoseconds, link type Ethernet).
 * @param path the file, which is created or overwritten; "-": standard output
 * @param snaplen bytes kept of each frame; 0: all
 * @return 0; FETH_ESYS (the file cannot be written), FETH_ENOSUP (built without libpcap), FETH_ENOMEM
 */
FETH_API FETH_MUST_CHECK int feth_io_pcap(struct feth_io **io, const char *path, unsigned snaplen,
                                          struct feth_error *err);

/**
 * Take offload metadata off: large frames received are segmented, checksums completed, and nothing unfinished is
 * accepted for sending.  A handle without offload is left as it is.
 * @return 0; FETH_ENOMEM
 */
FETH_API FETH_MUST_CHECK int feth_io_plain(struct feth_io **io, struct feth_error *err);

#ifdef __cplusplus
}
#endif
#endif
