/* SPDX-License-Identifier: Apache-2.0 */
/** @file networks.h  The addresses of the two ends belong together. */
#ifndef LWIP_ECHO_NETWORKS_H
#define LWIP_ECHO_NETWORKS_H

#include <feth/feth.h>

/**
 * Complete the stack's address, and check that both are different hosts of one network.
 * @param stack its family AF_UNSPEC: becomes the host's neighbour; its prefix length the whole address: the host's
 * @param host_option,option the options that name the two, without their dashes
 * @return 0, or CLI_USAGE after it has been said what is wrong
 */
int networks_check(const struct feth_addr *host, struct feth_addr *stack, const char *host_option,
                   const char *option);

#endif
