/* SPDX-License-Identifier: Apache-2.0 */
#include "packet_rig.h"

#include <string.h>

struct feth_ctl *ctl;
struct feth_pair pair;

void ok(int ret, const struct feth_error *err)
{
    if (ret < 0)
        fail_msg("%s: %s", feth_code_name(ret), err->text);
}

int make_pair(void **state)
{
    (void)state;
    struct feth_error err;
    struct feth_config side[2] = {FETH_CONFIG_INIT, FETH_CONFIG_INIT};

    side[0].up = side[1].up = true;
    ok(feth_pair_create(ctl, &side[0], &side[1], &pair, &err), &err);
    return 0;
}

int destroy_pair(void **state)
{
    (void)state;
    return feth_pair_destroy(ctl, &pair, NULL);
}

struct feth_io *open_io(const char *ifname, bool offload)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *io;
    struct feth_error err;

    config.nonblock = true;
    config.offload = offload;
    ok(feth_io_open(&io, ifname, &config, &err), &err);
    return io;
}

/* The ethertype for local experiments (IEEE 802, 88b5) tells our frames from the kernel's own. */
void make_frame(uint8_t *frame, size_t len, uint8_t number)
{
    memset(frame, number, len);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x01\x88\xb5", 8);
}

bool is_ours(const struct feth_frame *frame)
{
    return memcmp(frame->data + 12, "\x88\xb5", 2) == 0;
}

bool next_frame(struct feth_io *io, bool (*pick)(const struct feth_frame *), int wait_ms,
                struct feth_frame *frame)
{
    for (int tries = 0; tries < 10000; tries++) {
        int n = feth_io_recv_batch(io, frame, 1, NULL);
        if (n == FETH_EAGAIN || n == FETH_EDOWN) {
            if (feth_io_wait(io, wait_ms, NULL) < 0)
                return false;
            continue;
        }
        if (n != 1)
            return false;
        if (pick(frame))
            return true;
        feth_frames_release(frame, 1);
    }
    return false;
}

int close_ctl(int failed)
{
    feth_ctl_close(ctl);
    return failed;
}
