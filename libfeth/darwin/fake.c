/* SPDX-License-Identifier: Apache-2.0 */
#include "darwin/fake.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/fail.h"
#include "darwin/mark.h"

/*
 * Destroying is asynchronous: the name is free at once, but an interface of this name cannot be made again before the
 * old one is detached, which takes a thread of the kernel some milliseconds; until then the answer is EBUSY
 * (ifnet_allocate() by way of xnu bsd/net/dlil_ctl.c).  There is nothing to wait on.  2 seconds in all.
 */
#define BUSY_TRIES    36
#define BUSY_FIRST_NS 1000000
#define BUSY_MOST_NS  64000000

static int request_by_name(struct feth_os_ctl *ctl, unsigned long request, const char *name)
{
    struct xnu_ifreq r;

    memset(&r, 0, sizeof(r));
    feth_ctl_name(r.ifr_name, name);
    return feth_ctl_ask(ctl->inet, request, &r);
}

int feth_fake_make(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err)
{
    long pause = BUSY_FIRST_NS;
    int why = request_by_name(ctl, XNU_SIOCIFCREATE, name);

    for (int i = 1; why == EBUSY && i < BUSY_TRIES; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
        pause = pause * 2 < BUSY_MOST_NS ? pause * 2 : BUSY_MOST_NS;
        why = request_by_name(ctl, XNU_SIOCIFCREATE, name);
    }
    switch (why) {
    case 0:
        return 0;
    case EEXIST:
        return feth_fail(err, FETH_EEXIST, why, op, name, "an interface of this name exists already");
    case EBUSY:
        return feth_fail(
            err, FETH_EBUSY, why, op, name,
            "the kernel has not finished destroying the last interface of this name: a program may "
            "still hold it; try again, or choose another unit");
    case EINVAL: /* from 32768 on ENXIO, which core has excluded */
    case ENXIO:
        return feth_fail(err, FETH_ENOSUP, why, op, name, "this kernel makes no feth interfaces");
    default:
        return feth_ctl_fail(err, why, op, name);
    }
}

int feth_fake_destroy(struct feth_os_ctl *ctl, const char *name, const char *op, struct feth_error *err)
{
    int why = request_by_name(ctl, XNU_SIOCIFDESTROY, name);

    if (why == 0 || why == ENXIO)
        feth_mark_forget(ctl, name);
    return why ? feth_ctl_fail(err, why, op, name) : 0;
}

static int driver_request(struct feth_os_ctl *ctl, unsigned long request, uint32_t command, const char *name,
                          struct xnu_if_fake_request *fake)
{
    struct xnu_ifdrv driver;

    memset(&driver, 0, sizeof(driver));
    feth_ctl_name(driver.ifd_name, name);
    driver.ifd_cmd = command;
    driver.ifd_len = sizeof(*fake);
    driver.ifd_data = fake;
    return feth_ctl_ask(ctl->inet, request, &driver);
}

int feth_fake_set_peer(struct feth_os_ctl *ctl, const char *name, const char *peer)
{
    struct xnu_if_fake_request fake;

    memset(&fake, 0, sizeof(fake)); /* the reserved words must be 0; an empty name disconnects */
    if (peer)
        feth_ctl_name(fake.iffr_u.iffru_peer_name, peer);
    return driver_request(ctl, XNU_SIOCSDRVSPEC, XNU_IF_FAKE_S_CMD_SET_PEER, name, &fake);
}

int feth_fake_get_peer(struct feth_os_ctl *ctl, const char *name, char peer[FETH_NAME_SIZE])
{
    struct xnu_if_fake_request fake;

    memset(&fake, 0, sizeof(fake));
    int why = driver_request(ctl, XNU_SIOCGDRVSPEC, XNU_IF_FAKE_G_CMD_GET_PEER, name, &fake);
    fake.iffr_u.iffru_peer_name[FETH_NAME_SIZE - 1] = '\0';
    feth_ctl_name(peer, why == 0 ? fake.iffr_u.iffru_peer_name : "");
    return why;
}

bool feth_fake_not_one(int sys_errno)
{
    return sys_errno == EOPNOTSUPP || sys_errno == ENOTSUP;
}
