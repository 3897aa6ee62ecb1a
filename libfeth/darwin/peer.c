/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting and disconnecting: a feth has a peer or none, and keeps all else. */
#include <errno.h>

#include "core/fail.h"
#include "darwin/fake.h"
#include "darwin/index.h"

static int not_a_feth(int why, const char *op, const char *name, struct feth_error *err)
{
    return feth_fail(err, FETH_ENOTFETH, why, op, name, "this is no feth interface");
}

/* The kernel says EBUSY where either side has a peer, and also where one is just being destroyed. */
static int busy(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    char peer[FETH_NAME_SIZE];

    for (int i = 0; i < 2; i++) {
        const char *name = i ? b : a;
        if (feth_fake_get_peer(ctl, name, peer) == 0 && peer[0])
            return feth_fail(err, FETH_EPEERED, EBUSY, "set peer", name,
                             "%s is already peered with %s: remove that peer first", name, peer);
    }
    return feth_fail(err, FETH_EBUSY, EBUSY, "set peer", a, "%s or %s is being destroyed", a, b);
}

int feth_os_peer(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    char peer[FETH_NAME_SIZE];

    int why = feth_fake_set_peer(ctl, a, b);
    if (why == 0)
        return 0;
    if (why == EBUSY)
        return busy(ctl, a, b, err);
    if (why == ENXIO)
        return feth_ctl_fail(err, why, "set peer", feth_index_of_name(a) ? b : a);
    if (feth_fake_not_one(why))
        return not_a_feth(why, "set peer", a, err);
    if (why == EINVAL && feth_fake_not_one(feth_fake_get_peer(ctl, b, peer)))
        return not_a_feth(why, "set peer", b, err);
    if (why == EINVAL) /* with Skywalk both must have been made with the same net.link.fake.… settings */
        return feth_fail(err, FETH_ENOSUP, why, "set peer", a,
                         "%s and %s were made with different settings: destroy both and make them anew", a,
                         b);
    return feth_ctl_fail(err, why, "set peer", a);
}

int feth_os_unpeer(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    int why = feth_fake_set_peer(ctl, name, NULL);

    return why ? feth_ctl_fail(err, why, "remove peer", name) : 0;
}
