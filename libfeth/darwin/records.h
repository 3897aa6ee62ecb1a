/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file darwin/records.h
 * The frames in what one read of a BPF device brought.  No system call, no memory of its own; what it reads need not be
 * from a kernel.
 */
#ifndef FETH_DARWIN_RECORDS_H
#define FETH_DARWIN_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where reading is.  All zero: nothing left. */
struct feth_records {
    uint8_t *data;
    size_t len;
    size_t at;
};

/** One record: a frame, and how long it was before the kernel cut it. */
struct feth_record {
    uint8_t *data;
    uint32_t len;
    uint32_t wire_len; /**< at least len */
};

enum feth_records_result {
    FETH_RECORDS_END,
    FETH_RECORDS_ONE,
    FETH_RECORDS_BAD /**< malformed: whatever follows cannot be found, and is dropped */
};

/** Begin with the len bytes that were read. */
void feth_records_begin(struct feth_records *records, uint8_t *data, size_t len);

/** The next record.  Goes forward with every call, so that no more than len calls reach the end. */
enum feth_records_result feth_records_next(struct feth_records *records, struct feth_record *record);

/** Whether there is more to look at. */
bool feth_records_left(const struct feth_records *records);

#endif
