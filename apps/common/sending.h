/* SPDX-License-Identifier: Apache-2.0 */
/** @file sending.h  The ways to hand frames to the kernel, in words: those of feth_io_backend(). */
#ifndef FETH_SENDING_H
#define FETH_SENDING_H

#include <stdbool.h>

#include <feth/io.h>

/** The words, ends with NULL: auto, bpf-batch, ndrv-sendmsg_x, ndrv-writev. */
extern const char *const sending_words[];

/** What is required, for a message. */
#define SENDING_WANTED "auto, bpf-batch, ndrv-sendmsg_x or ndrv-writev is required"

/** @return whether the text is one of the words */
bool sending_read(const char *text, enum feth_tx_path *path);

/**
 * By what frames leave on this kernel, told by its version and its C library: no interface and no device is opened.
 * What a handle really does feth_io_backend() tells.  In linux/sending.c and darwin/sending.c.
 * @return one of feth_io_backend()'s words
 */
const char *sending_usual(void);

#endif
