/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feth takes over net.link.fake.max_mtu when it is created, and keeps it (xnu bsd/net/if_fake.c).  The setting is
 * one for the whole machine, so it is raised for the moment of creation only.
 *
 * Two programs may do so at once, and the second would take what the first has raised for what was there before.
 * Those that use this library wait for each other by a lock: none sees the other's raised value, and the last puts
 * back what was there.  The lock is on a folder that every Mac has, so that nothing of ours stays behind; a process
 * that is killed lets go of it.  Somebody who holds it for long is not waited for.  What cannot be promised: a program
 * that changes the setting without this lock may find it raised for a moment.  What it writes meanwhile is left as it
 * is, and where it lowers the setting under our feet the interface is refused its MTU, and nothing is left of it.
 * A process that is killed between raising and restoring leaves it raised: then later feths may have larger MTUs,
 * and nothing else.
 */
#include "darwin/max_mtu.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <feth/feth.h>

#include "core/fail.h"
#include "darwin/ctl.h"
#include "darwin/sys.h"

static const char setting[] = "net.link.fake.max_mtu";

#define LOCK_ON       "/var/run"
#define LOCK_TRIES    500
#define LOCK_PAUSE_NS 1000000

static int take_lock(void)
{
    int fd = open(LOCK_ON, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        (void)nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    close(fd);
    return -1;
}

static void let_go(struct feth_max_mtu *max)
{
    if (max->lock >= 0)
        close(max->lock);
    max->lock = -1;
}

/* @return 0, or the errno */
static int read_setting(int *value)
{
    size_t size = sizeof(*value);

    return sysctlbyname(setting, value, &size, NULL, 0) < 0 ? errno : 0;
}

static int write_setting(int value)
{
    return sysctlbyname(setting, NULL, NULL, &value, sizeof(value)) < 0 ? errno : 0;
}

int feth_max_mtu_raise(struct feth_max_mtu *max, unsigned mtu, const char *op, const char *ifname,
                       struct feth_error *err)
{
    int now = 0;

    *max = (struct feth_max_mtu){.lock = -1};
    if (mtu <= FETH_MTU_DEFAULT) /* every value that the setting takes allows this one */
        return 0;
    max->lock = take_lock();
    int why = read_setting(&now);
    if (why == 0 && now >= (int)mtu)
        return 0; /* the lock is held until the interface is there: nobody of us lowers it again */
    if (why == 0) {
        why = write_setting((int)mtu);
        if (why == 0) {
            max->before = now;
            max->raised = (int)mtu;
            return 0;
        }
    }
    let_go(max);
    switch (why) {
    case EPERM:
    case EACCES:
        return feth_fail(err, FETH_EPERM, why, op, ifname, FETH_NEEDS_ROOT);
    case EINVAL:
        return feth_fail(err, FETH_EMTU, why, op, ifname,
                         "the MTU is %u, and %s cannot be raised from %d to it on this version of macOS", mtu,
                         setting, now);
    case ENOMEM:
    case ENOBUFS:
        return feth_fail(err, FETH_ENOMEM, why, op, ifname, NULL);
    case ENOENT:
        return feth_fail(err, FETH_ENOSUP, why, op, ifname, "this kernel has no setting %s", setting);
    default:
        return feth_fail(err, FETH_ESYS, why, op, ifname, "cannot raise %s to %u", setting, mtu);
    }
}

int feth_max_mtu_restore(struct feth_max_mtu *max, const char *op, const char *ifname, struct feth_error *err)
{
    int now = 0, why = 0;

    if (max->before) {
        why = read_setting(&now);
        if (why == 0 && now == max->raised) /* anything else was somebody else's wish */
            why = write_setting(max->before);
    }
    let_go(max);
    if (why == 0)
        return 0;
    return feth_fail(err, why == EPERM || why == EACCES ? FETH_EPERM : FETH_ESYS, why, op, ifname,
                     "%s cannot be set back from %d to %d", setting, max->raised, max->before);
}
