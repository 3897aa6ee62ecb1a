/* SPDX-License-Identifier: Apache-2.0 */
#include "tap_rig.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SKIPPED 77

static char state_file[] = "/tmp/feth-model-XXXXXX";

int tap_rig_enter(void)
{
    if (unshare(CLONE_NEWNET) < 0 || system("ip tuntap add dev tap0 mode tap && ip link del tap0") != 0) {
        printf("SKIP: no private network namespace with a TAP device here\n");
        return SKIPPED;
    }
    int fd = mkstemp(state_file);
    if (fd < 0 || setenv("FETH_MODEL_TAP", "1", 1) < 0 || setenv("FETH_MODEL_STATE", state_file, 1) < 0) {
        perror(state_file);
        return 1;
    }
    close(fd);
    return 0;
}

int tap_rig_leave(int status)
{
    char command[256];

    (void)snprintf(command, sizeof(command), "rm -f %s*", state_file);
    return system(command) || status;
}
