/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file feth/feth.h
 * Create, peer, configure, list and destroy feth interfaces.
 *
 * A feth pair is two virtual Ethernet interfaces that act as the two ends of one cable.  The *host side* carries
 * an IP address and belongs to the operating system's stack; on the *I/O side* a program reads and writes frames
 * (feth/io.h).  On macOS these are the kernel's feth interfaces; on Linux they are veth, and an interface without
 * a peer is a veth whose far end is a private stub.
 *
 * All functions here go through a control handle.  A handle serves one thread at a time; different handles are
 * independent.  Creating and changing interfaces needs root on macOS, and CAP_NET_ADMIN in the network namespace
 * on Linux, otherwise FETH_EPERM.  Any call can return FETH_ENOMEM and FETH_ESYS.
 *
 * libfeth changes and destroys only interfaces that carry its ownership mark; for others the calls that change
 * something return FETH_ENOTOURS.
 */
#ifndef FETH_FETH_H
#define FETH_FETH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <feth/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FETH_VERSION "0.1.0"

/**
 * The version of the library that the program runs with, as FETH_VERSION is that of the headers it was compiled with.
 * @return a static string.  Any thread.
 */
FETH_API const char *feth_version(void);

#define FETH_UNIT_AUTO      (-1)  /**< take the lowest free unit */
#define FETH_UNIT_MAX       32767 /**< highest unit: xnu net/if.c */
#define FETH_MTU_DEFAULT    1500  /**< what a new interface has */
#define FETH_MAC_SIZE       6
#define FETH_ADDR_TEXT_SIZE 64 /**< room for any address with prefix length, as text, with its NUL */

/* ---- addresses ---------------------------------------------------------------------------------------------- */

/** An IP address with its prefix length. */
struct feth_addr {
    int family;        /**< AF_INET or AF_INET6 */
    uint8_t bytes[16]; /**< network order; the first 4 for AF_INET */
    unsigned prefix;   /**< 0–32 or 0–128 */
};

/**
 * Read an address in CIDR text: "10.0.0.1/24", "fd00::1/64".  Without "/N" the prefix is the whole address.
 * @return 0; FETH_EADDR.  Any thread.
 */
FETH_API FETH_MUST_CHECK int feth_addr_parse(const char *text, struct feth_addr *addr,
                                             struct feth_error *err);

/** Write an address as CIDR text.  @return text.  Any thread. */
FETH_API char *feth_addr_format(const struct feth_addr *addr, char text[FETH_ADDR_TEXT_SIZE]);

/** Whether the networks of two addresses overlap (families differ: false).  Any thread. */
FETH_API bool feth_addr_overlap(const struct feth_addr *a, const struct feth_addr *b);

/**
 * Read a MAC address "02:00:0a:00:00:02".  Multicast and all-zero addresses are refused: the kernels take them,
 * and no host answers to them.
 * @return 0; FETH_EMAC.  Any thread.
 */
FETH_API FETH_MUST_CHECK int feth_mac_parse(const char *text, uint8_t mac[FETH_MAC_SIZE],
                                            struct feth_error *err);

/** A random, locally administered unicast MAC address.  @return 0; FETH_ESYS.  Any thread. */
FETH_API FETH_MUST_CHECK int feth_mac_random(uint8_t mac[FETH_MAC_SIZE], struct feth_error *err);

/* ---- names -------------------------------------------------------------------------------------------------- */

/** The name of a unit: 7 → "feth7".  @return 0; FETH_EUNIT.  Any thread. */
FETH_API FETH_MUST_CHECK int feth_name_of_unit(int unit, char name[FETH_NAME_SIZE], struct feth_error *err);

/** The unit of a name: "feth7" → 7.  @return the unit; FETH_ENAME; FETH_EUNIT.  Any thread. */
FETH_API FETH_MUST_CHECK int feth_unit_of_name(const char *name, struct feth_error *err);

/* ---- control handle ----------------------------------------------------------------------------------------- */

struct feth_ctl;

/** Open a control handle.  Needs no privilege.  @return 0.  The caller closes it with feth_ctl_close(). */
FETH_API FETH_MUST_CHECK int feth_ctl_open(struct feth_ctl **ctl, struct feth_error *err);

/** Close a control handle; NULL is allowed.  The interfaces stay. */
FETH_API void feth_ctl_close(struct feth_ctl *ctl);

/* ---- interfaces --------------------------------------------------------------------------------------------- */

/** A setting that may be left as the system has it. */
enum feth_setting { FETH_KEEP = 0, FETH_ON = 1, FETH_OFF = 2 };

/** Who an interface's ownership mark names. */
enum feth_lifetime {
    FETH_OWNED_BY_PROCESS = 0, /**< this process: once it is dead the interface is a leftover (fethctl gc) */
    FETH_PERSISTENT = 1        /**< nobody: the interface stays until it is destroyed by name */
};

