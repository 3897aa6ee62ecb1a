/* SPDX-License-Identifier: Apache-2.0 */
#include "offloads.h"

#include <stddef.h>
#include <string.h>

#include <feth/feth.h>

const char *const offload_words[] = {"csum", "tso", "all", "off", NULL};

static const unsigned offloads[] = {FETH_OFFLOAD_CSUM, FETH_OFFLOAD_TSO, FETH_OFFLOAD_ALL, 0};

bool offloads_read(const char *text, unsigned *offload)
{
    for (int i = 0; offload_words[i]; i++)
        if (strcmp(text, offload_words[i]) == 0) {
            *offload = offloads[i];
            return true;
        }
    return false;
}
