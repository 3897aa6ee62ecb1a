/* SPDX-License-Identifier: Apache-2.0 */
/* A user's program: a frame over an in-process cable. */
#include <feth/feth.h>
#include <feth/io.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    struct feth_io *ends[2];
    struct feth_error err;
    struct feth_frame frame;
    unsigned char sent[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5, 'f', 'e', 't', 'h'};

    if (feth_memory_pair(ends, NULL, &err) < 0 || feth_io_send(ends[0], sent, sizeof(sent), &err) < 0 ||
        feth_io_recv_batch(ends[1], &frame, 1, &err) != 1)
        return fprintf(stderr, "%s\n", err.text), 1;
    int same = frame.len == sizeof(sent) && memcmp(frame.data, sent, sizeof(sent)) == 0;
    feth_frames_release(&frame, 1);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
    printf("feth %s: %s\n", feth_version(), same ? "the frame arrived" : "another frame arrived");
    return !same || strcmp(feth_version(), FETH_VERSION) != 0;
}
