/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating interfaces, and destroying pairs.  The two ends of a veth are born together: an interface without a peer
 * has a private stub at its far end, which stays down, so that there is no carrier.
 */
#include <net/if.h>

#include "core/fail.h"
#include "linux/veth.h"

/* Before anything is made: the kernel would say it as well, but only when the names are given. */
static int check_free(const char *name, const char *op, struct feth_error *err)
{
    if (if_nametoindex(name) == 0)
        return 0;
    return feth_fail(err, FETH_EEXIST, 0, op, name, "an interface of this name exists already");
}

static int create(struct feth_os_ctl *ctl, struct feth_veth_end *a, const char *a_name,
                  struct feth_veth_end *b, const char *b_name, const char *op, struct feth_error *err)
{
    int ret = check_free(b_name, op, err);
    if (ret == 0)
        ret = check_free(a_name, op, err);
    if (ret == 0)
        ret = feth_veth_make(ctl, a, b, op, err);
    if (ret < 0)
        return ret;
    ret = feth_veth_rename(ctl, a->ifindex, a_name, op, err);
    if (ret == 0)
        ret = feth_veth_rename(ctl, b->ifindex, b_name, op, err);
    if (ret < 0) {
        struct feth_error undo;
        if (feth_veth_delete(ctl, a->ifindex, op, a_name, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
    }
    return ret;
}

int feth_os_create(struct feth_os_ctl *ctl, const struct feth_os_spec *spec, struct feth_error *err)
{
    struct feth_veth_end stub = {.spec = NULL}, end = {.spec = spec};
    char stub_name[FETH_NAME_SIZE];

    feth_stub_name(spec->name, stub_name);
    return create(ctl, &stub, stub_name, &end, spec->name, "create", err);
}

int feth_os_create_pair(struct feth_os_ctl *ctl, const struct feth_os_spec *host,
                        const struct feth_os_spec *io, struct feth_error *err)
{
    struct feth_veth_end a = {.spec = host}, b = {.spec = io, .io_side = true};

    return create(ctl, &a, host->name, &b, io->name, "create pair", err);
}

int feth_os_destroy_pair(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    (void)b; /* goes with its other end */
    return feth_veth_delete(ctl, (int)if_nametoindex(a), "destroy pair", a, err);
}
