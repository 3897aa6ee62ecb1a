/* SPDX-License-Identifier: Apache-2.0 */
#include "netns.h"

#include <stdio.h>

int netns_enter(char *why, size_t size)
{
    (void)snprintf(why, size, "macOS has no network namespaces: run it with sudo, without --netns");
    return -1;
}
