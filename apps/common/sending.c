/* SPDX-License-Identifier: Apache-2.0 */
#include "sending.h"

#include <stddef.h>
#include <string.h>

const char *const sending_words[] = {"auto", "bpf-batch", "ndrv-sendmsg_x", "ndrv-writev", NULL};

static const enum feth_tx_path paths[] = {FETH_TX_AUTO, FETH_TX_BPF_BATCH, FETH_TX_NDRV_SENDMSG_X,
                                          FETH_TX_NDRV_WRITEV};

bool sending_read(const char *text, enum feth_tx_path *path)
{
    for (int i = 0; sending_words[i]; i++)
        if (strcmp(text, sending_words[i]) == 0) {
            *path = paths[i];
            return true;
        }
    return false;
}
