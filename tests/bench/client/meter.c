/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- processor time and memory ------------------------------------------------------------------------------ */

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Fields 14 and 15 of proc_pid_stat(5), in clock ticks; the second field may hold blanks and brackets. */
static double server_seconds(int pid)
{
    char path[64], text[1024];
    unsigned long user, system;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = pid ? fopen(path, "r") : NULL;
    if (!file)
        return 0;
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *name_end = strrchr(text, ')');
    if (!name_end ||
        sscanf(name_end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

struct usage usage_now(const struct bench *b)
{
    struct rusage self;

    getrusage(RUSAGE_SELF, &self);
    return (struct usage){.at = now(),
                          .client = seconds_of(self.ru_utime) + seconds_of(self.ru_stime),
                          .server = server_seconds(b->pid)};
}

void usage_print(const struct bench *b, const struct usage *from, const struct usage *to, double units,
                 const char *unit)
{
    if (units <= 0)
        return;
    printf("client_cpu_per_%s %.9g\n", unit, (to->client - from->client) / units);
    if (b->pid)
        printf("server_cpu_per_%s %.9g\n", unit, (to->server - from->server) / units);
}

void peak_print(const struct bench *b)
{
    char path[64], line[256];
    unsigned long kilobytes;

    snprintf(path, sizeof(path), "/proc/%d/status", b->pid);
    FILE *file = b->pid ? fopen(path, "r") : NULL;
    if (!file)
        return;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "VmHWM: %lu kB", &kilobytes) == 1)
            printf("server_peak_mb %.3f\n", (double)kilobytes * 1024 / 1e6);
    fclose(file);
}

/* ---- single exchanges --------------------------------------------------------------------------------------- */

bool times_add(struct times *times, double seconds)
{
    if (times->n == times->size) {
        size_t size = times->size ? 2 * times->size : 65536;
        double *t = realloc(times->t, size * sizeof(*t));
        if (!t)
            return false;
        times->t = t;
        times->size = size;
    }
    times->t[times->n++] = seconds;
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void times_print(struct times *times, double seconds)
{
    if (times->n > 0) {
        qsort(times->t, times->n, sizeof(times->t[0]), compare);
        printf("median_us %.3f\n", times->t[times->n / 2] * 1e6);
        printf("p99_us %.3f\n", times->t[(times->n - 1) * 99 / 100] * 1e6);
    }
    printf("per_second %.1f\n", (double)times->n / seconds);
    free(times->t);
    times->t = NULL;
    times->n = times->size = 0;
}
