/* SPDX-License-Identifier: Apache-2.0 */
/* Which library this is: a program may run with a later one than it was compiled for. */
#include <feth/feth.h>

const char *feth_version(void)
{
    return FETH_VERSION;
}
