/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/fail.h"
#include "linux/netlink.h"

enum { PATH_SIZE = 128 };

static void conf_path(char path[PATH_SIZE], const char *family, const char *name, const char *key)
{
    (void)snprintf(path, PATH_SIZE, "/proc/sys/net/%s/conf/%s/%s", family, name, key);
}

bool feth_conf6_there(const char *name)
{
    char path[PATH_SIZE];

    conf_path(path, "ipv6", name, "");
    return access(path, F_OK) == 0;
}

bool feth_conf_read(const char *family, const char *name, const char *key, int *value)
{
    char path[PATH_SIZE], text[16];

    conf_path(path, family, name, key);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return false;
    text[got] = '\0';
    *value = (int)strtol(text, NULL, 10);
    return true;
}

int feth_conf_write(const char *family, const char *name, const char *key, int value, const char *op,
                    struct feth_error *err)
{
    char path[PATH_SIZE], text[16];

    conf_path(path, family, name, key);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int len = snprintf(text, sizeof(text), "%d", value);
    bool ok = fd >= 0 && write(fd, text, (size_t)len) == len;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (ok)
        return 0;
    switch (why) {
    case ENOENT:
        return feth_fail(err, FETH_ENOSUP, why, op, name, "the kernel has no setting %s", path);
    case EROFS:
        return feth_fail(err, FETH_ENOSUP, why, op, name,
                         "/proc/sys is read-only here, as in many containers");
    case EACCES:
    case EPERM:
        return feth_fail(err, FETH_EPERM, why, op, name, FETH_NEEDS_CAPABILITY);
    default:
        return feth_fail(err, FETH_ESYS, why, op, name, "cannot write %s", path);
    }
}