/** What the system's stack leaves to whoever is at the other end of an interface, as it does to a network card. */
enum feth_offloads {
    FETH_OFFLOAD_CSUM = 1 << 0, /**< checksums: frames sent need none, the other end looks at none */
    FETH_OFFLOAD_TSO = 1 << 1,  /**< cutting TCP data: frames sent have up to 64 KiB */
    FETH_OFFLOAD_ALL = FETH_OFFLOAD_CSUM | FETH_OFFLOAD_TSO
};

/** How to create one interface.  Start from FETH_CONFIG_INIT. */
struct feth_config {
    size_t size;              /**< sizeof(struct feth_config), set by FETH_CONFIG_INIT */
    int unit;                 /**< 0–FETH_UNIT_MAX or FETH_UNIT_AUTO */
    unsigned mtu;             /**< bytes of IP packet; 0: FETH_MTU_DEFAULT, in a pair the other side's */
    const uint8_t *mac;       /**< FETH_MAC_SIZE bytes, or NULL: random */
    const char *const *addrs; /**< addresses as CIDR text */
    size_t n_addrs;
    bool up;                     /**< bring it up once it is configured */
    enum feth_setting nud;       /**< IPv6 neighbour unreachability detection */
    enum feth_setting accept_ra; /**< IPv6 router advertisements */
    enum feth_lifetime lifetime;
    /**
     * A set of enum feth_offloads, for good.  The host side's is what its stack leaves out: a handle on the I/O side
     * describes it, or does it (feth/io.h), and other programs that read frames there see them as they are.  The I/O
     * side's is what a handle there may leave out: the host believes whatever comes, also what was corrupted before.
     * macOS: none by default.  What the kernel lacks is left out (FETH_OFFLOAD_TSO before macOS 15), and where that
     * is all of it the result is FETH_ENOSUP.  Linux: no effect, each interface has both (see ethtool(8)).
     */
    unsigned offload;
};

#define FETH_CONFIG_INIT                                                                                     \
    {                                                                                                        \
        .size = sizeof(struct feth_config), .unit = FETH_UNIT_AUTO                                           \
    }

/**
 * Create one interface without a peer.
 * @param config NULL for the defaults
 * @param[out] name the name given
 * @return 0; FETH_EUNIT, FETH_EEXIST, FETH_ENOUNIT, FETH_EMTU, FETH_EMAC, FETH_EADDR, FETH_EPERM.  On failure
 * nothing is left behind.
 */
FETH_API FETH_MUST_CHECK int feth_create(struct feth_ctl *ctl, const struct feth_config *config,
                                         char name[FETH_NAME_SIZE], struct feth_error *err);

/**
 * Destroy one interface.  Its peer stays, without a peer.
 * @return 0; FETH_ENOIF, FETH_ENOTFETH, FETH_ENOTOURS, FETH_EPERM
 */
FETH_API FETH_MUST_CHECK int feth_destroy(struct feth_ctl *ctl, const char *name, struct feth_error *err);

/** The two ends of one cable. */
struct feth_pair {
    char host[FETH_NAME_SIZE];
    char io[FETH_NAME_SIZE];
};

/**
 * Create two interfaces as one pair, configured and, where the config says so, up.  The I/O side may carry no
 * address (FETH_EINVAL).  Without an MTU both ends get FETH_MTU_DEFAULT; with one MTU given both ends get it.
 * @param host,io NULL for the defaults
 * @return 0, or as feth_create().  On any failure both interfaces are gone again.
 */
FETH_API FETH_MUST_CHECK int feth_pair_create(struct feth_ctl *ctl, const struct feth_config *host,
                                              const struct feth_config *io, struct feth_pair *pair,
                                              struct feth_error *err);

/**
 * Destroy both ends.  An end that is already gone is not an error; both are tried, the first error is returned.
 * @return 0; FETH_ENOTOURS, FETH_EPERM
 */
FETH_API FETH_MUST_CHECK int feth_pair_destroy(struct feth_ctl *ctl, const struct feth_pair *pair,
                                               struct feth_error *err);

/**
 * Connect two interfaces, or disconnect one.  Names, addresses, MTU, MAC, flags and settings are kept.  On Linux
 * both interfaces are re-made, so frame handles open on them see FETH_EGONE and routes other than those of
 * the addresses are lost.
 * @param peer the other interface, or NULL to remove the peer (not an error where there is none)
 * @return 0; FETH_ENOIF, FETH_ENOTFETH, FETH_ENOTOURS, FETH_ESELF, FETH_EPEERED (either side, even with each
 * other), FETH_EPERM
 */
FETH_API FETH_MUST_CHECK int feth_set_peer(struct feth_ctl *ctl, const char *name, const char *peer,
                                           struct feth_error *err);

/** @param[out] peer the peer's name, "" without one.  @return 0; FETH_ENOIF, FETH_ENOTFETH */
FETH_API FETH_MUST_CHECK int feth_get_peer(struct feth_ctl *ctl, const char *name, char peer[FETH_NAME_SIZE],
                                           struct feth_error *err);

/** Add an address; one that is there is no error.  @return 0; FETH_EFAMILY, FETH_EADDR, FETH_ENOIF, FETH_ENOTOURS */
FETH_API FETH_MUST_CHECK int feth_add_addr(struct feth_ctl *ctl, const char *name,
                                           const struct feth_addr *addr, struct feth_error *err);

