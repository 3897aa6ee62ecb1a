/* SPDX-License-Identifier: Apache-2.0 */
#include "set.h"

#include <string.h>
#include <sys/socket.h>

static bool same_addr(const struct feth_addr *a, const struct feth_addr *b)
{
    return a->family == b->family && a->prefix == b->prefix &&
           memcmp(a->bytes, b->bytes, a->family == AF_INET ? 4 : 16) == 0;
}

bool set_has_addr(const struct feth_status *s, const struct feth_addr *addr)
{
    for (size_t i = 0; i < s->n_addrs; i++)
        if (same_addr(&s->addrs[i], addr))
            return true;
    return false;
}

/* The first failure is kept, all else goes on. */
static void note(int *first, int ret, struct feth_error *err, const struct feth_error *why)
{
    if (ret < 0 && *first == 0) {
        *first = ret;
        *err = *why;
    }
}

static void undo_peer(struct feth_ctl *ctl, const struct feth_status *before, const struct feth_status *now,
                      int *first, struct feth_error *err)
{
    struct feth_error why;

    if (strcmp(before->peer, now->peer) == 0)
        return;
    if (now->peer[0])
        note(first, feth_set_peer(ctl, before->name, NULL, &why), err, &why);
    if (before->peer[0])
        note(first, feth_set_peer(ctl, before->name, before->peer, &why), err, &why);
}

static void undo_addrs(struct feth_ctl *ctl, const struct feth_status *before, int *first,
                       struct feth_error *err)
{
    struct feth_error why;
    struct feth_status now;

    int ret = feth_get_status(ctl, before->name, &now, &why);
    for (size_t i = 0; ret == 0 && i < now.n_addrs; i++) {
        if (set_has_addr(before, &now.addrs[i]))
            continue;
        int deleted = feth_del_addr(ctl, before->name, &now.addrs[i], &why);
        note(first, deleted == FETH_ENOADDR ? 0 : deleted, err, &why); /* gone with another one */
    }
    feth_status_clear(&now);
    if (ret == 0)
        ret = feth_get_status(ctl, before->name, &now, &why);
    note(first, ret, err, &why);
    for (size_t i = 0; ret == 0 && i < before->n_addrs; i++)
        if (!set_has_addr(&now, &before->addrs[i]))
            note(first, feth_add_addr(ctl, before->name, &before->addrs[i], &why), err, &why);
    feth_status_clear(&now);
}

int set_undo(struct feth_ctl *ctl, const struct feth_status *before, struct feth_error *err)
{
    const char *name = before->name;
    struct feth_status now;
    struct feth_error why;
    int first = 0;

    int ret = feth_get_status(ctl, name, &now, err);
    if (ret < 0)
        return ret;
    undo_peer(ctl, before, &now, &first, err);
    if (now.mtu != before->mtu)
        note(&first, feth_set_mtu(ctl, name, before->mtu, &why), err, &why);
    if (memcmp(now.mac, before->mac, FETH_MAC_SIZE) != 0)
        note(&first, feth_set_mac(ctl, name, before->mac, &why), err, &why);
    if (now.nud != before->nud)
        note(&first, feth_set_nud(ctl, name, before->nud, &why), err, &why);
    if (now.accept_ra != before->accept_ra)
        note(&first, feth_set_accept_ra(ctl, name, before->accept_ra, &why), err, &why);
    undo_addrs(ctl, before, &first, err);
    if (now.up != before->up)
        note(&first, feth_set_up(ctl, name, before->up, &why), err, &why);
    feth_status_clear(&now);
    return first;
}
