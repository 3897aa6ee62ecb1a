/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/index.h"

#include <net/if.h>

unsigned feth_index_of_name(const char *name)
{
    return if_nametoindex(name);
}
