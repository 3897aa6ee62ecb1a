/* SPDX-License-Identifier: Apache-2.0 */
/** @file offloads.h  What an interface is created for, in words. */
#ifndef FETH_OFFLOADS_H
#define FETH_OFFLOADS_H

#include <stdbool.h>

/** The words, ends with NULL: csum, tso, all, off. */
extern const char *const offload_words[];

/** What is required, for a message. */
#define OFFLOADS_WANTED "csum, tso, all or off is required"

/** @param[out] offload a set of enum feth_offloads  @return whether the text is one of the words */
bool offloads_read(const char *text, unsigned *offload);

#endif
