/* SPDX-License-Identifier: Apache-2.0 */
/** @file linux/socket.h  Socket settings that the Linux backend's files share. */
#ifndef FETH_LINUX_SOCKET_H
#define FETH_LINUX_SOCKET_H

#include <stddef.h>

/** Let the kernel queue this many bytes each way, or as many as we may. */
void feth_socket_buffers(int fd, size_t bytes);

#endif
