/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of an impaired cable, with a clock that the test sets. */
#include "cmocka_all.h"

#include <string.h>

#include "core/layers/wire.h"

#include "layer_frames.h"

enum { MS = 1000000 };

/* A rate at which a frame takes one millisecond. */
#define RATE ((uint64_t)FRAME * 8 * 1000)

static void put(struct feth_wire *wire, unsigned number, uint64_t now)
{
    uint8_t f[FRAME];
    struct iovec iov[2] = {{f, 15}, {f + 15, FRAME - 15}};

    make_frame(f, number);
    feth_wire_put(wire, iov, 2, FRAME, now);
}

/* Take out what is due; the numbers have to follow from *next on.  @return how many */
static unsigned take(struct feth_wire *wire, uint64_t now, unsigned *next)
{
    struct feth_wire_frame *frame;
    uint8_t want[FRAME];
    unsigned n = 0;

    for (; (frame = feth_wire_due(wire, now)); n++) {
        make_frame(want, (*next)++);
        assert_int_equal(frame->len, FRAME);
        assert_memory_equal(frame->data, want, FRAME);
        feth_wire_drop_first(wire);
    }
    return n;
}

static void test_rate(void **state)
{
    (void)state;
    struct feth_impairment slow = {.rate_bps = RATE};
    struct feth_wire wire;
    unsigned next = 0;

    feth_wire_open(&wire, &slow, 1);
    for (unsigned i = 0; i < 10; i++)
        put(&wire, i, MS);
    for (unsigned i = 0; i < 10; i++) {
        uint64_t out = (uint64_t)(i + 2) * MS;
        assert_int_equal(feth_wire_next_due(&wire), out);
        assert_int_equal(take(&wire, out - 1, &next), 0);
        assert_int_equal(take(&wire, out, &next), 1);
    }
    assert_int_equal(feth_wire_next_due(&wire), 0);
    /* an idle line saves nothing up */
    put(&wire, 10, 100 * MS);
    assert_int_equal(feth_wire_next_due(&wire), 101 * MS);
    feth_wire_close(&wire);
}

/* What does not fit the queue never gets onto the line: it takes none of its time. */
static void test_full_queue_at_a_rate(void **state)
{
    (void)state;
    struct feth_impairment slow = {.rate_bps = RATE, .queue = 10};
    struct feth_wire wire;
    unsigned next = 0;

    feth_wire_open(&wire, &slow, 1);
    for (unsigned i = 0; i < 1000; i++)
        put(&wire, i, MS);
    assert_int_equal(wire.dropped, 990);
    assert_int_equal(take(&wire, 11 * MS, &next), 10);
    put(&wire, next, 11 * MS);
    assert_int_equal(feth_wire_next_due(&wire), 12 * MS);
    assert_int_equal(take(&wire, 12 * MS, &next), 1);
    feth_wire_close(&wire);
}

/* The seed decides for each frame, whatever was dropped for want of room before it. */
static void test_full_queue_keeps_the_run(void **state)
{
    (void)state;
    struct feth_impairment roomy = {.loss = 0.5, .delay_ns = MS}, tight = roomy;
    struct feth_wire a, b;

    tight.queue = 1;
    feth_wire_open(&a, &roomy, 7);
    feth_wire_open(&b, &tight, 7);
    for (unsigned i = 0; i < 100; i++) {
        put(&a, i, MS);
        put(&b, i, MS);
        assert_int_equal(a.random.state, b.random.state);
    }
    assert_int_equal(a.waiting + a.dropped, 100);
    assert_int_equal(b.waiting, 1);
    feth_wire_close(&a);
    feth_wire_close(&b);
}

static void test_order_with_jitter(void **state)
{
    (void)state;
    struct feth_impairment jitter = {.delay_ns = 10 * MS, .jitter_ns = 20 * MS};
    struct feth_wire wire;
    unsigned next = 0;

    feth_wire_open(&wire, &jitter, 3);
    for (unsigned i = 0; i < 1000; i++)
        put(&wire, i, (uint64_t)(i + 1) * MS);
    while (feth_wire_next_due(&wire))
        assert_true(take(&wire, feth_wire_next_due(&wire), &next) > 0);
    assert_int_equal(next, 1000);
    feth_wire_close(&wire);
}

/* Every frame is to be reordered: none overtakes another, and each comes once the longest hold is over. */
static void test_all_held(void **state)
{
    (void)state;
    struct feth_impairment all = {.reorder = 1};
    struct feth_wire wire;
    unsigned next = 0;

    feth_wire_open(&wire, &all, 1);
    for (unsigned i = 0; i < 10; i++)
        put(&wire, i, MS);
    assert_int_equal(take(&wire, 6 * MS - 1, &next), 0);
    assert_int_equal(take(&wire, 6 * MS, &next), 10);
    assert_int_equal(feth_wire_next_due(&wire), 0);
    feth_wire_close(&wire);
}

static void test_corruption(void **state)
{
    (void)state;
    struct feth_impairment all = {.corrupt = 1};
    struct feth_wire wire;
    uint8_t want[FRAME], header[FETH_FRAME_MIN] = {2};
    struct iovec iov = {header, sizeof(header)};

    feth_wire_open(&wire, &all, 1);
    for (unsigned i = 0; i < 1000; i++) {
        put(&wire, i, MS);
        struct feth_wire_frame *frame = feth_wire_due(&wire, MS);
        unsigned bits = 0;
        make_frame(want, i);
        for (size_t k = 0; k < FRAME; k++)
            bits += (unsigned)__builtin_popcount(frame->data[k] ^ want[k]);
        assert_int_equal(bits, 1);
        assert_memory_equal(frame->data, want, FETH_FRAME_MIN);
        feth_wire_drop_first(&wire);
    }
    /* nothing behind the header, nothing to flip */
    feth_wire_put(&wire, &iov, 1, sizeof(header), MS);
    assert_memory_equal(feth_wire_due(&wire, MS)->data, header, sizeof(header));
    feth_wire_close(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_full_queue_at_a_rate),
        cmocka_unit_test(test_full_queue_keeps_the_run),
        cmocka_unit_test(test_order_with_jitter),
        cmocka_unit_test(test_all_held),
        cmocka_unit_test(test_corruption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
