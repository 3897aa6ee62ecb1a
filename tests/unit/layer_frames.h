/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and a cable for the tests of layers. */
#ifndef FETH_TESTS_LAYER_FRAMES_H
#define FETH_TESTS_LAYER_FRAMES_H

#include "cmocka_all.h"

#include <string.h>

#include <feth/io.h>

enum { FRAME = 200 };

/* A frame that tells its number, 16 bits behind the Ethernet header. */
static inline void make_frame(uint8_t f[FRAME], unsigned number)
{
    memset(f, 0x5a, FRAME);
    memcpy(f, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x88\xb5", 14);
    f[14] = (uint8_t)(number >> 8);
    f[15] = (uint8_t)number;
}

static inline void open_pair(struct feth_io *ends[2])
{
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;
    struct feth_error err;

    config.io[0].nonblock = config.io[1].nonblock = true;
    if (feth_memory_pair(ends, &config, &err) < 0)
        fail_msg("%s", err.text);
}

static inline void close_pair(struct feth_io *ends[2])
{
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

#endif
