/* SPDX-License-Identifier: Apache-2.0 */
#include "core/layers/layer.h"

struct feth_io *feth_layer_new(size_t size, const struct feth_io_ops *ops, struct feth_io *lower)
{
    struct feth_io *layer = feth_io_new(size, ops, lower->name);

    if (!layer)
        return NULL;
    layer->lower = lower;
    layer->fd = lower->fd;
    layer->caps = lower->caps;
    layer->rx_buffers = lower->rx_buffers;
    layer->nonblock = lower->nonblock;
    lower->nonblock = true;
    return layer;
}

void feth_layer_delete(struct feth_io *layer)
{
    layer->lower->nonblock = layer->nonblock;
    feth_io_delete(layer);
}
