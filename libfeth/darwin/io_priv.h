/* SPDX-License-Identifier: Apache-2.0 */
/** @file darwin/io_priv.h  A handle on an interface, for the files that make it up: io.c, io_recv.c, io_send.c. */
#ifndef FETH_DARWIN_IO_PRIV_H
#define FETH_DARWIN_IO_PRIV_H

#include "core/buf.h"
#include "core/io_ops.h"
#include "core/os.h"
#include "darwin/bpf.h"
#include "darwin/io_offload.h"
#include "darwin/pace.h"
#include "darwin/records.h"
#include "darwin/send.h"
#include "darwin/watch.h"

struct bpf_io {
    struct feth_io io;
    struct feth_bpf bpf;
    struct feth_sender sender;
    struct feth_pace pace;
    unsigned tx_mtu,
        tx_mtu_at; /* looked up by the sending thread, when the link had changed so often; 0: not */
    struct feth_ifwatch watch;
    bool watching;
    struct feth_assist assist; /* its rx: of who is at the far end as far as is known */
    bool far_known, see_sent;
    struct feth_os_waitset *waitset;

    struct feth_pool *pool;
    struct feth_buf *buf; /* what the last read filled, or the next one will; NULL: none */
    struct feth_records records;
    bool emptied;      /* the last read brought what there was */
    bool down_told;    /* FETH_EDOWN was returned for this time down */
    unsigned unlooked; /* reads since the link was looked at */

    pthread_mutex_t timer_lock; /* a thread that sends sets the timer too */
    bool has_timer_lock;
    uint64_t look_at, retry_at, timer_at; /* of CLOCK_MONOTONIC, in nanoseconds; 0: never */
    atomic_uint_fast64_t queue_drops;
};

static inline struct bpf_io *bpf_of(struct feth_io *io)
{
    return (struct bpf_io *)io;
}

/* As struct feth_io_ops has it. */
int feth_bpf_io_recv(struct feth_io *io, struct feth_frame *frames, unsigned max, struct feth_error *err);
bool feth_bpf_io_pending(const struct feth_io *io);
int feth_bpf_io_send(struct feth_io *io, const struct feth_tx *frames, unsigned n, struct feth_error *err);
int feth_bpf_io_tx_fd(const struct feth_io *io);

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t feth_bpf_io_now(void);

/** Learn what both ends were made for: at the start, and by who receives when the far end may be another one. */
void feth_bpf_io_learn(struct bpf_io *b);

/** Start the clock that has the handle look at its interface. */
void feth_bpf_io_start(struct bpf_io *b);

/** Nothing to receive: take note of the time.  @return whether to look at the interface */
bool feth_bpf_io_look_is_due(struct bpf_io *b);

/** No descriptor tells that the output queue has room again: wake who waits on the handle, to try. */
void feth_bpf_io_retry_soon(struct bpf_io *b);

#endif
