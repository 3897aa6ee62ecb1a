/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracles MINIMUM: compares what others say of macOS with darwin/xnu.h.  Their facts come on the standard input, as
 * oracles.awk prints them; those of what we do not use are passed over.  The status is 1 where one differs, or where
 * fewer than MINIMUM could be compared.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "darwin/xnu.h"

struct fact {
    const char *about; /* "", "sizeof" or "offsetof" */
    const char *name;
    long long value;
    long long length; /* of a member */
    unsigned seen;
};

#define FETH_XNU_ALL

#define CONSTANT(name) {"", #name, (long long)(XNU_##name), 0, 0},
#define STRUCT(name)   {"sizeof", #name, (long long)sizeof(struct xnu_##name), 0, 0},
#define MEMBER(name, member)                                                                                 \
    {"offsetof", #name "." #member, (long long)offsetof(struct xnu_##name, member),                          \
     (long long)sizeof(((struct xnu_##name *)0)->member), 0},

static struct fact ours[] = {
/* clang-format off */
#include "xnu_names.h"
#include "darwin/xnu_structs.h"
STRUCT(timeval32)
MEMBER(timeval32, tv_sec)
MEMBER(timeval32, tv_usec)
MEMBER(in_addr, s_addr)
    /* clang-format on */
    {"offsetof", "extern_proc.p_starttime", offsetof(struct xnu_extern_proc, p_start), 16, 0},
};

static struct fact *find(const char *about, const char *name)
{
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
        if (strcmp(ours[i].about, about) == 0 && strcmp(ours[i].name, name) == 0)
            return &ours[i];
    return NULL;
}

/* One line; false where it says something else than we do. */
static bool compare(char *line)
{
    char *words[4];
    size_t n = 0;

    for (char *word = strtok(line, " \n"); word && n < 4; word = strtok(NULL, " \n"))
        words[n++] = word;
    bool of_struct = n > 2;
    if (n < 2)
        return false;
    const char *about = of_struct ? words[0] : "", *name = of_struct ? words[1] : words[0];
    struct fact *fact = find(about, name);
    if (!fact)
        return true;
    fact->seen++;
    long long value = strtoll(words[of_struct ? 2 : 1], NULL, 0);
    long long length = n == 4 ? strtoll(words[3], NULL, 0) : fact->length;
    if (value == fact->value && length == fact->length)
        return true;
    printf("  %s %s: %lld %lld there, %lld %lld here\n", about, name, value, length, fact->value,
           fact->length);
    return false;
}

int main(int argc, char **argv)
{
    char line[512];
    unsigned compared = 0, total = 0;
    bool all_same = true;

    if (argc != 2)
        return 2;
    while (fgets(line, sizeof(line), stdin))
        all_same = compare(line) && all_same;
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
        compared += ours[i].seen > 0;
        total++;
    }
    unsigned long minimum = strtoul(argv[1], NULL, 10);
    printf("%u of our %u facts compared, at least %lu expected\n", compared, total, minimum);
    return all_same && compared >= minimum ? 0 : 1;
}
