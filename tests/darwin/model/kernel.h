/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model's insides.  All that processes have in common is in struct m_kernel, which has no pointers so that it can
 * live in a shared mapping; what belongs to descriptors is in fds.h.  Everything is done under one lock.
 */
#ifndef FETH_MODEL_KERNEL_H
#define FETH_MODEL_KERNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "darwin/xnu.h"

#define M_NAME     16
#define M_IFS      1200 /* interfaces, lo0 included */
#define M_ADDRS    16   /* addresses of one */
#define M_BPFS     256  /* READ: BPF_MAX_DEVICES */
#define M_PROCS    64
#define M_EVENTS   512 /* kernel events that a reader may lag behind */
#define M_DETACHES 64
#define M_QUEUE    128 /* RUN11: of an interface's output queue */

struct m_addr {
    int family; /* 2 or 30: Darwin's */
    uint8_t bytes[16];
    uint8_t mask[16];
    unsigned prefix;
};

struct m_if {
    bool used;
    bool feth;
    bool loopback;
    bool clone;  /* IFEF_CLONE: made by SIOCIFCREATE under its own name */
    uint64_t id; /* never the same again: tells an interface from a later one of its name */
    char name[M_NAME];
    unsigned unit, index;
    uint8_t mac[6];
    uint8_t mac_len;
    int flags;
    unsigned mtu, max_mtu;
    int peer; /* slot, or -1 */
    char desc[128];
    unsigned desc_len;
    bool in6; /* IPv6 is attached */
    /* What outlives the interface, and is found by the next one of its name (READ: its ifnet is recycled). */
    bool nd_initialized;
    uint32_t nd_flags;
    bool accept_ra;
    bool tso, hwcsum; /* what the sysctls said at creation */
    bool stalled;
    unsigned queue_drops;
    uint64_t in_packets, in_bytes, out_packets, out_bytes;
    struct m_addr addrs[M_ADDRS];
    unsigned n_addrs;
    pid_t tap_server; /* TAP mode: the process that reads and writes the device */
};

/* An interface that is gone but not yet detached. */
struct m_detach {
    char name[M_NAME]; /* "": free */
    int attempts;      /* EBUSY answers to come; -1: until told */
};

/* A BPF device: what other processes have to know of it. */
struct m_bpf_dev {
    pid_t pid; /* who has it open; 0: nobody; -1: a process that a test made up */
    uint64_t ifid;
};

struct m_event {
    uint32_t subclass, code;
    char name[M_NAME];
    uint32_t family, unit;
};

struct m_sysctls {
    int max_mtu, tso_support, hwcsum, bsd_mode, txstart, icmplim;
};

struct m_kernel {
    uint64_t magic;
    uint64_t cookie;      /* of this boot, for names that others must not share */
    pthread_mutex_t lock; /* recursive, robust, process-shared */
    int macos, macos_minor;
    bool deny;
    int detach_attempts;
    uint64_t next_id;
    unsigned next_index;
    struct m_sysctls sysctls;
    struct m_detach detaches[M_DETACHES];
    struct m_bpf_dev bpfs[M_BPFS];
    int n_bpfs;
    bool no_batch, no_msg_x;
    unsigned starved;     /* so many more times there is no memory for a copy of a frame above 4096 bytes */
    pid_t procs[M_PROCS]; /* processes that want to be told of changes */
    uint64_t n_events;    /* ever posted */
    struct m_event events[M_EVENTS];
    struct m_if ifs[M_IFS];
};

/* The kernel, mapped at first use. */
struct m_kernel *m_kernel(void);
#define K m_kernel()

void m_lock(void);
void m_unlock(void);
bool m_shared(void);
bool m_tap_mode(void);

/* As after a boot; the lock is kept. */
void m_boot(void);

/* Abort: a real kernel would not survive, or the model is at its end. */
void m_panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Is this process an ordinary user's? */
bool m_denied(void);

/* Darwin's version at least that of macOS major.minor? */
bool m_at_least(int major, int minor);

/* ---- calls.c: counting, failing, logging -------------------------------------------------------------------- */

/* Note a call by up to two names.  @return 0, or the errno that it shall fail with */
int m_call(const char *syscall, const char *detail);

/* What came of it: result for the log.  Sets errno and returns -1 for an error above 0, else value. */
long m_result(long value, int error);

void m_calls_reset(void);

/* ---- ifaces.c ----------------------------------------------------------------------------------------------- */

struct m_if *m_if_named(const char *name);
struct m_if *m_if_id(uint64_t id);
struct m_if *m_if_peer(const struct m_if *ifp);
struct m_if *m_if_new(const char *name);

