/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

/* Dumps come in pieces of up to 32 KiB (netlink(7) advises 8 KiB; the kernel fills what it is offered). */
#define READ_SIZE  32768
#define DUMP_TRIES 100

int feth_os_ctl_open(struct feth_os_ctl **out, struct feth_error *err)
{
    struct feth_os_ctl *ctl = calloc(1, sizeof(*ctl));
    int on = 1;

    *out = NULL;
    if (!ctl)
        return feth_fail(err, FETH_ENOMEM, 0, "open control handle", NULL, NULL);
    ctl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!ctl->socket || mnl_socket_bind(ctl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int why = errno;
        feth_os_ctl_close(ctl);
        return feth_fail(err, FETH_ESYS, why, "open control handle", NULL, "no rtnetlink socket");
    }
    /* Linux 4.12: the reason in words, and errors without a copy of the request.  Both only help. */
    (void)mnl_socket_setsockopt(ctl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
    (void)mnl_socket_setsockopt(ctl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
    *out = ctl;
    return 0;
}

void feth_os_ctl_close(struct feth_os_ctl *ctl)
{
    if (ctl->socket)
        mnl_socket_close(ctl->socket);
    free(ctl);
}

struct nlmsghdr *feth_nl_begin(struct feth_nl_request *request, uint16_t type, uint16_t flags)
{
    memset(request, 0, sizeof(*request));
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(request->bytes);
    nlh->nlmsg_type = type;
    nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return nlh;
}

struct nlmsghdr *feth_nl_begin_link(struct feth_nl_request *request, uint16_t type, uint16_t flags,
                                    int ifindex)
{
    struct nlmsghdr *nlh = feth_nl_begin(request, type, flags);
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = ifindex;
    return nlh;
}

static int ack_text(const struct nlattr *attr, void *arg)
{
    struct feth_nl_answer *answer = arg;

    if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
        (void)snprintf(answer->text, sizeof(answer->text), "%s", mnl_attr_get_str(attr));
    return MNL_CB_OK;
}

static void read_error(const struct nlmsghdr *nlh, struct feth_nl_answer *answer)
{
    const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
    size_t offset = sizeof(*e);

    answer->error = -e->error;
    /* behind the error stands the request, or with NLM_F_CAPPED only its header, then the attributes */
    if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
        offset += mnl_nlmsg_get_payload_len(&e->msg);
    if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
        (void)mnl_attr_parse(nlh, (unsigned)offset, ack_text, answer);
}

/* How far the answers to one request have been read. */
struct reading {
    mnl_cb_t each;
    void *arg;
    struct feth_nl_answer *answer;
    bool interrupted; /* what has been read so far may not fit together */
};

/* Reads on to the end of a dump even when its content is of no more use: the kernel begins no other one before. */
static bool read_answers(const struct feth_os_ctl *ctl, const char *bytes, int left, struct reading *r)
{
    const struct nlmsghdr *nlh = (const void *)bytes;

    for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
        if (nlh->nlmsg_seq != ctl->seq) /* to a request whose answer could not be received */
            continue;
        r->interrupted |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
        if (nlh->nlmsg_type == NLMSG_ERROR) {
            read_error(nlh, r->answer);
            return true;
        }
        if (nlh->nlmsg_type == NLMSG_DONE) {
            const int *status = mnl_nlmsg_get_payload(nlh);
            if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*status) && *status < 0)
                r->answer->error = -*status;
            return true;
        }
        if (r->each && !r->interrupted && r->answer->error == 0 && r->each(nlh, r->arg) < 0)
            r->answer->error = ENOMEM;
    }
    return false;
}

static int transact(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, struct reading *r)
{
    _Alignas(struct nlmsghdr) char bytes[READ_SIZE];

    *r->answer = (struct feth_nl_answer){.error = 0};
    r->interrupted = false;
    nlh->nlmsg_seq = ++ctl->seq;
    if (mnl_socket_sendto(ctl->socket, nlh, nlh->nlmsg_len) < 0) {
        r->answer->error = errno;
        return -1;
    }
    for (bool end = false; !end;) {
        ssize_t got = mnl_socket_recvfrom(ctl->socket, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            r->answer->error = got < 0 ? errno : EPIPE;
            return -1;
        }
        end = read_answers(ctl, bytes, (int)got, r);
    }
    return r->answer->error ? -1 : 0;
}

int feth_nl_do(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, struct feth_nl_answer *answer)
{
    struct reading r = {.answer = answer};

    nlh->nlmsg_flags |= NLM_F_ACK;
    return transact(ctl, nlh, &r);
}

int feth_nl_dump(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, void (*begin)(void *arg), mnl_cb_t each,
                 void *arg, struct feth_nl_answer *answer)
{
    struct reading r = {.each = each, .arg = arg, .answer = answer};

    nlh->nlmsg_flags |= NLM_F_DUMP;
    for (int tries = 0; tries < DUMP_TRIES; tries++) {
        begin(arg);
        if (transact(ctl, nlh, &r) < 0)
            return -1;
        if (!r.interrupted)
            return 0;
    }
    answer->error = EAGAIN;
    return -1;
}

int feth_nl_try(struct feth_os_ctl *ctl, struct nlmsghdr *nlh, const char *op, const char *ifname,
                struct feth_error *err)
{
    struct feth_nl_answer answer;

    return feth_nl_do(ctl, nlh, &answer) == 0 ? 0 : feth_nl_fail(&answer, op, ifname, err);
}

int feth_nl_fail(const struct feth_nl_answer *answer, const char *op, const char *ifname,
                 struct feth_error *err)
{
    int e = answer->error;

    switch (e) {
    case EPERM:
        return feth_fail(err, FETH_EPERM, e, op, ifname, FETH_NEEDS_CAPABILITY);
    case ENODEV:
    case ENXIO:
        return feth_fail(err, FETH_ENOIF, e, op, ifname, NULL);
    case EEXIST:
        return feth_fail(err, FETH_EEXIST, e, op, ifname, "an interface of this name exists already");
    case ENOMEM:
    case ENOBUFS:
        return feth_fail(err, FETH_ENOMEM, e, op, ifname, NULL);
    case EBUSY:
        return feth_fail(err, FETH_EBUSY, e, op, ifname, "the interface is in use%s%s",
                         answer->text[0] ? ": " : "", answer->text);
    case EAGAIN:
        return feth_fail(err, FETH_EBUSY, e, op, ifname,
                         "the interfaces change faster than they can be read: try again");
    case EOPNOTSUPP:
    case EAFNOSUPPORT:
    case ENOSYS:
        return feth_fail(err, FETH_ENOSUP, e, op, ifname, "the kernel does not support it%s%s",
                         answer->text[0] ? ": " : "", answer->text);
    default:
        return feth_fail(err, FETH_ESYS, e, op, ifname, "%s",
                         answer->text[0] ? answer->text : "the kernel refuses it");
    }
}
