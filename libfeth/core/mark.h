/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mark.h
 * The ownership mark: a short text on each interface that libfeth creates (Linux: its alias, macOS: its description).
 *
 *     libfeth:1 pid=4711 start=123456 space=4026531836
 *     libfeth:1 persistent
 */
#ifndef FETH_CORE_MARK_H
#define FETH_CORE_MARK_H

#include "core/os.h"

/** Write the mark of this process, or of nobody.  @return 0; FETH_EINVAL, FETH_ESYS */
int feth_mark_make(char mark[FETH_MARK_SIZE], enum feth_lifetime lifetime, struct feth_error *err);

/**
 * Whose mark it is.
 * @param[out] owner the process, or 0
 * @return FETH_FOREIGN for any text that is not a mark
 */
enum feth_ownership feth_mark_read(const char *mark, pid_t *owner);

#endif
