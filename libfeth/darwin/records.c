/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record is a header, then the frame at bh_hdrlen: 18 bytes for Ethernet, so that what follows its header is aligned,
 * although struct bpf_hdr has 20.  Records start at multiples of 4; the last one ends where its frame does
 * (catchpacket(), xnu bsd/net/bpf.c).
 */
#include "darwin/records.h"

#include <string.h>

#include "darwin/xnu.h"

#define HEADER_MIN (offsetof(struct xnu_bpf_hdr, bh_hdrlen) + sizeof(uint16_t))

void feth_records_begin(struct feth_records *records, uint8_t *data, size_t len)
{
    *records = (struct feth_records){.data = data, .len = len};
}

bool feth_records_left(const struct feth_records *records)
{
    return records->at < records->len;
}

enum feth_records_result feth_records_next(struct feth_records *records, struct feth_record *record)
{
    struct xnu_bpf_hdr head;
    size_t left = records->len - records->at;
    uint8_t *from = records->data + records->at;

    if (left == 0)
        return FETH_RECORDS_END;
    if (left < HEADER_MIN)
        goto bad;
    memset(&head, 0, sizeof(head));
    memcpy(&head, from, HEADER_MIN); /* it need not be aligned for a struct */
    if (head.bh_hdrlen < HEADER_MIN || head.bh_hdrlen > left || head.bh_caplen > left - head.bh_hdrlen ||
        head.bh_datalen < head.bh_caplen)
        goto bad;
    *record = (struct feth_record){
        .data = from + head.bh_hdrlen, .len = head.bh_caplen, .wire_len = head.bh_datalen};
    size_t step = XNU_BPF_WORDALIGN(head.bh_hdrlen + (size_t)head.bh_caplen);
    records->at += step < left ? step : left;
    return FETH_RECORDS_ONE;

bad:
    records->at = records->len;
    return FETH_RECORDS_BAD;
}
