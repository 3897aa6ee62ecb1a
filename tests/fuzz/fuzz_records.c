/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a BPF device gave. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "darwin/records.h"
#include "darwin/xnu.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void check(int truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct feth_records records;
    struct feth_record record;
    enum feth_records_result result;
    size_t at = 0, calls = 0;
    volatile uint8_t sum = 0;

    if (size > 1 << 16)
        return -1;
    uint8_t *data = malloc(size ? size : 1); /* an end that a sanitizer watches */
    if (!data)
        return -1;
    if (size)
        memcpy(data, input, size);
    feth_records_begin(&records, data, size);
    while ((result = feth_records_next(&records, &record)) == FETH_RECORDS_ONE) {
        struct xnu_bpf_hdr head = {.bh_hdrlen = 0};
        memcpy(&head, data + at, 18);
        /* what comes out is what the header at this place says: nothing is invented */
        check(record.data == data + at + head.bh_hdrlen);
        check(record.len == head.bh_caplen && record.wire_len == head.bh_datalen);
        check((size_t)(record.data - data) + record.len <= size && record.wire_len >= record.len);
        for (uint32_t i = 0; i < record.len; i++)
            sum = (uint8_t)(sum + record.data[i]);
        at = XNU_BPF_WORDALIGN((size_t)(record.data - data) + record.len);
        check(++calls <= size / 18);
    }
    check(!feth_records_left(&records));
    check(result == FETH_RECORDS_BAD || at >= size);
    free(data);
    return 0;
}
