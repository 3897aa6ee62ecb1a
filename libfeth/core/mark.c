/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mark.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"

#define PREFIX     "libfeth:1 "
#define PERSISTENT PREFIX "persistent"

int feth_mark_make(char mark[FETH_MARK_SIZE], enum feth_lifetime lifetime, struct feth_error *err)
{
    uint64_t start;

    switch (lifetime) {
    case FETH_PERSISTENT:
        (void)snprintf(mark, FETH_MARK_SIZE, PERSISTENT);
        return 0;
    case FETH_OWNED_BY_PROCESS:
        if (feth_os_process_start(getpid(), &start) != FETH_PROCESS_THERE)
            return feth_fail(err, FETH_ESYS, 0, "mark", NULL,
                             "the system does not tell when this process started (Linux: is /proc mounted?)");
        (void)snprintf(mark, FETH_MARK_SIZE, PREFIX "pid=%ld start=%" PRIu64 " space=%" PRIu64,
                       (long)getpid(), start, feth_os_process_space());
        return 0;
    default:
        return feth_fail(err, FETH_EINVAL, 0, "mark", NULL, "%d is not a lifetime", (int)lifetime);
    }
}

enum feth_ownership feth_mark_read(const char *mark, pid_t *owner)
{
    long pid;
    uint64_t start, space, now;
    int end = 0;

    *owner = 0;
    if (strcmp(mark, PERSISTENT) == 0)
        return FETH_OURS_PERSISTENT;
    if (sscanf(mark, PREFIX "pid=%ld start=%" SCNu64 " space=%" SCNu64 "%n", &pid, &start, &space, &end) !=
            3 ||
        mark[end] != '\0' || pid <= 0 || (pid_t)pid != pid)
        return FETH_FOREIGN;
    *owner = (pid_t)pid;
    /* A process of another space (a container's) has a number that means nothing here: never call it dead. */
    if (space != feth_os_process_space())
        return FETH_OURS_ALIVE;
    switch (feth_os_process_start(*owner, &now)) {
    case FETH_PROCESS_THERE:
        return now == start ? FETH_OURS_ALIVE : FETH_OURS_DEAD;
    case FETH_PROCESS_ENDED:
        return FETH_OURS_DEAD;
    default:
        /* One may be hidden (proc(5), hidepid), or we are out of descriptors: nothing is dead but what is not there. */
        return kill(*owner, 0) < 0 && errno == ESRCH ? FETH_OURS_DEAD : FETH_OURS_ALIVE;
    }
}
