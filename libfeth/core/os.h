/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file os.h
 * What the portable core asks of an operating system.  Each backend folder (linux/, darwin/) implements every
 * function here once; CMake links exactly one of them.
 *
 * Core has checked the arguments: names and units are well-formed, and for calls that change something the
 * interface exists, is a feth and carries our mark.  A backend still maps what the kernel answers (the interface
 * may vanish in between), fills in the error with feth_fail() and leaves the machine as it was.
 */
#ifndef FETH_CORE_OS_H
#define FETH_CORE_OS_H

#include <sys/socket.h>
#include <sys/types.h>

#include <feth/feth.h>
#include <feth/io.h>

/* ---- control ------------------------------------------------------------------------------------------------ */

struct feth_os_ctl;

/** Longest ownership mark with its NUL: xnu's if_descreq holds 128 bytes, Linux's ifalias 256. */
#define FETH_MARK_SIZE 128

int feth_os_ctl_open(struct feth_os_ctl **ctl, struct feth_error *err);
void feth_os_ctl_close(struct feth_os_ctl *ctl);

/** What has to be known before an interface is made. */
struct feth_os_spec {
    char
        name[FETH_NAME_SIZE]; /**< "feth7"; never automatic: core picks the unit and retries on FETH_EEXIST */
    unsigned mtu;             /**< macOS: net.link.fake.max_mtu must allow it before creation */
    unsigned offload;         /**< enum feth_offloads; macOS: net.link.fake.hwcsum and tso_support, as mtu */
    uint8_t mac[FETH_MAC_SIZE];
    char mark[FETH_MARK_SIZE]; /**< ownership mark to set */
};

/** The range of MTUs that the kernel takes: Linux veth 68–65535; macOS 72–16370 with max_mtu raised. */
void feth_os_mtu_range(unsigned *min, unsigned *max);

/** Create one interface, without peer, down. */
int feth_os_create(struct feth_os_ctl *ctl, const struct feth_os_spec *spec, struct feth_error *err);

/** Create two interfaces as a pair, both down; io is prepared so that the kernel's own stack keeps quiet there. */
int feth_os_create_pair(struct feth_os_ctl *ctl, const struct feth_os_spec *host,
                        const struct feth_os_spec *io, struct feth_error *err);

/** Destroy one; the peer, if any, stays unpeered with all that it had. */
int feth_os_destroy(struct feth_os_ctl *ctl, const char *name, struct feth_error *err);

/** Destroy both ends of a pair (peers of each other) at once. */
int feth_os_destroy_pair(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err);

int feth_os_peer(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err);
int feth_os_unpeer(struct feth_os_ctl *ctl, const char *name, struct feth_error *err);

int feth_os_add_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err);
int feth_os_del_addr(struct feth_os_ctl *ctl, const char *name, const struct feth_addr *addr,
                     struct feth_error *err);
int feth_os_set_mtu(struct feth_os_ctl *ctl, const char *name, unsigned mtu, struct feth_error *err);
int feth_os_set_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                    struct feth_error *err);
int feth_os_set_up(struct feth_os_ctl *ctl, const char *name, bool up, struct feth_error *err);
int feth_os_set_nud(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err);
int feth_os_set_accept_ra(struct feth_os_ctl *ctl, const char *name, bool on, struct feth_error *err);

/** A status as the kernel knows it: core fills in ownership and owner from the mark. */
struct feth_os_status {
    struct feth_status status;
    char mark[FETH_MARK_SIZE]; /**< "" without one, or one that does not fit */
};

/**
 * Read all interfaces that are feths (on Linux: veths named feth<unit>), or the named one.
 * @param name NULL for all
 * @param[out] list malloc()ed; core frees it and each entry's addrs
 * @return the number of entries; FETH_ENOIF where the named one does not exist, FETH_ENOTFETH where it is something
 * else
 */
int feth_os_query(struct feth_os_ctl *ctl, const char *name, struct feth_os_status **list,
                  struct feth_error *err);

/**
 * Read the interfaces of ours that are half made or half changed, under temporary names; otherwise as
 * feth_os_query() of all.  A system without temporary names has none.
 */
int feth_os_query_unfinished(struct feth_os_ctl *ctl, struct feth_os_status **list, struct feth_error *err);

/* ---- frames ------------------------------------------------------------------------------------------------- */

/** Open the I/O side; config is complete (no zero defaults left).  io's operations: core/io_ops.h. */
int feth_os_io_open(struct feth_io **io, const char *ifname, const struct feth_io_config *config,
                    struct feth_error *err);

/** A connected pair of local sockets that keeps message boundaries and tells when the far end is closed. */
int feth_os_cable(int fds[2], size_t socket_buffer, struct feth_error *err);

/** One message of a batch: the layout of Linux's struct mmsghdr. */
struct feth_os_msg {
    struct msghdr hdr;
    unsigned len; /**< received: bytes, sent: bytes */
};

/**
 * Send or receive many messages without blocking, in one system call where the system can.
 * @return how many, at least 1; or -1 with errno.  *calls counts the system calls made.
 */
int feth_os_sendmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls);
int feth_os_recvmsgs(int fd, struct feth_os_msg *msgs, unsigned n, uint64_t *calls);

/* ---- waiting ------------------------------------------------------------------------------------------------ */

/** Several descriptors and one timer behind one pollable descriptor: epoll with a timerfd, or a kqueue. */
struct feth_os_waitset;

int feth_os_waitset_open(struct feth_os_waitset **ws, struct feth_error *err);
int feth_os_waitset_add(struct feth_os_waitset *ws, int fd, struct feth_error *err);
/** Fire at a time of CLOCK_MONOTONIC, in nanoseconds, and stay readable until set again; 0: never.  Any thread. */
void feth_os_waitset_timer(struct feth_os_waitset *ws, uint64_t at_ns);
/**
 * Look again whether any of the descriptors is readable.  To be called once they have been read empty, before waiting:
 * a kqueue keeps what it was told until then, so that the set would stay readable for nothing.  Any thread.
 * @return false: none of them is, nor has the timer fired; true also where the system does not tell
 */
bool feth_os_waitset_settle(struct feth_os_waitset *ws);
int feth_os_waitset_fd(const struct feth_os_waitset *ws);
void feth_os_waitset_close(struct feth_os_waitset *ws);

/* ---- processes ---------------------------------------------------------------------------------------------- */

enum feth_os_process {
    FETH_PROCESS_THERE,
    FETH_PROCESS_ENDED, /**< dead, and waiting for its parent to look: it can still be signalled */
    FETH_PROCESS_UNTOLD /**< there is none, or the system does not tell: ask kill() */
};

/**
 * When a process started, in the system's own unit: with the pid it names a process for good.
 * @param[out] start only of one that is there
 */
enum feth_os_process feth_os_process_start(pid_t pid, uint64_t *start);

/** Which numbering of processes we live in (Linux: the PID namespace); 0 where there is only one. */
uint64_t feth_os_process_space(void);

#endif
