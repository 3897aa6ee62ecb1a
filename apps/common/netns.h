/* SPDX-License-Identifier: Apache-2.0 */
/** @file netns.h  A network namespace of the program's own (Linux); other systems have none. */
#ifndef FETH_NETNS_H
#define FETH_NETNS_H

#include <stddef.h>

/**
 * Move this process into a new network namespace, with its loopback up.  Root needs nothing else; anybody else gets a
 * user namespace too, in which he is root, so that the programs he starts there have the namespace's rights.
 * Call it before threads are made.
 * @param[out] why where it is not possible: one sentence, of size bytes
 * @return 0: a network namespace; 1: and a user namespace; -1: neither
 */
int netns_enter(char *why, size_t size);

#endif
