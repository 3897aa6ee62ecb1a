/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered frames and a cable for the tests of the in-process backend. */
#ifndef FETH_TESTS_MEMORY_FRAMES_H
#define FETH_TESTS_MEMORY_FRAMES_H

#include "cmocka_all.h"

#include <feth/io.h>

/* A frame whose bytes tell its number. */
static inline size_t make_frame(uint8_t *frame, size_t len, unsigned number)
{
    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)(number + i * 7);
    return len;
}

static inline void assert_frame(const uint8_t *frame, size_t len, unsigned number)
{
    for (size_t i = 0; i < len; i++)
        if (frame[i] != (uint8_t)(number + i * 7))
            fail_msg("frame %u differs at byte %zu", number, i);
}

static inline void open_pair(struct feth_io *ends[2], const struct feth_memory_config *config)
{
    struct feth_error err;

    if (feth_memory_pair(ends, config, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void close_pair(struct feth_io *ends[2])
{
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

#endif
