/* SPDX-License-Identifier: Apache-2.0 */
/* The frames in what a BPF device gave: well-formed, cut, malformed. */
#include "../unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "darwin/records.h"
#include "darwin/xnu.h"

enum { HEADER = 18 };

static uint8_t buf[4096];

/* Write a record at an offset.  @return where its frame ends */
static size_t put(size_t at, uint16_t hdrlen, uint32_t caplen, uint32_t datalen)
{
    struct xnu_bpf_hdr head;

    memset(&head, 0, sizeof(head));
    head.bh_caplen = caplen;
    head.bh_datalen = datalen;
    head.bh_hdrlen = hdrlen;
    memcpy(buf + at, &head, HEADER);
    for (size_t i = 0; i < caplen && at + hdrlen + i < sizeof(buf); i++)
        buf[at + hdrlen + i] = (uint8_t)(at + i);
    return at + hdrlen + caplen;
}

/* A copy at the end of memory of its own, so that a sanitizer sees any look beyond it. */
static uint8_t *tight(size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    memcpy(copy, buf, len);
    return copy;
}

/* What is read of len bytes.  @return how many frames; *bad: whether it ended with a malformed record */
static unsigned count(size_t len, bool *bad)
{
    struct feth_records records;
    struct feth_record record;
    unsigned frames = 0;
    enum feth_records_result result;
    uint8_t *data = tight(len);

    feth_records_begin(&records, data, len);
    while ((result = feth_records_next(&records, &record)) == FETH_RECORDS_ONE) {
        assert_true(record.data >= data && record.data + record.len <= data + len);
        assert_true(record.wire_len >= record.len);
        assert_true(++frames <= len);
    }
    *bad = result == FETH_RECORDS_BAD;
    assert_false(feth_records_left(&records));
    assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_END);
    free(data);
    return frames;
}

static void test_every_length(void **state)
{
    (void)state;
    for (uint32_t len = 0; len < 100; len++) {
        struct feth_records records;
        struct feth_record record;
        size_t second = XNU_BPF_WORDALIGN(put(0, HEADER, len, len));
        size_t end = put(second, HEADER, 60, 60); /* the last: not padded */

        feth_records_begin(&records, buf, end);
        assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_ONE);
        assert_ptr_equal(record.data, buf + HEADER);
        assert_int_equal(record.len, len);
        assert_int_equal(record.wire_len, len);
        assert_true(feth_records_left(&records));
        assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_ONE);
        assert_ptr_equal(record.data, buf + second + HEADER);
        assert_int_equal(record.len, 60);
        assert_false(feth_records_left(&records));
        assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_END);
    }
}

static void test_last_is_not_padded(void **state)
{
    (void)state;
    bool bad;

    for (uint32_t len = 14; len < 22; len++) {
        size_t end = put(0, HEADER, len, len);
        assert_int_equal(count(end, &bad), 1);
        assert_false(bad);
        memset(buf + end, 0, 4);
        assert_int_equal(count(XNU_BPF_WORDALIGN(end), &bad), 1); /* nor need it be unpadded */
        assert_false(bad);
    }
}

static void test_longer_header(void **state)
{
    (void)state;
    bool bad;
    size_t end = put(XNU_BPF_WORDALIGN(put(0, 20, 61, 61)), 26, 61, 61);

    assert_int_equal(count(end, &bad), 2);
    assert_false(bad);
}

static void test_cut_frame(void **state)
{
    (void)state;
    struct feth_records records;
    struct feth_record record;

    feth_records_begin(&records, buf, put(0, HEADER, 100, 1514));
    assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_ONE);
    assert_int_equal(record.len, 100);
    assert_int_equal(record.wire_len, 1514);
}

static void test_misaligned(void **state)
{
    (void)state;
    struct feth_records records;
    struct feth_record record;
    uint8_t *odd = malloc(201);

    assert_non_null(odd);
    memcpy(odd + 1, buf, put(0, HEADER, 60, 60));
    feth_records_begin(&records, odd + 1, HEADER + 60);
    assert_int_equal(feth_records_next(&records, &record), FETH_RECORDS_ONE);
    assert_int_equal(record.len, 60);
    free(odd);
}

static void test_malformed(void **state)
{
    (void)state;
    static const struct {
        uint16_t hdrlen;
        uint32_t caplen, datalen;
    } cases[] = {
        {0, 60, 60},
        {17, 60, 60},
        {18, 61, 60},
        {18, 83, 83},
        {18, 84, 84},
        {18, 0xffffffff, 0xffffffff},
        {101, 0, 0},
        {0xffff, 0, 0},
        {100, 1, 1},
        {18, 0x7fffffff, 1u << 31},
        {18, 0xfffffff0, 0xfffffff0},
        {0xfffe, 0xffffffff, 0xffffffff},
    };
    bool bad;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* 100 bytes behind a good one */
        size_t at = XNU_BPF_WORDALIGN(put(0, HEADER, 60, 60));
        struct xnu_bpf_hdr head = {
            .bh_caplen = cases[i].caplen, .bh_datalen = cases[i].datalen, .bh_hdrlen = cases[i].hdrlen};
        memset(buf + at, 0, 100);
        memcpy(buf + at, &head, HEADER);
        assert_int_equal(count(at + 100, &bad), 1);
        assert_true(bad);
    }
}

static void test_every_cut(void **state)
{
    (void)state;
    size_t at = XNU_BPF_WORDALIGN(put(0, HEADER, 61, 61)), end = put(at, HEADER, 61, 61);
    bool bad;

    for (size_t len = 0; len <= end; len++) {
        unsigned frames = count(len, &bad);
        assert_int_equal(frames, len < HEADER + 61 ? 0 : len < end ? 1 : 2);
        /* ends between records are no fault: none of them has begun */
        assert_int_equal(bad, len != 0 && len != end && !(len >= HEADER + 61 && len <= at));
    }
}

static void test_noise(void **state)
{
    (void)state;
    bool bad;

    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand() % 300;
        for (size_t i = 0; i < len; i++)
            buf[i] = (uint8_t)(rand() % 4 ? 0 : rand());
        if (len > HEADER)
            buf[16] = HEADER;
        (void)count(len, &bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length),  cmocka_unit_test(test_last_is_not_padded),
        cmocka_unit_test(test_longer_header), cmocka_unit_test(test_cut_frame),
        cmocka_unit_test(test_misaligned),    cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_every_cut),     cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
