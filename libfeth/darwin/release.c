/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/release.h"

#include <stdlib.h>

#include "darwin/sys.h"

#define DARWIN_OF_MACOS_15 24

bool feth_release_takes_large(void)
{
    char release[32] = "";
    size_t size = sizeof(release) - 1;

    return sysctlbyname("kern.osrelease", release, &size, NULL, 0) == 0 &&
           strtoul(release, NULL, 10) >= DARWIN_OF_MACOS_15;
}
