/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a feth may do is decided when it is created, by settings that are one for the whole machine: net.link.fake.max_mtu,
 * hwcsum, tso_support (feth_clone_create(), xnu bsd/net/if_fake.c).  So they are changed for the moment of creation
 * only.
 *
 * Two programs may do so at once: the second would take what the first has set for what was there before, and a third
 * would get what it has not asked for.  Those that use this library wait for each other by a lock: none sees another's
 * values, and the last puts back what was there.  The lock is on a folder that every Mac has, so that nothing of ours
 * stays behind; a process that is killed lets go of it.  Somebody who holds it for long is not waited for.
 *
 * What cannot be promised: a program that creates interfaces or changes a setting without this lock may find it changed
 * for a moment.  What it writes meanwhile is left as it is, and where it lowers the MTU under our feet the interface is
 * refused its MTU, and nothing is left of it.  A process that is killed between changing and putting back leaves a
 * setting changed: later feths then may have larger MTUs, or are made for offload; fethctl doctor tells.
 */
#include "darwin/creation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/fail.h"
#include "darwin/ctl.h"
#include "darwin/release.h"
#include "darwin/sys.h"

enum setting { MAX_MTU, HWCSUM, TSO_SUPPORT };

static const char *const names[FETH_CREATION_SETTINGS] = {
    [MAX_MTU] = "net.link.fake.max_mtu",
    [HWCSUM] = "net.link.fake.hwcsum",
    [TSO_SUPPORT] = "net.link.fake.tso_support",
};

/* ---- the lock ----------------------------------------------------------------------------------------------- */

#define LOCK_ON       "/var/run"
#define LOCK_TRIES    5000 /* five seconds: a creation takes milliseconds, but the machine may be busy */
#define LOCK_PAUSE_NS 1000000

