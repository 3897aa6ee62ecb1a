/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a BPF device: two buffers, one to fill and one to hand out. */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "bpf.h"
#include "kqueue.h"

/* ROTATE_BUFFERS() */
void m_bpf_rotate(struct m_bpf *b)
{
    b->hold = b->store;
    b->hold_len = b->store_len;
    b->hold_count = b->store_count;
    b->store = b->spare;
    b->store_len = b->store_count = 0;
    b->spare = NULL;
}

/* reset_d() */
void m_bpf_flush(struct m_bpf *b)
{
    if (b->hold) {
        b->spare = b->hold;
        b->hold = NULL;
    }
    b->store_len = b->hold_len = b->store_count = b->hold_count = 0;
    b->received = b->dropped = 0;
    m_fd_changed(&b->f);
}

/* bpfselect(), filt_bpfread_common() */
size_t m_bpf_readable(struct m_fd *f)
{
    struct m_bpf *b = m_bpf_of(f);

    return b->hold ? b->hold_len : b->immediate ? b->store_len : 0;
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Wait until there is a buffer to hand out.  @return 0, or what read() answers; *done stays 0 on a timeout */
static int fill_hold(struct m_bpf *b)
{
    bool nonblock = m_fd_nonblock(&b->f);
    uint64_t started = now_us();

    while (!b->hold) {
        if ((b->immediate || nonblock) && b->store_len) {
            m_bpf_rotate(b);
            return 0;
        }
        if (!m_bpf_if(b)) /* never attached, or the interface is gone */
            return ENXIO;
        if (nonblock)
            return EAGAIN;
        if (b->timeout_us && now_us() - started >= b->timeout_us) {
            if (b->store_len)
                m_bpf_rotate(b);
            return 0;
        }
        m_wait_a_moment();
    }
    return 0;
}

int m_bpf_read(struct m_fd *f, const struct iovec *iov, int n, size_t *done)
{
    struct m_bpf *b = m_bpf_of(f);

    if (!m_bpf_if(b) && !b->store)
        return ENXIO;
    if (m_iov_size(iov, n) != b->bufsize)
        return EINVAL;
    int ret = fill_hold(b);
    if (ret || !b->hold)
        return ret;
    *done = m_iov_scatter(iov, n, b->hold, b->hold_len);
    b->spare = b->hold;
    b->hold = NULL;
    b->hold_len = b->hold_count = 0;
    m_fd_changed(f);
    return 0;
}

/* ---- kqueue ------------------------------------------------------------------------------------------------- */

size_t m_kq_lowat(struct m_fd *f, size_t want)
{
    const struct m_bpf *b = m_bpf_of(f);

    if (f->kind != M_BPF)
        return want;
    if (!b->immediate)
        return 1;
    return want < b->bufsize ? want : b->bufsize;
}

bool m_kq_refuses(struct m_fd *f)
{
    return f->kind == M_BPF && !m_bpf_if(m_bpf_of(f));
}
