/* SPDX-License-Identifier: Apache-2.0 */
#include "sending.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>

/* sysctl(3); <sys/sysctl.h> is macOS' only, and this file compiles elsewhere for tests. */
int sysctlbyname(const char *name, void *old, size_t *old_len, void *new_value, size_t new_len);

/* xnu bsd/net/bpf.c: BIOCSBATCHWRITE is there from Darwin 23.1 on, which is macOS 14.1. */
const char *sending_usual(void)
{
    char release[64] = "";
    size_t len = sizeof(release) - 1;
    unsigned major = 0, minor = 0;

    if (sysctlbyname("kern.osrelease", release, &len, NULL, 0) == 0 &&
        sscanf(release, "%u.%u", &major, &minor) == 2 && (major > 23 || (major == 23 && minor >= 1)))
        return "bpf-batch";
    return dlsym(RTLD_DEFAULT, "sendmsg_x") ? "ndrv-sendmsg_x" : "ndrv-writev";
}
