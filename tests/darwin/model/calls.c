/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of calls by name, failures on demand, and the log. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "model.h"

#define NAMES    512
#define FAILURES 32
#define LINES    400

struct counter {
    char name[40];
    unsigned calls;
};

struct failure {
    char name[40]; /* "": free; "*": any call */
    unsigned left;
    int error;
};

/* Of this process alone: a test looks at its own calls. */
static struct counter counters[NAMES];
static struct failure failures[FAILURES];
static char lines[LINES][160];
static unsigned n_lines, all_calls;
static char failed[40], failed_syscall[40];
static _Thread_local char current[80];

static struct counter *counter(const char *name)
{
    for (unsigned i = 0; i < NAMES; i++) {
        if (counters[i].name[0] == '\0')
            (void)snprintf(counters[i].name, sizeof(counters[i].name), "%s", name);
        if (strcmp(counters[i].name, name) == 0)
            return &counters[i];
    }
    m_panic("more than %d names of calls", NAMES);
}

void model_note(const char *format, ...)
{
    va_list args;

    m_lock();
    va_start(args, format);
    vsnprintf(lines[n_lines++ % LINES], sizeof(lines[0]), format, args);
    va_end(args);
    m_unlock();
}

/* FETH_MODEL_FAIL=N:ERRNO:FILE, for programs that cannot ask: the Nth call fails, and FILE gets its name. */
static const char *asked_by_environment(void)
{
    static const char *file;
    static bool asked;
    const char *text = getenv("FETH_MODEL_FAIL");
    unsigned n;
    int error, end = 0;

    if (asked || !text)
        return file;
    asked = true;
    if (sscanf(text, "%u:%d:%n", &n, &error, &end) != 2 || end == 0)
        m_panic("FETH_MODEL_FAIL is N:ERRNO:FILE, not %s", text);
    file = text + end;
    model_fail_any(n, error);
    return file;
}

static void tell(const char *file)
{
    FILE *to = fopen(file, "w");

    if (!to)
        m_panic("FETH_MODEL_FAIL: %s: %s", file, strerror(errno));
    fprintf(to, "%s %s\n", failed_syscall, failed);
    (void)fclose(to);
}

/* Counts down each failure that the call matches.  @return the errno of one that is due */
static int due(const char *syscall, const char *detail)
{
    const char *file = asked_by_environment();
    int error = 0;

    for (unsigned i = 0; i < FAILURES; i++) {
        struct failure *f = &failures[i];
        bool any = strcmp(f->name, "*") == 0;
        if (f->name[0] == '\0' ||
            (!any && strcmp(f->name, syscall) != 0 && (!detail || strcmp(f->name, detail) != 0)))
            continue;
        if (--f->left == 0) {
            error = f->error;
            (void)snprintf(failed, sizeof(failed), "%s", detail ? detail : syscall);
            (void)snprintf(failed_syscall, sizeof(failed_syscall), "%s", syscall);
            f->name[0] = '\0';
            if (file)
                tell(file);
        }
    }
    return error;
}

int m_call(const char *syscall, const char *detail)
{
    m_lock();
    (void)snprintf(current, sizeof(current), "%s%s%s", syscall, detail ? " " : "", detail ? detail : "");
    all_calls++;
    counter(syscall)->calls++;
    if (detail && strcmp(detail, syscall) != 0)
        counter(detail)->calls++;
    int error = due(syscall, detail);
    m_unlock();
    return error;
}

long m_result(long value, int error)
{
    if (error)
        model_note("[%d] %s: %s", (int)getpid(), current, strerror(error));
    else
        model_note("[%d] %s = %ld", (int)getpid(), current, value);
    if (!error)
        return value;
    errno = error;
    return -1;
}

void m_calls_reset(void)
{
    memset(counters, 0, sizeof(counters));
    memset(failures, 0, sizeof(failures));
    n_lines = all_calls = 0;
    failed[0] = '\0';
}

void model_fail_nth(const char *name, unsigned n, int error)
{
    m_lock();
    for (unsigned i = 0; i < FAILURES; i++) {
        if (failures[i].name[0] == '\0') {
            (void)snprintf(failures[i].name, sizeof(failures[i].name), "%s", name);
            failures[i].left = n;
            failures[i].error = error;
            m_unlock();
            return;
        }
    }
    m_panic("more than %d failures at once", FAILURES);
}

void model_forget_failures(void)
{
    m_lock();
    memset(failures, 0, sizeof(failures));
    m_unlock();
}

void model_fail_any(unsigned n, int error)
{
    model_fail_nth("*", n, error);
}

const char *model_failed(void)
{
    return failed[0] ? failed : NULL;
}

const char *model_failed_syscall(void)
{
    return failed[0] ? failed_syscall : NULL;
}

unsigned model_calls(const char *name)
{
    m_lock();
    unsigned calls = counter(name)->calls;
    m_unlock();
    return calls;
}

unsigned model_all_calls(void)
{
    return all_calls;
}

void model_log(FILE *to)
{
    m_lock();
    unsigned from = n_lines > LINES ? n_lines - LINES : 0;
    fprintf(to, "--- the last %u of %u calls of the model:\n", n_lines - from, n_lines);
    for (unsigned i = from; i < n_lines; i++)
        fprintf(to, "  %s\n", lines[i % LINES]);
    m_unlock();
}
