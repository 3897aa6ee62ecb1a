/* SPDX-License-Identifier: Apache-2.0 */
/* A frame as a readable line. */
#include "cmocka_all.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect.h"
#include "dissect_frames.h"
#include "wire.h"

enum { FRAMES = sizeof(frames) / sizeof(frames[0]), ROOM = 256 };

static size_t decode(const char *hex, uint8_t *frame)
{
    size_t n = 0;
    unsigned byte;
    int used;

    while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
        assert_true(n < ROOM);
        frame[n++] = (uint8_t)byte;
        hex += used;
    }
    return n;
}

/* From memory of exactly the frame's size, and into exactly that room, so that a sanitizer sees every byte beyond. */
static void dissect_exactly(const uint8_t *frame, size_t have, size_t wire_len, char *line, size_t room)
{
    uint8_t *exact = malloc(have ? have : 1);
    char *text = malloc(room ? room : 1);

    memcpy(exact, frame, have);
    dissect(exact, have, wire_len, text, room);
    if (room) {
        size_t len = strlen(text);
        assert_true(len < room);
        for (size_t i = 0; i < len; i++)
            assert_in_range(text[i], ' ', '~');
        memcpy(line, text, len + 1);
    }
    free(text);
    free(exact);
}

static void test_lines(void **state)
{
    (void)state;
    uint8_t frame[ROOM];
    char line[DISSECT_LINE];

    for (int i = 0; i < FRAMES; i++) {
        size_t n = decode(frames[i].hex, frame);
        dissect_exactly(frame, n, n, line, sizeof(line));
        if (strcmp(line, frames[i].line) != 0)
            fail_msg("%s:\n%s, not\n%s", frames[i].name, line, frames[i].line);
        /* a wire length that is not known is no reason for another line */
        dissect_exactly(frame, n, 0, line, sizeof(line));
        assert_string_equal(line, frames[i].line);
    }
}

/* Cut by the capture: what is left is shown, or a mark says that a header is not whole. */
static void test_every_cut(void **state)
{
    (void)state;
    uint8_t frame[ROOM];
    char line[DISSECT_LINE];

    for (int i = 0; i < FRAMES; i++) {
        size_t n = decode(frames[i].hex, frame);
        bool whole = false;
        for (size_t have = 0; have < n; have++) {
            dissect_exactly(frame, have, n, line, sizeof(line));
            bool marked = strstr(line, "[|") || strstr(line, "|tcp]");
            if (!marked && strcmp(line, frames[i].line) != 0)
                fail_msg("%s, %zu of %zu bytes: %s", frames[i].name, have, n, line);
            if (whole && marked)
                fail_msg("%s, %zu of %zu bytes, and fewer would do: %s", frames[i].name, have, n, line);
            /* a header that ends beyond its packet is never whole */
            whole = !marked;
        }
    }
}

/* That short on the wire already. */
static void test_every_truncation(void **state)
{
    (void)state;
    uint8_t frame[ROOM];
    char line[DISSECT_LINE];

    for (int i = 0; i < FRAMES; i++) {
        size_t n = decode(frames[i].hex, frame);
        for (size_t have = 0; have < n; have++) {
            dissect_exactly(frame, have, have, line, sizeof(line));
            assert_true(line[0] != '\0');
        }
    }
}

static void test_every_room(void **state)
{
    (void)state;
    uint8_t frame[ROOM];
    char line[DISSECT_LINE];

    for (int i = 0; i < FRAMES; i++) {
        size_t n = decode(frames[i].hex, frame), whole = strlen(frames[i].line);
        dissect_exactly(frame, n, n, line, 0);
        for (size_t room = 1; room <= whole + 1; room++) {
            dissect_exactly(frame, n, n, line, room);
            assert_int_equal(strlen(line), room - 1);
            assert_memory_equal(line, frames[i].line, room - 1);
        }
    }
}

/* Any byte may have any value. */
static void test_damage(void **state)
{
    (void)state;
    uint8_t good[ROOM], frame[ROOM];
    char line[DISSECT_LINE];
    uint64_t random = 1;

    for (int i = 0; i < FRAMES; i++) {
        size_t n = decode(frames[i].hex, good);
        for (int round = 0; round < 2000; round++) {
            memcpy(frame, good, n);
            for (int flips = 0; flips < 1 + round % 4; flips++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                frame[(random >> 33) % n] = (uint8_t)(random >> 56);
            }
            size_t have = round % 3 ? n : (random >> 20) % (n + 1);
            dissect_exactly(frame, have, n, line, sizeof(line));
        }
    }
}

/* As many tags as fit: the line is cut. */
static void test_tags_without_end(void **state)
{
    (void)state;
    enum { SIZE = 65536 };
    uint8_t *frame = calloc(1, SIZE);
    char line[DISSECT_LINE];

    for (size_t at = ETHER_TYPE_AT; at + 4 <= SIZE; at += 4)
        put16(frame + at, ETHER_TYPE_VLAN);
    dissect_exactly(frame, SIZE, SIZE, line, sizeof(line));
    assert_int_equal(strlen(line), sizeof(line) - 1);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_room),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_tags_without_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
