/* SPDX-License-Identifier: Apache-2.0 */
/** @file layer.h  Wrapping one handle in another. */
#ifndef FETH_CORE_LAYER_H
#define FETH_CORE_LAYER_H

#include "core/io_ops.h"

/**
 * Make a layer around a handle, which becomes non-blocking: the layer's front does the waiting.  The descriptor,
 * capabilities, name and buffers are the wrapped handle's until the layer says otherwise.
 * @param size of the layer's struct, which starts with struct feth_io
 * @return NULL when out of memory
 */
struct feth_io *feth_layer_new(size_t size, const struct feth_io_ops *ops, struct feth_io *lower);

/** Undo feth_layer_new() on a layer that was not handed out: the wrapped handle is what it was. */
void feth_layer_delete(struct feth_io *layer);

#endif
