/* SPDX-License-Identifier: Apache-2.0 */
/* What names a process for good: proc_pid_stat(5), pid_namespaces(7). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os.h"

enum feth_os_process feth_os_process_start(pid_t pid, uint64_t *start)
{
    enum { START_FIELD = 22, FIRST_AFTER_NAME = 3 };
    char path[64], text[1024];

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return FETH_PROCESS_UNTOLD;
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return FETH_PROCESS_UNTOLD;
    text[got] = '\0';

    /* Field 2 is the program's name in parentheses, which may hold anything: count from the last one. */
    const char *at = strrchr(text, ')');
    if (!at || at[1] != ' ')
        return FETH_PROCESS_UNTOLD;
    at += 2;
    if (*at == 'Z' || *at == 'X')
        return FETH_PROCESS_ENDED;
    for (int field = FIRST_AFTER_NAME; field < START_FIELD; field++) {
        at = strchr(at, ' ');
        if (!at)
            return FETH_PROCESS_UNTOLD;
        at++;
    }
    char *end;
    *start = strtoull(at, &end, 10);
    return end != at ? FETH_PROCESS_THERE : FETH_PROCESS_UNTOLD;
}

uint64_t feth_os_process_space(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}
