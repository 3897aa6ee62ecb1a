/* SPDX-License-Identifier: Apache-2.0 */
/* PF_NDRV sockets, for sending (bsd/net/ndrv.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fds.h"
#include "model.h"

#define SEND_SPACE 8192    /* RUN11: NDRVSNDQ */
#define SPACE_MAX  7456540 /* READ: sb_max_adj for kern.ipc.maxsockbuf of 8 MiB; RUN11: 8 MB are refused */

struct ndrv {
    struct m_fd f;
    bool bound, connected;
    unsigned send_space;
    /* RUN11: the socket means whichever interface bears this name, also one made after the first was destroyed */
    char name[M_NAME];
};

static struct ndrv *ndrv_of(struct m_fd *f)
{
    return (struct ndrv *)(void *)f;
}

static int ndrv_write(struct m_fd *f, const struct iovec *iov, int n, size_t *done)
{
    return m_ndrv_send(f, iov, n, false, done);
}

static int ndrv_read(struct m_fd *f, const struct iovec *iov, int n, size_t *done)
{
    (void)iov, (void)n, (void)done;
    if (!m_fd_nonblock(f))
        m_panic("a blocking read of an NDRV socket: nothing ever comes");
    return EAGAIN;
}

static void ndrv_close(struct m_fd *f)
{
    ndrv_of(f)->bound = false;
    m_tap_sync();
}

static const struct m_fd_ops ndrv_ops = {
    .name = "ndrv", .read = ndrv_read, .write = ndrv_write, .close = ndrv_close};

int m_ndrv_open(int *fd)
{
    if (m_denied())
        return EPERM;
    struct ndrv *s = (struct ndrv *)m_fd_new(M_NDRV, &ndrv_ops, sizeof(*s), -1);
    s->send_space = SEND_SPACE;
    *fd = s->f.fd;
    return 0;
}

int m_ndrv_bind(struct m_fd *f, const void *addr, size_t len)
{
    struct ndrv *s = ndrv_of(f);
    struct xnu_sockaddr_ndrv to = {0};

    if (s->bound)
        return EINVAL;
    memcpy(&to, addr, len < sizeof(to) ? len : sizeof(to));
    s->bound = true; /* READ: even where what follows fails */
    if (to.snd_name[0] == '\0')
        return EINVAL;
    memcpy(s->name, to.snd_name, sizeof(s->name) - 1);
    if (!m_if_named(s->name)) {
        s->name[0] = '\0';
        return EADDRNOTAVAIL;
    }
    m_tap_sync();
    return 0;
}

int m_ndrv_connect(struct m_fd *f, const void *addr, size_t len)
{
    struct ndrv *s = ndrv_of(f);

    if (s->connected)
        return EISCONN;
    if (len < sizeof(struct xnu_sockaddr_ndrv) ||
        ((const struct xnu_sockaddr_ndrv *)addr)->snd_len < sizeof(struct xnu_sockaddr_ndrv))
        return EINVAL;
    s->connected = true;
    return 0;
}

int m_ndrv_send(struct m_fd *f, const struct iovec *iov, int n, bool has_addr, size_t *done)
{
    struct ndrv *s = ndrv_of(f);
    size_t size = m_iov_size(iov, n);
    uint8_t small[2048], *data = small;

    if (!s->connected && !has_addr)
        return EDESTADDRREQ;
    if (size > s->send_space)
        return EMSGSIZE;
    if (s->name[0] == '\0')
        return EINVAL;
    struct m_if *ifp = m_if_named(s->name);
    if (!ifp)
        return ENXIO;
    if (!(ifp->flags & XNU_IFF_UP))
        return ENETDOWN;
    if (n == 1)
        data = iov[0].iov_base;
    else if (size > sizeof(small) && !(data = malloc(size)))
        return ENOBUFS;
    if (n != 1)
        m_iov_gather(iov, n, data, size);
    int ret = m_output(ifp, data, size);
    if (n != 1 && data != small)
        free(data);
    if (ret == 0)
        *done = size;
    return ret;
}

int m_ndrv_setbuf(struct m_fd *f, unsigned size)
{
    if (size == 0)
        return EINVAL;
    if (size > SPACE_MAX)
        return ENOBUFS;
    ndrv_of(f)->send_space = size;
    return 0;
}

unsigned m_ndrv_getbuf(struct m_fd *f)
{
    return ndrv_of(f)->send_space;
}

struct search {
    const char *name;
    bool found;
};

static void look_at(struct m_fd *f, void *arg)
{
    struct search *search = arg;

    if (ndrv_of(f)->bound && strcmp(ndrv_of(f)->name, search->name) == 0)
        search->found = true;
}

bool m_ndrv_bound(const char *name)
{
    struct search search = {.name = name};

    m_fds_each(M_NDRV, look_at, &search);
    return search.found;
}
