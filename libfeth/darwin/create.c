/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating and destroying.  The I/O side of a pair needs no preparation to be quiet: the kernel attaches neither IPv4
 * nor IPv6 to a feth before it is given an address, so nothing is sent and nothing received is looked at.
 */
#include "core/fail.h"
#include "darwin/creation.h"
#include "darwin/fake.h"
#include "darwin/inet6.h"
#include "darwin/mark.h"
#include "darwin/settings.h"

void feth_os_mtu_range(unsigned *min, unsigned *max)
{
    *min = FETH_MTU_MIN_DARWIN;
    *max = FETH_MTU_MAX_DARWIN;
}

static void undo_create(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    struct feth_error undo;

    int ret = feth_fake_destroy(ctl, name, "destroy", &undo);
    if (ret < 0 && ret != FETH_ENOIF)
        feth_fail_incomplete(err, "%s", undo.text);
}

/* Make one and furnish it: the mark first, so that one left by a killed process is known as ours. */
static int make(struct feth_os_ctl *ctl, const struct feth_os_spec *spec, const char *op,
                struct feth_error *err)
{
    int ret = feth_fake_make(ctl, spec->name, op, err);
    if (ret < 0)
        return ret;
    ret = feth_mark_set(ctl, spec->name, spec->mark, err);
    if (ret == 0)
        ret = feth_os_set_mac(ctl, spec->name, spec->mac, err);
    if (ret == 0 && spec->mtu != FETH_MTU_DEFAULT)
        ret = feth_os_set_mtu(ctl, spec->name, spec->mtu, err);
    if (ret == 0)
        ret = feth_inet6_as_new(ctl, spec->name, op, err);
    if (ret < 0)
        undo_create(ctl, spec->name, err);
    return ret;
}

/* Make what is to be one or two interfaces, with the machine's settings for new ones changed meanwhile. */
static int make_all(struct feth_os_ctl *ctl, const struct feth_os_spec *const specs[], unsigned n,
                    const char *op, struct feth_error *err)
{
    struct feth_creation creation;
    struct feth_error restore;
    unsigned made = 0;

    int ret = feth_creation_begin(&creation, specs, n, op, err);
    if (ret < 0)
        return ret;
    while (made < n && (ret = feth_creation_next(&creation, specs[made], op, err)) == 0 &&
           (ret = make(ctl, specs[made], op, err)) == 0)
        made++;
    if (ret == 0 && n == 2)
        ret = feth_os_peer(ctl, specs[0]->name, specs[1]->name, err);
    int restored = feth_creation_end(&creation, op, specs[0]->name, &restore);
    if (restored < 0) {
        bool made_well = ret == 0;
        if (made_well)
            ret = feth_fail_as(err, &restore);
        feth_fail_incomplete(err, "%s", made_well ? "later interfaces are created by it" : restore.text);
    }
    while (ret < 0 && made > 0)
        undo_create(ctl, specs[--made]->name, err);
    return ret;
}

int feth_os_create(struct feth_os_ctl *ctl, const struct feth_os_spec *spec, struct feth_error *err)
{
    return make_all(ctl, &spec, 1, "create", err);
}

int feth_os_create_pair(struct feth_os_ctl *ctl, const struct feth_os_spec *host,
                        const struct feth_os_spec *io, struct feth_error *err)
{
    const struct feth_os_spec *specs[2] = {host, io};

    return make_all(ctl, specs, 2, "create pair", err);
}

int feth_os_destroy(struct feth_os_ctl *ctl, const char *name, struct feth_error *err)
{
    return feth_fake_destroy(ctl, name, "destroy", err);
}

int feth_os_destroy_pair(struct feth_os_ctl *ctl, const char *a, const char *b, struct feth_error *err)
{
    const char *names[2] = {a, b};
    struct feth_error why[2];
    int ret[2];

    for (int i = 0; i < 2; i++) {
        ret[i] = feth_fake_destroy(ctl, names[i], "destroy pair", &why[i]);
        if (ret[i] == FETH_ENOIF) /* somebody was faster: it is gone as it was to be */
            ret[i] = 0;
    }
    if (ret[0] == 0 && ret[1] == 0)
        return 0;
    int bad = ret[0] < 0 ? 0 : 1;
    (void)feth_fail_as(err, &why[bad]);
    if (ret[1 - bad] == 0)
        feth_fail_incomplete(err, "%s is destroyed", names[1 - bad]);
    return ret[bad];
}
