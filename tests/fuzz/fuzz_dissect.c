/* SPDX-License-Identifier: Apache-2.0 */
/* Any frame as a line: printable, ended, and within what there is room for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    char line[DISSECT_LINE + 1];

    if (size < 2)
        return -1;
    /* the first two bytes: how many more there were on the wire, and how much room there is */
    size_t have = size - 2, room = 1 + (size_t)input[1] * 2;
    uint8_t *frame = malloc(have ? have : 1); /* an end that is watched */
    if (!frame)
        return 0;
    if (have)
        memcpy(frame, input + 2, have);
    line[room < DISSECT_LINE ? room : DISSECT_LINE] = 'x';
    dissect(frame, have, have + input[0], line, room < DISSECT_LINE ? room : DISSECT_LINE);
    size_t len = strnlen(line, room);
    if (len >= room || line[room < DISSECT_LINE ? room : DISSECT_LINE] != 'x')
        abort();
    for (size_t i = 0; i < len; i++)
        if (line[i] < ' ' || line[i] > '~')
            abort();
    free(frame);
    return 0;
}