static int take_lock(int how)
{
    int fd = open(LOCK_ON, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, how | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        (void)nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    close(fd);
    return -1;
}

/* ---- one setting -------------------------------------------------------------------------------------------- */

/* @return 0, or the errno */
static int get(enum setting which, int *value)
{
    size_t size = sizeof(*value);

    return sysctlbyname(names[which], value, &size, NULL, 0) < 0 ? errno : 0;
}

static int set(enum setting which, int value)
{
    return sysctlbyname(names[which], NULL, NULL, &value, sizeof(value)) < 0 ? errno : 0;
}

/* @param now what it is */
static int change(struct feth_creation *c, enum setting which, int now, int value)
{
    int why = set(which, value);

    if (why == 0) {
        c->settings[which].changed = true;
        c->settings[which].before = now;
        c->settings[which].set = value;
    }
    return why;
}

static int put_back(struct feth_creation *c, enum setting which)
{
    int now = 0, why = 0;

    if (!c->settings[which].changed)
        return 0;
    why = get(which, &now);
    if (why == 0 && now == c->settings[which].set) /* anything else was somebody else's wish */
        why = set(which, c->settings[which].before);
    if (why == 0)
        c->settings[which].changed = false;
    return why;
}

static int fail(struct feth_error *err, int why, enum setting which, int value, const char *op,
                const char *ifname)
{
    switch (why) {
    case EPERM:
    case EACCES:
        return feth_fail(err, FETH_EPERM, why, op, ifname, FETH_NEEDS_ROOT);
    case ENOMEM:
    case ENOBUFS:
        return feth_fail(err, FETH_ENOMEM, why, op, ifname, NULL);
    case ENOENT:
        return feth_fail(err, FETH_ENOSUP, why, op, ifname, "this kernel has no setting %s", names[which]);
    default:
        return feth_fail(err, FETH_ESYS, why, op, ifname, "cannot set %s to %d", names[which], value);
    }
}

/* ---- MTU ---------------------------------------------------------------------------------------------------- */

static int allow_mtu(struct feth_creation *c, unsigned mtu, const char *op, const char *ifname,
                     struct feth_error *err)
{
    int now = 0;

    if (mtu <= FETH_MTU_DEFAULT) /* every value that the setting takes allows this one */
        return 0;
    int why = get(MAX_MTU, &now);
    if (why == 0 && now < (int)mtu) /* else the lock is held: nobody of us lowers it again */
        why = change(c, MAX_MTU, now, (int)mtu);
    if (why == EINVAL)
        return feth_fail(err, FETH_EMTU, why, op, ifname,
                         "the MTU is %u, and %s cannot be raised from %d to it on this version of macOS", mtu,
                         names[MAX_MTU], now);
    return why ? fail(err, why, MAX_MTU, (int)mtu, op, ifname) : 0;
}

/* ---- offload ------------------------------------------------------------------------------------------------ */

/*
 * Make a setting that is off or on what the next interface wants.  Where it was on before, somebody wants all feths to
 * have it, and it stays.
 * @return 0, or the errno: ENOENT where the kernel has no such setting
 */
static int switch_on(struct feth_creation *c, enum setting which, bool on)
{
    int now = 0;

    if (!on)
        return put_back(c, which); /* the interface before this one may have wanted it */
    if (c->settings[which].changed)
        return 0;
    int why = get(which, &now);
    return why == 0 && now == 0 ? change(c, which, 0, 1) : why;
}

/*
 * macOS 13 and 14 have the setting, but take no notice of it for interfaces as they are by default; and where they did,
 * a frame above 16384 bytes would stop the interface for good.
 */
static int switch_tso(struct feth_creation *c, bool on)
{
    return on && !feth_release_takes_large() ? ENOENT : switch_on(c, TSO_SUPPORT, on);
}

int feth_creation_next(struct feth_creation *c, const struct feth_os_spec *spec, const char *op,
                       struct feth_error *err)
{
    unsigned granted = 0;

    int why = switch_on(c, HWCSUM, spec->offload & FETH_OFFLOAD_CSUM);
    if (why && why != ENOENT)
        return fail(err, why, HWCSUM, 1, op, spec->name);
    if (why == 0)
        granted |= FETH_OFFLOAD_CSUM;
    why = switch_tso(c, spec->offload & FETH_OFFLOAD_TSO);
    if (why && why != ENOENT)
        return fail(err, why, TSO_SUPPORT, 1, op, spec->name);
    if (why == 0)
        granted |= FETH_OFFLOAD_TSO;
    if (spec->offload && !(spec->offload & granted))
        return feth_fail(err, FETH_ENOSUP, ENOENT, op, spec->name,
                         spec->offload & FETH_OFFLOAD_CSUM
                             ? "this kernel offers no checksum offload on a feth"
                             : "segmentation offload on a feth needs macOS 15 or newer");
    return 0;
}

/* ---- all of it ---------------------------------------------------------------------------------------------- */

int feth_creation_begin(struct feth_creation *c, const struct feth_os_spec *const specs[], unsigned n,
                        const char *op, struct feth_error *err)
{
    unsigned mtu = 0, offload = 0;

    for (unsigned i = 0; i < n; i++) {
        mtu = specs[i]->mtu > mtu ? specs[i]->mtu : mtu;
        offload |= specs[i]->offload;
    }
    memset(c, 0, sizeof(*c));
    c->lock = take_lock(mtu > FETH_MTU_DEFAULT || offload ? LOCK_EX : LOCK_SH);
    int ret = allow_mtu(c, mtu, op, specs[0]->name, err);
    if (ret < 0 && c->lock >= 0)
        close(c->lock);
    return ret;
}

int feth_creation_end(struct feth_creation *c, const char *op, const char *ifname, struct feth_error *err)
{
    int ret = 0;

    for (unsigned i = 0; i < FETH_CREATION_SETTINGS; i++) {
        int why = put_back(c, (enum setting)i);
        if (why && ret == 0)
            ret = feth_fail(err, why == EPERM || why == EACCES ? FETH_EPERM : FETH_ESYS, why, op, ifname,
                            "%s cannot be set back from %d to %d", names[i], c->settings[i].set,
                            c->settings[i].before);
    }
    if (c->lock >= 0)
        close(c->lock);
    c->lock = -1;
    return ret;
}
