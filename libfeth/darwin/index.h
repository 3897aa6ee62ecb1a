/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/index.h
 * The index of an interface.  For the files that include darwin/xnu.h, which cannot include <net/if.h>: it defines the
 * names of members as macros.
 */
#ifndef FETH_DARWIN_INDEX_H
#define FETH_DARWIN_INDEX_H

/** @return the index, or 0 where there is no such interface */
unsigned feth_index_of_name(const char *name);

#endif
