/* SPDX-License-Identifier: Apache-2.0 */
/* Frames through an interface's output queue to its peer's listeners and stack. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fds.h"
#include "kernel.h"
#include "model.h"

#define HEADER  14
#define WEDGE   16384 /* RUN11: a frame above it stays in the transmit path for good */
#define CLUSTER 4096  /* MBIGCLBYTES: above it memory comes in pieces of 16384, which are few */
#define WAITING 8192 /* frames that wait for model_host_receive(); more are dropped, as a full socket would */

struct frame {
    struct frame *next;
    size_t len;
    uint8_t data[];
};

struct list {
    struct list *next;
    uint64_t ifid;
    struct frame *first, **end;
    unsigned n;
    struct frame *pending; /* of a queue: taken from it, but there was no memory for the peer's copy */
};

/* Of this process: what waits in output queues, and what stacks received. */
static struct list *queues, *stacks;

static struct list *list_of(struct list **lists, uint64_t ifid, bool make)
{
    struct list *l;

    for (l = *lists; l; l = l->next)
        if (l->ifid == ifid)
            return l;
    if (!make || !(l = calloc(1, sizeof(*l))))
        return NULL;
    l->ifid = ifid;
    l->end = &l->first;
    l->next = *lists;
    *lists = l;
    return l;
}

static void append(struct list *l, const uint8_t *data, size_t len)
{
    struct frame *f = malloc(sizeof(*f) + len);

    if (!f)
        m_panic("no memory for a frame");
    f->next = NULL;
    f->len = len;
    memcpy(f->data, data, len);
    *l->end = f;
    l->end = &f->next;
    l->n++;
}

static struct frame *take(struct list *l)
{
    struct frame *f = l ? l->first : NULL;

    if (!f)
        return NULL;
    l->first = f->next;
    if (!l->first)
        l->end = &l->first;
    l->n--;
    return f;
}

static void drop_list(struct list **lists, uint64_t ifid)
{
    for (struct list **p = lists; *p;) {
        struct list *l = *p;
        if (ifid && l->ifid != ifid) {
            p = &l->next;
            continue;
        }
        for (struct frame *f; (f = take(l));)
            free(f);
        free(l->pending);
        *p = l->next;
        free(l);
    }
}

void m_frames_forget(uint64_t id)
{
    drop_list(&queues, id);
    drop_list(&stacks, id);
}

void m_frames_reset(void)
{
    drop_list(&queues, 0);
    drop_list(&stacks, 0);
}

unsigned m_frames_queued(uint64_t id)
{
    const struct list *queue = list_of(&queues, id, false);

    return queue ? queue->n : 0;
}

/* ---- the cable ---------------------------------------------------------------------------------------------- */

/* feth_output_common(): taps on both ends, also where an end is down (RUN11); then the peer's stack. */
void m_transmit(struct m_if *ifp, const uint8_t *frame, size_t len)
{
    struct m_if *peer = m_if_peer(ifp);

    if (!peer)
        return;
    ifp->out_packets++;
    ifp->out_bytes += len;
    m_bpf_tap(ifp, true, frame, len);
    m_bpf_tap(peer, false, frame, len);
    peer->in_packets++;
    peer->in_bytes += len;
    if (!(peer->flags & XNU_IFF_UP) || m_tap_write(peer, frame, len))
        return;
    struct list *stack = list_of(&stacks, peer->id, true);
    if (stack && stack->n < WAITING)
        append(stack, frame, len);
}

/*
 * READ: up to macOS 14 (xnu-10063) each frame is copied for the peer, into memory that nobody waits for (copy_mbuf()).
 * RUN11: large pieces of it are missing at first.
 */
static bool has_cluster(size_t len)
{
    if (len <= CLUSTER || m_at_least(15, 0) || K->starved == 0)
        return true;
    K->starved--;
    return false;
}

/* feth_start(): a frame that cannot be copied is kept, and tried again when the next one is sent: nothing else starts
 * the queue.  Without a peer frames are dropped. */
static void start(struct m_if *ifp, struct list *queue)
{
    for (unsigned n = queue->n;;) {
        struct frame *f = queue->pending;
        queue->pending = NULL;
        if (!f && (n-- == 0 || !(f = take(queue))))
            return;
        if (m_if_peer(ifp) && !has_cluster(f->len)) {
            queue->pending = f;
            return;
        }
        m_transmit(ifp, f->data, f->len);
        free(f);
    }
}

int m_output(struct m_if *ifp, const uint8_t *frame, size_t len)
{
    if (len < HEADER)
        m_panic("a frame of %zu bytes sent on %s: this panics macOS", len, ifp->name);
    if (len > WEDGE && !m_at_least(15, 0))
        m_panic("a frame of %zu bytes sent on %s: macOS %d never sends again there", len, ifp->name,
                K->macos);
    struct list *queue = list_of(&queues, ifp->id, false);
    bool at_once = !ifp->stalled && !m_starter_runs();
    if (at_once && (!queue || !queue->pending) && K->starved == 0) {
        m_transmit(ifp, frame, len);
        return 0;
    }
    queue = list_of(&queues, ifp->id, true);
    if (queue && queue->n < M_QUEUE)
        append(queue, frame, len);
    else
        ifp->queue_drops++; /* RUN11: without a word to the sender */
    if (at_once)
        start(ifp, queue);
    return 0;
}

/* What has come to a queue meanwhile has to wait for the next time. */
void m_frames_start(void)
{
    for (struct list *queue = queues; queue; queue = queue->next) {
        struct m_if *ifp = m_if_id(queue->ifid);
        if (ifp && !ifp->stalled)
            start(ifp, queue);
    }
}

/* ---- for tests ---------------------------------------------------------------------------------------------- */

bool model_host_send(const char *name, const void *frame, size_t len)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    bool sent = ifp && (ifp->flags & XNU_IFF_UP) && ifp->peer >= 0;
    if (sent)
        m_transmit(ifp, frame, len);
    m_unlock();
    return sent;
}

size_t model_host_receive(const char *name, void *frame, size_t size)
{
    size_t len = 0;

    m_lock();
    struct m_if *ifp = m_if_named(name);
    struct frame *f = ifp ? take(list_of(&stacks, ifp->id, false)) : NULL;
    if (f) {
        len = f->len;
        memcpy(frame, f->data, len < size ? len : size);
        free(f);
    }
    m_unlock();
    return len;
}

unsigned model_host_waiting(const char *name)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    struct list *stack = ifp ? list_of(&stacks, ifp->id, false) : NULL;
    unsigned n = stack ? stack->n : 0;
    m_unlock();
    return n;
}

void model_stall(const char *name, bool stalled)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    if (ifp) {
        ifp->stalled = stalled;
        m_frames_start();
    }
    m_unlock();
}

void model_starve(unsigned frames)
{
    m_lock();
    K->starved = frames;
    m_unlock();
}

void model_count(const char *name, uint64_t frames, uint64_t bytes)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    if (ifp) {
        ifp->in_packets = ifp->out_packets = frames;
        ifp->in_bytes = ifp->out_bytes = bytes;
    }
    m_unlock();
}

unsigned model_queue_drops(const char *name)
{
    m_lock();
    struct m_if *ifp = m_if_named(name);
    unsigned n = ifp ? ifp->queue_drops : 0;
    m_unlock();
    return n;
}
