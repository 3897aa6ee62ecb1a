/* SPDX-License-Identifier: Apache-2.0 */
/* Leftovers: interfaces whose mark names a process that is gone. */
#include <stdlib.h>
#include <string.h>

#include "core/ctl.h"
#include "core/fail.h"
#include "core/mark.h"

/* What one of them looked like when all were read. */
struct candidate {
    struct feth_leftover out;
    char peer[FETH_NAME_SIZE];
    enum feth_ownership ownership;
    bool gone; /* with its peer */
};

struct candidates {
    struct candidate *list;
    int n;
};

static bool is_leftover(enum feth_ownership ownership, bool unfinished)
{
    return ownership == FETH_OURS_DEAD || (unfinished && ownership == FETH_FOREIGN);
}

/* Take over what was read; found is freed. */
static int add(struct candidates *all, struct feth_os_status *found, int n, bool unfinished,
               struct feth_error *err)
{
    struct candidate *more = realloc(all->list, (size_t)(all->n + n + 1) * sizeof(*more));

    if (more)
        all->list = more;
    for (int i = 0; i < n; i++) {
        struct feth_status *s = &found[i].status;
        pid_t owner;
        enum feth_ownership ownership = feth_mark_read(found[i].mark, &owner);
        if (more && is_leftover(ownership, unfinished)) {
            struct candidate *c = &all->list[all->n++];
            memset(c, 0, sizeof(*c));
            memcpy(c->out.name, s->name, sizeof(c->out.name));
            memcpy(c->peer, s->peer, sizeof(c->peer));
            c->out.owner = owner;
            c->ownership = ownership;
        }
        feth_status_clear(s);
    }
    free(found);
    return more ? 0 : feth_fail(err, FETH_ENOMEM, 0, "gc", NULL, NULL);
}

/* By unit; those with temporary names, which have none, first. */
static int by_unit(const void *a, const void *b)
{
    return feth_unit_of_name(((const struct candidate *)a)->out.name, NULL) -
           feth_unit_of_name(((const struct candidate *)b)->out.name, NULL);
}

static int find(struct feth_ctl *ctl, struct candidates *all, struct feth_error *err)
{
    struct feth_os_status *found;

    int n = feth_os_query(ctl->os, NULL, &found, err);
    int ret = n < 0 ? n : add(all, found, n, false, err);
    if (ret < 0)
        return ret;
    n = feth_os_query_unfinished(ctl->os, &found, err);
    ret = n < 0 ? n : add(all, found, n, true, err);
    if (all->n)
        qsort(all->list, (size_t)all->n, sizeof(*all->list), by_unit);
    return ret;
}

/* Still the same leftover?  Somebody may have destroyed it, and taken its name, since all were read. */
static int look_again(struct feth_ctl *ctl, const struct candidate *c, struct feth_error *err)
{
    struct feth_os_status *now;
    pid_t owner;

    int ret = feth_os_query(ctl->os, c->out.name, &now, err);
    if (ret < 0)
        return ret;
    bool same = feth_mark_read(now->mark, &owner) == FETH_OURS_DEAD && owner == c->out.owner;
    feth_status_clear(&now->status);
    free(now);
    return same ? 0
                : feth_fail(err, FETH_ENOTOURS, 0, "gc", c->out.name, "somebody else has taken it meanwhile");
}

static struct candidate *by_name(const struct candidates *all, const char *name)
{
    for (int i = 0; i < all->n; i++)
        if (name[0] && strcmp(all->list[i].out.name, name) == 0)
            return &all->list[i];
    return NULL;
}

/* With its peer, if that is a leftover, too. */
static void destroy(struct feth_ctl *ctl, struct candidate *c, struct candidate *peer)
{
    struct feth_error *why = &c->out.why;

    if (c->ownership == FETH_FOREIGN) {
        c->out.result = feth_fail(why, FETH_ENOTOURS, 0, "gc", c->out.name,
                                  "it carries no mark yet: if no program is creating interfaces now, one was "
                                  "killed while it did; remove it with the system's own tool");
        return;
    }
    int ret = look_again(ctl, c, why);
    if (ret == 0 && peer && look_again(ctl, peer, why) == 0) {
        ret = feth_os_destroy_pair(ctl->os, c->out.name, peer->out.name, why);
        peer->gone = ret == 0;
        if (peer->gone) /* whatever kept it from going before */
            peer->out.result = 0;
    } else if (ret == 0) {
        ret = feth_os_destroy(ctl->os, c->out.name, why);
    }
    c->out.result = ret == FETH_ENOIF ? 0 : ret;
}

int feth_gc(struct feth_ctl *ctl, bool dry_run, struct feth_leftover **out, struct feth_error *err)
{
    struct candidates all = {0};

    *out = NULL;
    int ret = find(ctl, &all, err);
    struct feth_leftover *found = ret < 0 ? NULL : malloc((size_t)(all.n + 1) * sizeof(*found));
    if (ret == 0 && !found)
        ret = feth_fail(err, FETH_ENOMEM, 0, "gc", NULL, NULL);
    for (int i = 0; ret == 0 && i < all.n; i++) {
        struct candidate *c = &all.list[i];
        if ((!dry_run || c->ownership == FETH_FOREIGN) && !c->gone)
            destroy(ctl, c, by_name(&all, c->peer));
    }
    for (int i = 0; ret == 0 && i < all.n; i++)
        found[i] = all.list[i].out;
    int n = all.n;
    free(all.list);
    *out = found;
    return ret < 0 ? ret : n;
}
