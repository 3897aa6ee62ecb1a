/* SPDX-License-Identifier: Apache-2.0 */
/* Where the state lives, and the lock on it. */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fds.h"
#include "model.h"
#include "real.h"

#define MAGIC 0x6665746800000003u

static struct m_kernel *_Atomic kernel;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool shared;

void m_panic(const char *format, ...)
{
    va_list args;

    fputs("\n*** the model of the kernel: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n", stderr);
    model_log(stderr);
    fflush(stderr);
    abort();
}

static void init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(lock, &attr);
    pthread_mutexattr_destroy(&attr);
}

/* Two namespaces are two machines: each has a state of its own. */
static bool state_path(char *path, size_t size)
{
    const char *prefix = getenv("FETH_MODEL_STATE");
    struct stat ns;

    if (!prefix || !*prefix)
        return false;
    if (!m_tap_mode() || stat("/proc/self/ns/net", &ns) < 0)
        return snprintf(path, size, "%s", prefix) < (int)size;
    return snprintf(path, size, "%s.%lu", prefix, (unsigned long)ns.st_ino) < (int)size;
}

/* The file is sparse: only what is used takes room.  Its lock is held until what is in it can be used. */
static void map_kernel(void)
{
    char path[4096];
    int fd = -1;

    if (state_path(path, sizeof(path))) {
        struct stat st;

        fd = __real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0 ||
            (st.st_size == 0 && ftruncate(fd, (off_t)sizeof(struct m_kernel)) < 0))
            m_panic("FETH_MODEL_STATE: %s: %s", path, strerror(errno));
        shared = true;
    }
    struct m_kernel *k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE,
                              shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
    if (k == MAP_FAILED)
        m_panic("no memory for the state: %s", strerror(errno));
    bool fresh = k->magic == 0;
    if (!fresh && k->magic != MAGIC)
        m_panic("%s is of another version of the model", path);
    if (fresh) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        k->cookie = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 40;
        init_lock(&k->lock);
    }
    atomic_store(&kernel, k);
    if (fresh)
        m_boot();
    k->magic = MAGIC;
    if (fd >= 0) {
        flock(fd, LOCK_UN); /* the mapping keeps the file open */
        __real_close(fd);
    }
    if (shared)
        m_host_reconcile();
}

struct m_kernel *m_kernel(void)
{
    struct m_kernel *k = atomic_load_explicit(&kernel, memory_order_acquire);

    if (!k) {
        pthread_once(&once, map_kernel);
        k = atomic_load(&kernel);
    }
    return k;
}

bool m_shared(void)
{
    (void)K;
    return shared;
}

bool m_tap_mode(void)
{
    static int mode = -1;

    if (mode < 0) {
        const char *value = getenv("FETH_MODEL_TAP");
        mode = value && *value && strcmp(value, "0") != 0;
    }
    return mode;
}

static _Thread_local unsigned inside; /* how often this thread has taken the lock */

bool model_inside(void)
{
    return inside > 0;
}

void m_lock(void)
{
    inside++;
    /* a process that died with the lock has left the state as a killed kernel call does: as it is */
    if (pthread_mutex_lock(&K->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&K->lock);
}

void m_unlock(void)
{
    inside--;
    pthread_mutex_unlock(&K->lock);
}

bool m_at_least(int major, int minor)
{
    return K->macos > major || (K->macos == major && K->macos_minor >= minor);
}

static void add_loopback(void)
{
    struct m_if *lo = m_if_new("lo0");
    struct m_addr addr = {.family = XNU_AF_INET, .bytes = {127, 0, 0, 1}, .prefix = 8};

    lo->loopback = true;
    lo->mac_len = 0;
    lo->flags = XNU_IFF_UP | XNU_IFF_LOOPBACK | XNU_IFF_RUNNING | XNU_IFF_MULTICAST;
    lo->mtu = lo->max_mtu = 16384;
    m_prefix_mask(addr.prefix, addr.mask, 4);
    lo->addrs[lo->n_addrs++] = addr;
}

/* FETH_MODEL_MACOS: "11", "14.4", …: for programs that cannot ask for it. */
static void choose_macos(struct m_kernel *k)
{
    const char *version = getenv("FETH_MODEL_MACOS");
    char *dot = NULL;

    k->macos = version ? (int)strtol(version, &dot, 10) : 15;
    k->macos_minor = dot && *dot == '.' ? (int)strtol(dot + 1, NULL, 10) : 0;
}

void m_boot(void)
{
    struct m_kernel *k = atomic_load(&kernel);
    const char *starve = getenv("FETH_MODEL_STARVE");

    choose_macos(k);
    k->deny = false;
    k->detach_attempts = 1;
    k->next_id = 1;
    k->next_index = 1;
    k->sysctls = (struct m_sysctls){.max_mtu = 2048, .bsd_mode = 1, .txstart = 1, .icmplim = 250};
    memset(k->detaches, 0, sizeof(k->detaches));
    memset(k->bpfs, 0, sizeof(k->bpfs));
    k->n_bpfs = M_BPFS;
    k->no_batch = getenv("FETH_MODEL_NO_BATCH") != NULL;
    k->starved = starve ? (unsigned)strtoul(starve, NULL, 10) : 0;
    k->no_msg_x = getenv("FETH_MODEL_NO_MSG_X") != NULL;
    k->n_events = 0;
    for (unsigned i = 0; i < M_IFS; i++)
        if (k->ifs[i].name[0]) /* a fresh mapping stays sparse */
            memset(&k->ifs[i], 0, sizeof(k->ifs[i]));
    add_loopback();
}
