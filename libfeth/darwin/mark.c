/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mark is the interface's description (SIOCSIFDESC: xnu bsd/net/if.c), which goes with the interface.  That
 * request is no part of Apple's public headers.  Where a kernel no longer takes it, the handle that made the interface
 * remembers the mark: a program still changes and destroys what it made.  To all others, and to the next run of
 * fethctl, such an interface is foreign, and "ifconfig feth0 destroy" removes it.
 */
#include "darwin/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

struct feth_kept_mark {
    struct feth_kept_mark *next;
    char name[FETH_NAME_SIZE];
    /* somebody may have destroyed it and made another of its name, which gets the same index, too */
    uint8_t mac[FETH_MAC_SIZE];
    char mark[FETH_MARK_SIZE];
};

_Static_assert(sizeof(((struct xnu_if_descreq *)0)->ifdr_desc) >= FETH_MARK_SIZE,
               "a mark fits a description");

static int keep(struct feth_os_ctl *ctl, const char *name, const char *mark, struct feth_error *err)
{
    struct feth_kept_mark *kept = calloc(1, sizeof(*kept));

    if (!kept)
        return feth_fail(err, FETH_ENOMEM, 0, "mark", name, NULL);
    feth_ctl_name(kept->name, name);
    memcpy(kept->mark, mark, strnlen(mark, sizeof(kept->mark) - 1));
    kept->next = ctl->kept;
    ctl->kept = kept;
    return 0;
}

int feth_mark_set(struct feth_os_ctl *ctl, const char *name, const char *mark, struct feth_error *err)
{
    struct xnu_if_descreq request;

    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifdr_name, name);
    request.ifdr_len = (uint32_t)strnlen(mark, FETH_MARK_SIZE - 1);
    memcpy(request.ifdr_desc, mark, request.ifdr_len);
    int why = feth_ctl_ask(ctl->inet, XNU_SIOCSIFDESC, &request);
    switch (why) {
    case 0:
        return 0;
    case ENXIO:
    case EPERM:
    case EACCES:
    case ENOMEM:
    case ENOBUFS:
        return feth_ctl_fail(err, why, "mark", name);
    default:
        return keep(ctl, name, mark, err);
    }
}

void feth_mark_mac(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE])
{
    for (struct feth_kept_mark *kept = ctl->kept; kept; kept = kept->next)
        if (strcmp(kept->name, name) == 0)
            memcpy(kept->mac, mac, FETH_MAC_SIZE);
}

void feth_mark_get(struct feth_os_ctl *ctl, const char *name, const uint8_t mac[FETH_MAC_SIZE],
                   char mark[FETH_MARK_SIZE])
{
    struct xnu_if_descreq request;

    memset(mark, 0, FETH_MARK_SIZE);
    memset(&request, 0, sizeof(request));
    feth_ctl_name(request.ifdr_name, name);
    if (feth_ctl_ask(ctl->inet, XNU_SIOCGIFDESC, &request) == 0 && request.ifdr_len > 0) {
        if (request.ifdr_len < FETH_MARK_SIZE) /* a longer one is not ours */
            memcpy(mark, request.ifdr_desc, request.ifdr_len);
        return;
    }
    for (const struct feth_kept_mark *kept = ctl->kept; kept; kept = kept->next)
        if (strcmp(kept->name, name) == 0 && memcmp(kept->mac, mac, FETH_MAC_SIZE) == 0)
            memcpy(mark, kept->mark, FETH_MARK_SIZE);
}

void feth_mark_forget(struct feth_os_ctl *ctl, const char *name)
{
    for (struct feth_kept_mark **at = &ctl->kept; *at;) {
        struct feth_kept_mark *kept = *at;
        if (strcmp(kept->name, name) == 0) {
            *at = kept->next;
            free(kept);
        } else {
            at = &kept->next;
        }
    }
}

void feth_mark_forget_all(struct feth_os_ctl *ctl)
{
    for (struct feth_kept_mark *next; ctl->kept; ctl->kept = next) {
        next = ctl->kept->next;
        free(ctl->kept);
    }
}