/** Remove an address.  @return 0; FETH_ENOADDR, FETH_EFAMILY, FETH_EADDR, FETH_ENOIF, FETH_ENOTOURS */
FETH_API FETH_MUST_CHECK int feth_del_addr(struct feth_ctl *ctl, const char *name,
                                           const struct feth_addr *addr, struct feth_error *err);

/** Set the MTU of this side only.  @return 0; FETH_EMTU, FETH_ENOIF, FETH_ENOTOURS */
FETH_API FETH_MUST_CHECK int feth_set_mtu(struct feth_ctl *ctl, const char *name, unsigned mtu,
                                          struct feth_error *err);

/** Set the MAC address.  @return 0; FETH_EMAC, FETH_ENOIF, FETH_ENOTOURS */
FETH_API FETH_MUST_CHECK int feth_set_mac(struct feth_ctl *ctl, const char *name,
                                          const uint8_t mac[FETH_MAC_SIZE], struct feth_error *err);

/** Bring the interface up or down.  @return 0; FETH_ENOIF, FETH_ENOTOURS */
FETH_API FETH_MUST_CHECK int feth_set_up(struct feth_ctl *ctl, const char *name, bool up,
                                         struct feth_error *err);

/** IPv6 neighbour unreachability detection on or off.  @return 0; FETH_ENOIF, FETH_ENOTOURS, FETH_ENOSUP */
FETH_API FETH_MUST_CHECK int feth_set_nud(struct feth_ctl *ctl, const char *name, bool on,
                                          struct feth_error *err);

/** Accept IPv6 router advertisements or not.  @return 0; FETH_ENOIF, FETH_ENOTOURS, FETH_ENOSUP */
FETH_API FETH_MUST_CHECK int feth_set_accept_ra(struct feth_ctl *ctl, const char *name, bool on,
                                                struct feth_error *err);

/* ---- looking ------------------------------------------------------------------------------------------------ */

/** Whose an interface is. */
enum feth_ownership {
    FETH_FOREIGN = 0,    /**< no mark of ours */
    FETH_OURS_ALIVE = 1, /**< created by a process that is running */
    FETH_OURS_DEAD = 2,  /**< created by a process that is gone: a leftover */
    FETH_OURS_PERSISTENT = 3
};

/** The interface's own counters, from the kernel. */
struct feth_counters {
    uint64_t rx_frames, rx_bytes, rx_errors, rx_dropped;
    uint64_t tx_frames, tx_bytes, tx_errors, tx_dropped;
};

/** Everything about one interface. */
struct feth_status {
    char name[FETH_NAME_SIZE];
    char peer[FETH_NAME_SIZE]; /**< "" without one */
    unsigned flags;            /**< the system's IFF_… flags */
    bool up;                   /**< administratively up */
    bool carrier;              /**< the cable is plugged at both ends: the peer exists and is up */
    unsigned mtu;
    uint8_t mac[FETH_MAC_SIZE];
    struct feth_addr *addrs; /**< in the kernel's order; freed by feth_status_clear() */
    size_t n_addrs;
    bool nud, accept_ra;
    enum feth_ownership ownership;
    pid_t owner; /**< the creating process, or 0 */
    struct feth_counters counters;
};

/** Read the state of one interface.  @return 0; FETH_ENAME, FETH_ENOIF, FETH_ENOTFETH.  Call feth_status_clear(). */
FETH_API FETH_MUST_CHECK int feth_get_status(struct feth_ctl *ctl, const char *name,
                                             struct feth_status *status, struct feth_error *err);

/** Free what a status owns. */
FETH_API void feth_status_clear(struct feth_status *status);

/**
 * All feth interfaces, by unit.
 * @param[out] list an array that the caller frees with feth_list_free()
 * @return the number of entries
 */
FETH_API FETH_MUST_CHECK int feth_list(struct feth_ctl *ctl, struct feth_status **list,
                                       struct feth_error *err);

/** Free a list of n entries; NULL is allowed. */
FETH_API void feth_list_free(struct feth_status *list, int n);

/* ---- leftovers ---------------------------------------------------------------------------------------------- */

/** An interface that a process which is gone has left behind. */
struct feth_leftover {
    char name[FETH_NAME_SIZE];
    pid_t owner;           /**< the process, or 0 where the mark does not say */
    int result;            /**< 0: destroyed, or with dry_run would be; otherwise a FETH_E… code */
    struct feth_error why; /**< of that code */
};

/**
 * Destroy what this library created and whose process is gone, and nothing else.  Interfaces half made or half
 * changed by a process that was killed (on Linux, under a temporary name "ftmp…") are found too; one that has not
 * got its mark yet is reported with FETH_ENOTOURS and left.
 * @param dry_run only find them
 * @param[out] found an array that the caller frees with free()
 * @return the number of entries; each has its own result
 */
FETH_API FETH_MUST_CHECK int feth_gc(struct feth_ctl *ctl, bool dry_run, struct feth_leftover **found,
                                     struct feth_error *err);

#ifdef __cplusplus
}
#endif
#endif
