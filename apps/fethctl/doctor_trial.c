/* SPDX-License-Identifier: Apache-2.0 */
/* One assumption after the other, with the real kernel: a pair can be made, and carries a frame each way. */
#include <stdio.h>
#include <string.h>

#include <feth/feth.h>
#include <feth/io.h>

#include "doctor.h"

#define WAIT_MS  1000
#define ATTEMPTS 50 /* frames of others, such as the host's own first ones */

/* IEEE 802's local experimental EtherType: no stack answers to it. */
static const uint8_t frame[60] = {0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0xb5, 'f', 'e', 't', 'h'};

static int arrives(struct feth_io *from, struct feth_io *to, struct feth_error *err)
{
    uint8_t data[2048];
    size_t len;

    int ret = feth_io_send(from, frame, sizeof(frame), err);
    for (int i = 0; ret == 0 && i < ATTEMPTS; i++) {
        ret = feth_io_wait(to, WAIT_MS, err);
        if (ret == 0)
            ret = feth_io_recv(to, data, sizeof(data), &len, NULL, err);
        if (ret == 0 && len == sizeof(frame) && memcmp(data, frame, len) == 0)
            return 0;
        if (ret == FETH_EAGAIN || ret == FETH_ENOSPACE)
            ret = 0;
    }
    return ret < 0 ? ret : FETH_ETIMEOUT;
}

static void try_frames(const struct feth_pair *pair)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_io *host = NULL, *io = NULL;
    struct feth_error err = {.text = ""};

    config.nonblock = true;
    int ret = feth_io_open(&host, pair->host, &config, &err);
    if (ret == 0)
        ret = feth_io_open(&io, pair->io, &config, &err);
    if (ret < 0) {
        doctor_wrong("frames", "%s", err.text);
    } else if ((ret = arrives(host, io, &err)) < 0 || (ret = arrives(io, host, &err)) < 0) {
        doctor_wrong("frames", "a frame sent at one end of a pair does not arrive at the other: %s",
                     feth_code_text(ret));
    } else {
        doctor_ok("frames", "a frame passes each way (%s)", feth_io_backend(io));
    }
    feth_io_close(io);
    feth_io_close(host);
}

void doctor_trial(void)
{
    struct feth_config config = FETH_CONFIG_INIT;
    struct feth_ctl *ctl;
    struct feth_pair pair;
    struct feth_error err;

    config.up = true;
    if (feth_ctl_open(&ctl, &err) < 0) {
        doctor_wrong("pair", "%s", err.text);
        return;
    }
    if (feth_pair_create(ctl, &config, &config, &pair, &err) < 0) {
        doctor_wrong("pair", "%s", err.text);
    } else {
        doctor_ok("pair", "can be created");
        try_frames(&pair);
        if (feth_pair_destroy(ctl, &pair, &err) < 0)
            doctor_wrong("pair", "%s; %s and %s may be left behind: \"fethctl gc\" removes what is", err.text,
                         pair.host, pair.io);
    }
    feth_ctl_close(ctl);
}
