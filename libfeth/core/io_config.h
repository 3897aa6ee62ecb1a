/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file io_config.h
 * Defaults and bounds of struct feth_io_config.
 */
#ifndef FETH_CORE_IO_CONFIG_H
#define FETH_CORE_IO_CONFIG_H

#include <feth/io.h>

#define FETH_RX_BUFFERS_DEFAULT    256u
#define FETH_RX_BUFFERS_MAX        65536u
#define FETH_SOCKET_BUFFER_DEFAULT (4 * 1024 * 1024)
#define FETH_SOCKET_BUFFER_MAX     (1024 * 1024 * 1024)

/**
 * Check a config and put the defaults in.
 * @param in NULL for the defaults
 * @return 0; FETH_EINVAL
 */
int feth_io_config_complete(struct feth_io_config *out, const struct feth_io_config *in, const char *op,
                            struct feth_error *err);

#endif
