/* SPDX-License-Identifier: Apache-2.0 */
/* Two interfaces as one cable: both or neither. */
#include <string.h>

#include "core/ctl.h"
#include "core/fail.h"

static const struct feth_config defaults = FETH_CONFIG_INIT;

static int check(const struct feth_config *host, const struct feth_config *io, struct feth_error *err)
{
    int ret = feth_config_check(host, "create pair", err);
    if (ret == 0)
        ret = feth_config_check(io, "create pair", err);
    if (ret < 0)
        return ret;
    if (io->n_addrs)
        return feth_fail(
            err, FETH_EINVAL, 0, "create pair", NULL,
            "the I/O side carries no address, its program's stack does: give it to the host side");
    if (host->unit != FETH_UNIT_AUTO && host->unit == io->unit)
        return feth_fail(err, FETH_EINVAL, 0, "create pair", NULL, "both sides are to be unit %d",
                         host->unit);
    return 0;
}

static int choose_both(int host_unit, int io_unit, struct feth_os_spec *host, struct feth_os_spec *io,
                       struct feth_error *err)
{
    struct feth_units units;

    int ret = feth_units_read(&units, "create pair", err);
    /* the given unit first, so that the automatic one cannot take it */
    if (ret == 0 && io_unit != FETH_UNIT_AUTO)
        ret = feth_units_take(&units, io_unit, io->name, "create pair", err);
    if (ret == 0)
        ret = feth_units_take(&units, host_unit, host->name, "create pair", err);
    if (ret == 0 && io_unit == FETH_UNIT_AUTO)
        ret = feth_units_take(&units, io_unit, io->name, "create pair", err);
    return ret;
}

/* Both names, then both interfaces.  Somebody may take a name in between: an automatic one is chosen again. */
static int create_both(struct feth_ctl *ctl, int host_unit, int io_unit, struct feth_os_spec *host,
                       struct feth_os_spec *io, struct feth_error *err)
{
    struct feth_error why;
    int ret = FETH_EEXIST;

    for (int tries = 0; tries < FETH_UNIT_TRIES && ret == FETH_EEXIST; tries++) {
        int chosen = choose_both(host_unit, io_unit, host, io, err);
        if (chosen < 0)
            return chosen;
        ret = feth_os_create_pair(ctl->os, host, io, &why);
    }
    return ret < 0 ? feth_fail_as(err, &why) : 0;
}

int feth_pair_create(struct feth_ctl *ctl, const struct feth_config *host, const struct feth_config *io,
                     struct feth_pair *pair, struct feth_error *err)
{
    struct feth_os_spec host_spec, io_spec;

    memset(pair, 0, sizeof(*pair));
    if (!host)
        host = &defaults;
    if (!io)
        io = &defaults;
    int ret = check(host, io, err);
    if (ret < 0)
        return ret;
    unsigned other = host->mtu ? host->mtu : io->mtu ? io->mtu : FETH_MTU_DEFAULT;
    ret = feth_config_spec(host, host->mtu ? host->mtu : other, &host_spec, err);
    if (ret == 0)
        ret = feth_config_spec(io, io->mtu ? io->mtu : other, &io_spec, err);
    if (ret == 0)
        ret = create_both(ctl, host->unit, io->unit, &host_spec, &io_spec, err);
    if (ret < 0)
        return ret;

    /* the I/O side first: when the host side comes up, the cable is whole */
    ret = feth_config_apply(ctl, io_spec.name, io, err);
    if (ret == 0)
        ret = feth_config_apply(ctl, host_spec.name, host, err);
    if (ret < 0) {
        struct feth_error undo;
        if (feth_os_destroy_pair(ctl->os, host_spec.name, io_spec.name, &undo) < 0)
            feth_fail_incomplete(err, "%s", undo.text);
        return ret;
    }
    memcpy(pair->host, host_spec.name, FETH_NAME_SIZE);
    memcpy(pair->io, io_spec.name, FETH_NAME_SIZE);
    return 0;
}

/* Whether a failed look says something about the interface; otherwise it says nothing. */
static bool is_finding(int code)
{
    switch (code) {
    case FETH_ENAME:
    case FETH_EUNIT:
    case FETH_ENOIF:
    case FETH_ENOTFETH:
    case FETH_ENOTOURS:
        return true;
    default:
        return false;
    }
}

/* One after the other: they are not each other's peers any more.  ret is the first error until now. */
static int destroy_each(struct feth_ctl *ctl, const char *const names[2], const bool there[2], int ret,
                        struct feth_error *err)
{
    struct feth_error why;
    const char *destroyed = NULL;

    for (int i = 0; i < 2; i++) {
        int gone = there[i] ? feth_os_destroy(ctl->os, names[i], &why) : FETH_ENOIF;
        if (gone == 0)
            destroyed = names[i];
        else if (gone != FETH_ENOIF && ret == 0)
            ret = feth_fail_as(err, &why);
    }
    if (ret < 0 && destroyed)
        feth_fail_incomplete(err, "%s is destroyed", destroyed);
    return ret;
}

int feth_pair_destroy(struct feth_ctl *ctl, const struct feth_pair *pair, struct feth_error *err)
{
    const char *names[2] = {pair->host, pair->io};
    struct feth_status status[2];
    struct feth_error why;
    bool there[2];
    int ret = 0;

    for (int i = 0; i < 2; i++) {
        int found = feth_ctl_ours(ctl, names[i], "destroy pair", &status[i], &why);
        there[i] = found == 0;
        if (there[i])
            feth_status_clear(&status[i]);
        else if (!is_finding(found))
            return feth_fail_as(err, &why);
        else if (found != FETH_ENOIF && ret == 0)
            ret = feth_fail_as(err, &why);
    }
    if (there[0] && there[1] && strcmp(status[0].peer, names[1]) == 0)
        return feth_os_destroy_pair(ctl->os, names[0], names[1], err);
    return destroy_each(ctl, names, there, ret, err);
}
