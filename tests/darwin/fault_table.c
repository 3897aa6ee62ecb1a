/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_table.h"

#include "../unit/cmocka_all.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <feth/error.h>

#include "model/model.h"

#define E(name)                                                                                              \
    {                                                                                                        \
        name, #name                                                                                          \
    }
static const struct {
    int value;
    const char *name;
} errors[] = {
    E(EPERM),         E(EACCES),       E(ENXIO),    E(ENODEV), E(ENETDOWN), E(EBUSY),      E(EINVAL),
    E(EEXIST),        E(EIO),          E(EMSGSIZE), E(ENOMEM), E(ENOBUFS),  E(EOPNOTSUPP), E(ENOTTY),
    E(EADDRNOTAVAIL), E(EAFNOSUPPORT), E(EMFILE),   E(ENOENT), E(EPIPE),    E(EAGAIN),     E(EINTR),
};
const unsigned fault_n_errors = sizeof(errors) / sizeof(errors[0]);

enum { OUTCOMES = 1024, LINE = 400 };

struct outcome {
    char call[40];
    int code;
    unsigned bits; /* a bit for each of the above */
};

static struct outcome outcomes[OUTCOMES];
static unsigned n_outcomes;

int fault_error(unsigned i)
{
    assert_true(i < fault_n_errors);
    return errors[i].value;
}

const char *fault_call(void)
{
    static char name[80];
    const char *call = model_failed(), *syscall = model_failed_syscall();

    if (!call)
        return "nothing";
    /* of a request, a setting or a device the name says all */
    bool enough = strcmp(syscall, "ioctl") == 0 || strncmp(syscall, "sysctl", 6) == 0 ||
                  strcmp(syscall, "open") == 0 || strcmp(syscall, call) == 0;
    (void)snprintf(name, sizeof(name), "%s%s%s", enough ? "" : syscall, enough ? "" : " ", call);
    return name;
}

void fault_note(int error, int code)
{
    const char *call = fault_call();
    unsigned bit = 0, i;

    while (bit < fault_n_errors && errors[bit].value != error)
        bit++;
    assert_true(bit < fault_n_errors);
    code = code < 0 ? code : 0;
    for (i = 0; i < n_outcomes; i++)
        if (outcomes[i].code == code && strcmp(outcomes[i].call, call) == 0)
            break;
    assert_true(i < OUTCOMES);
    if (i == n_outcomes) {
        n_outcomes++;
        outcomes[i].code = code;
        (void)snprintf(outcomes[i].call, sizeof(outcomes[i].call), "%s", call);
    }
    outcomes[i].bits |= 1u << bit;
}

/* The errnos, or where they are most of all there are, those that are missing. */
static void say(const struct outcome *o, char line[LINE])
{
    const unsigned all = (1u << fault_n_errors) - 1;
    const char *code = o->code < 0 ? feth_code_name(o->code) : "-";
    bool most = (unsigned)__builtin_popcount(o->bits) > fault_n_errors / 2;
    unsigned named = most ? all & ~o->bits : o->bits;
    int at = snprintf(line, LINE, "%-25s %-13s%s", o->call, code, !most ? "" : named ? " all but" : " all");

    for (unsigned i = 0; i < fault_n_errors; i++)
        if (named & 1u << i)
            at += snprintf(line + at, (size_t)(LINE - at), " %s", errors[i].name);
}

static int by_call(const void *a, const void *b)
{
    const struct outcome *x = a, *y = b;
    int order = strcmp(x->call, y->call);

    return order ? order : y->code - x->code;
}

/* The next line that says something. */
static bool next_line(FILE *file, char line[LINE])
{
    do {
        if (!fgets(line, LINE, file))
            return false;
        line[strcspn(line, "\n")] = '\0';
    } while (line[0] == '#' || line[0] == '\0');
    return true;
}

bool fault_table_is(const char *path)
{
    char want[LINE] = "", have[LINE];
    FILE *file = fopen(path, "r");
    bool same = true;

    assert_non_null(file);
    qsort(outcomes, n_outcomes, sizeof(outcomes[0]), by_call);
    for (unsigned i = 0; i < n_outcomes; i++) {
        say(&outcomes[i], have);
        if (!next_line(file, want))
            want[0] = '\0';
        if (same && strcmp(want, have) != 0) {
            fprintf(stderr, "%s has \"%s\", not \"%s\"; all there is now:\n", path, want, have);
            same = false;
        }
    }
    if (next_line(file, want)) {
        fprintf(stderr, "%s has \"%s\", and this did not happen; all there is now:\n", path, want);
        same = false;
    }
    for (unsigned i = 0; !same && i < n_outcomes; i++) {
        say(&outcomes[i], have);
        fprintf(stderr, "%s\n", have);
    }
    assert_int_equal(fclose(file), 0);
    return same;
}

unsigned fault_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}
