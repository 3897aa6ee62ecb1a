/* SPDX-License-Identifier: Apache-2.0 */
/** @file options.h  What lwip-echo is asked to do. */
#ifndef LWIP_ECHO_OPTIONS_H
#define LWIP_ECHO_OPTIONS_H

#include <feth/feth.h>
#include <feth/io.h>

#define PROGRAM "lwip-echo"

struct options {
    const char *host; /**< name of the host side of the pair to make, or NULL */
    const char *io; /**< name of the interface to attach to, or with host of the I/O side to make; or NULL */
    struct feth_addr host4, host6, addr4, addr6;
    unsigned mtu; /**< 0: not given */
    bool has_mac;
    uint8_t mac[FETH_MAC_SIZE];
    bool offload;
    unsigned host_offload; /**< a set of enum feth_offloads */
    unsigned busy_poll_us;
    enum feth_tx_path tx_path;
    const char *pcap;
    bool impair;                       /**< any impairment was asked for */
    struct feth_impairment impairment; /**< of each direction */
    uint64_t seed;
    double stats_seconds; /**< 0: none */
    bool verbose;
    bool netns;
    char **command; /**< to run in the namespace, ends with NULL; or NULL */
    bool selftest;
};

/**
 * Read the arguments.
 * @return -1: go on; otherwise the exit status, after the help, the version or an error was printed
 */
int options_parse(int argc, char **argv, struct options *o);

#endif
