/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/netlink.h  rtnetlink requests and their answers, by libmnl. */
#ifndef FETH_LINUX_NETLINK_H
#define FETH_LINUX_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "core/os.h"

struct feth_os_ctl {
    struct mnl_socket *socket;
    uint32_t seq;
    unsigned temporary; /* counts the temporary names given */
};

/** What to say where the kernel refuses for want of privilege. */
#define FETH_NEEDS_CAPABILITY                                                                                \
    "it needs CAP_NET_ADMIN: run it with sudo, or in a network namespace of your own (unshare -rn)"

/** One request under way. */
#define FETH_NL_REQUEST_SIZE 4096
struct feth_nl_request {
    _Alignas(struct nlmsghdr) char bytes[FETH_NL_REQUEST_SIZE];
};

/** Begin a request.  @param flags NLM_F_…, beside NLM_F_REQUEST  @return the message to add to */
struct nlmsghdr *feth_nl_begin(struct feth_nl_request *request, uint16_t type, uint16_t flags);

/**
 * Begin a request about a link.
 * @param ifindex 0: the link is named by an IFLA_IFNAME that the caller adds
 * @return the message to add to
 */
struct nlmsghdr *feth_nl_begin_link(struct feth_nl_request *request, uint16_t type, uint16_t flags,
                                    int ifindex);

/** What the kernel said to a failed request. */
struct feth_nl_answer {
    int error;      /**< errno, or 0 */
    char text[128]; /**< the extended acknowledgement, or "" */
};

/**
 * Send a request that changes something, and wait for the acknowledgement.
 * @return 0, or -1 with the answer filled in
 */
int feth_nl_do(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, struct feth_nl_answer *answer);

/**
 * Send a dump request; each message goes to the callback (libmnl's: MNL_CB_OK to go on, MNL_CB_ERROR: out of memory).
 * Where a change interrupts the dump it starts again: then begin() is called once more.
 * @return 0, or -1 with the answer filled in
 */
int feth_nl_dump(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, void (*begin)(void *arg), mnl_cb_t each,
                 void *arg, struct feth_nl_answer *answer);

/** Describe a failed request.  @return the FETH_E… code for the answer's errno */
int feth_nl_fail(const struct feth_nl_answer *answer, const char *op, const char *ifname,
                 struct feth_error *err);

/** feth_nl_do() and feth_nl_fail() in one.  @return 0, or the FETH_E… code */
int feth_nl_try(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, const char *op, const char *ifname,
                struct feth_error *err);

#endif