/* All return 0 or an errno. */
int m_if_create(char name[M_NAME]);
int m_if_destroy(const char *name);
int m_if_set_peer(struct m_if *ifp, const char *peer);
int m_if_set_flags(struct m_if *ifp, int flags);
int m_if_set_mtu(struct m_if *ifp, unsigned mtu);
int m_if_set_mac(struct m_if *ifp, const uint8_t *mac, unsigned len);

/* The requests of a control socket: ifioctl.c, inioctl.c.  @return 0, an errno, or -1: none of these */
int m_if_ioctl(unsigned long request, void *arg);
int m_in_ioctl(unsigned long request, void *arg);
int m_in6_ioctl(unsigned long request, void *arg);

/* The name of a request, or NULL: requests.c. */
const char *m_request_name(unsigned long request);

/* ---- addrs.c ------------------------------------------------------------------------------------------------ */

int m_addr_add(struct m_if *ifp, const struct m_addr *addr);
int m_addr_del(struct m_if *ifp, int family, const uint8_t *bytes);
struct m_addr *m_addr_find(struct m_if *ifp, int family, const uint8_t *bytes);
/* IPv6 on an interface: 0, EEXIST where it is there, ENXIO where it is not. */
int m_in6_attach(struct m_if *ifp);
int m_in6_detach(struct m_if *ifp);
int m_in6_link_local(struct m_if *ifp);
void m_in6_embed(const struct m_if *ifp, uint8_t *bytes);
unsigned m_mask_prefix(const uint8_t *mask, unsigned size);
void m_prefix_mask(unsigned prefix, uint8_t *mask, unsigned size);

/* ---- events.c ----------------------------------------------------------------------------------------------- */

void m_event_post(uint32_t subclass, uint32_t code, const struct m_if *ifp);

/* ---- frames.c ----------------------------------------------------------------------------------------------- */

/* A frame through an interface's output queue.  @return 0 or an errno */
int m_output(struct m_if *ifp, const uint8_t *frame, size_t len);
/* What the host's stack on an interface sends: past the queue. */
void m_transmit(struct m_if *ifp, const uint8_t *frame, size_t len);
/* Output queues are emptied, but for those that a test has stalled. */
void m_frames_start(void);
/* Whether that is done by a thread, now and then (starter.c). */
bool m_starter_runs(void);
/* An interface is going away. */
void m_frames_forget(uint64_t id);
void m_frames_reset(void);
/* How many frames wait in an interface's output queue. */
unsigned m_frames_queued(uint64_t id);

/* ---- tap.c: a TAP device for each feth; all do nothing outside TAP mode ------------------------------------- */

/* @return 0 or an errno */
int m_tap_create(const struct m_if *ifp);
void m_tap_destroy(const struct m_if *ifp);
/* Bring the device in line with the interface: MTU, MAC, up or down, and IPv6 addresses, which Linux takes away. */
void m_tap_apply(const struct m_if *ifp);
void m_tap_settle(const struct m_if *ifp);
void m_tap_addr(const struct m_if *ifp, const struct m_addr *addr, bool add);
/* What somebody has done to a device of ours by Linux's own tools; and what bears such a name without being ours. */
void m_host_reconcile(void);

/* ---- serve.c: who carries frames, and news between processes ------------------------------------------------ */

/* Which devices this process should serve, or whether it wants to be told of changes, may be another now. */
void m_tap_sync(void);
/* A frame for the host side's stack; false: no TAP mode, keep it. */
bool m_tap_write(const struct m_if *ifp, const uint8_t *frame, size_t len);

/* ---- vnet.c: a TAP device, opened with IFF_VNET_HDR, as what the interface was made for ----------------------- */

/* Behind TUNSETIFF.  @return 0, or -1 with errno */
int m_vnet_open(int fd, const struct m_if *ifp);
/* One frame; as read(2) and write(2) */
ssize_t m_vnet_read(int fd, const struct m_if *ifp, uint8_t *frame, size_t size);
ssize_t m_vnet_write(int fd, const struct m_if *ifp, const uint8_t *frame, size_t len);

/* ---- mail.c: to other processes that share the state -------------------------------------------------------- */

enum m_mail { M_MAIL_NEWS, M_MAIL_CATCH, M_MAIL_WRITE };

/* This process's mailbox; -1: none can be had. */
int m_mail_open(void);
/* Other processes look at the state again. */
void m_tell_processes(void);
/* A frame for a BPF device, or for a device, of another process. */
void m_mail_frame(pid_t pid, enum m_mail what, uint64_t ifid, unsigned minor, bool outgoing,
                  const uint8_t *frame, size_t len);
/* Take what is in the mailbox; under the lock. */
void m_mail_read(int fd);

#endif
