/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel events (bsd/kern/kern_event.c, bsd/net/net_kev.h): PF_SYSTEM sockets of SYSPROTO_EVENT. */
#include <errno.h>
#include <string.h>

#include "fds.h"

#define ANY 0

struct event_socket {
    struct m_fd f;
    bool filtered; /* READ: without a filter nothing is reported */
    uint32_t vendor, class, subclass;
    uint64_t next; /* number of the next event to look at */
};

static struct event_socket *event_of(struct m_fd *f)
{
    return (struct event_socket *)(void *)f;
}

static bool wanted(const struct event_socket *s, const struct m_event *e)
{
    return s->filtered && (s->vendor == ANY || s->vendor == XNU_KEV_VENDOR_APPLE) &&
           (s->class == ANY || s->class == XNU_KEV_NETWORK_CLASS) &&
           (s->subclass == ANY || s->subclass == e->subclass);
}

/* The next event that the filter lets through, or NULL.  One that was overtaken is lost, as with a full socket. */
static const struct m_event *peek(struct event_socket *s)
{
    if (K->n_events > s->next + M_EVENTS)
        s->next = K->n_events - M_EVENTS;
    for (; s->next < K->n_events; s->next++) {
        const struct m_event *e = &K->events[s->next % M_EVENTS];
        if (wanted(s, e))
            return e;
    }
    return NULL;
}

static size_t event_readable(struct m_fd *f)
{
    return peek(event_of(f)) ? sizeof(struct xnu_kern_event_msg) : 0;
}

static int event_read(struct m_fd *f, const struct iovec *iov, int n, size_t *done)
{
    struct event_socket *s = event_of(f);
    const struct m_event *e;
    struct {
        struct xnu_kern_event_msg head;
        struct xnu_net_event_data data;
    } msg;
    const size_t head = offsetof(struct xnu_kern_event_msg, event_data);
    uint8_t out[sizeof(msg)];

    while (!(e = peek(s))) {
        if (m_fd_nonblock(f))
            return EAGAIN;
        m_wait_a_moment();
    }
    memset(&msg, 0, sizeof(msg));
    msg.head.total_size = (uint32_t)(head + sizeof(msg.data));
    msg.head.vendor_code = XNU_KEV_VENDOR_APPLE;
    msg.head.kev_class = XNU_KEV_NETWORK_CLASS;
    msg.head.kev_subclass = e->subclass;
    msg.head.id = (uint32_t)s->next + 1;
    msg.head.event_code = e->code;
    msg.data.if_family = e->family;
    msg.data.if_unit = e->unit;
    memcpy(msg.data.if_name, e->name, sizeof(msg.data.if_name)); /* READ: the name without the unit: "feth" */
    memcpy(out, &msg.head, head);
    memcpy(out + head, &msg.data, sizeof(msg.data));
    s->next++;
    *done = m_iov_scatter(iov, n, out, msg.head.total_size); /* the rest of a message is lost */
    m_fd_changed(f);
    return 0;
}

static int event_ioctl(struct m_fd *f, unsigned long request, void *arg)
{
    struct event_socket *s = event_of(f);
    struct xnu_kev_request req;

    if (request != XNU_SIOCSKEVFILT)
        return EOPNOTSUPP;
    memcpy(&req, arg, sizeof(req));
    s->filtered = true;
    s->vendor = req.vendor_code;
    s->class = req.kev_class;
    s->subclass = req.kev_subclass;
    m_fd_changed(f);
    return 0;
}

static const struct m_fd_ops event_ops = {
    .name = "event", .read = event_read, .ioctl = event_ioctl, .readable = event_readable};

int m_event_open(int *fd)
{
    struct event_socket *s = (struct event_socket *)m_fd_new(M_EVENT, &event_ops, sizeof(*s), -1);

    s->next = K->n_events;
    *fd = s->f.fd;
    m_tap_sync(); /* events of other processes are to be heard */
    return 0;
}

static void changed(struct m_fd *f, void *arg)
{
    (void)arg;
    m_fd_changed(f);
}

void m_event_wake(void)
{
    m_fds_each(M_EVENT, changed, NULL);
}

void m_event_post(uint32_t subclass, uint32_t code, const struct m_if *ifp)
{
    struct m_event *e = &K->events[K->n_events % M_EVENTS];

    *e = (struct m_event){.subclass = subclass, .code = code, .family = 2, .unit = ifp->unit};
    for (size_t i = 0; i + 1 < sizeof(e->name) && (ifp->name[i] < '0' || ifp->name[i] > '9'); i++)
        e->name[i] = ifp->name[i];
    K->n_events++;
    m_event_wake();
    m_tell_processes();
}
