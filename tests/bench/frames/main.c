/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw frames through libfeth alone, without a stack: one end sends as fast as it can, the other counts.
 *
 *     feth_bench_frames [-b BATCH] [-l SIZE] [-s SECONDS] [-w SECONDS] send|recv|memory|plain-send|plain-recv [IO HOST]
 *
 * send: libfeth sends on IO, and the kernel throws the frames away on HOST.  recv: a plain packet socket sends on HOST
 * from another process, libfeth receives on IO.  plain-…: the same with an AF_PACKET socket and a frame a call in
 * libfeth's place.  memory: from one end of an in-process cable to the other, in another process.  Prints one
 * "name value" a line.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <feth/io.h>

enum { BATCH_MAX = 256, ETHERTYPE_EXPERIMENT = 0x88b5 /* IEEE 802: for local experiments */ };

struct run {
    const char *mode, *io, *host;
    unsigned batch;
    size_t size;
    double seconds, warm_up;
    uint64_t calls;
};

/* A way to move some frames.  @return how many, 0: none now */
typedef unsigned (*move_fn)(struct run *r, void *end);

static uint8_t frame[FETH_FRAME_MAX];

_Noreturn static void die(const char *what, const char *why)
{
    fprintf(stderr, "feth_bench_frames: %s: %s\n", what, why);
    exit(1);
}

static double clock_of(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* To nobody's address: the kernel's stack drops it at the first look. */
static void make_frame(void)
{
    static const uint8_t header[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};

    memset(frame, 0, sizeof(frame));
    memcpy(frame, header, sizeof(header));
}

/* ---- libfeth ------------------------------------------------------------------------------------------------ */

static struct feth_io *open_io(const char *name)
{
    struct feth_io_config config = FETH_IO_CONFIG_INIT;
    struct feth_error err;
    struct feth_io *io;

    if (feth_io_open(&io, name, &config, &err) < 0)
        die(name, err.text);
    return io;
}

static unsigned io_send(struct run *r, void *end)
{
    static struct feth_tx tx[BATCH_MAX];
    static struct iovec iov;
    struct feth_error err;

    iov = (struct iovec){.iov_base = frame, .iov_len = r->size};
    for (unsigned i = 0; i < r->batch; i++)
        tx[i] = (struct feth_tx){.iov = &iov, .iovcnt = 1};
    int n = feth_io_send_batch(end, tx, r->batch, &err);
    if (n < 0)
        die("send", err.text);
    return (unsigned)n;
}

static unsigned io_recv(struct run *r, void *end)
{
    struct feth_frame frames[BATCH_MAX];
    struct feth_error err;

    int n = feth_io_recv_batch(end, frames, r->batch, &err);
    if (n == FETH_EAGAIN)
        return 0;
    if (n < 0)
        die("receive", err.text);
    feth_frames_release(frames, (unsigned)n);
    return (unsigned)n;
}

/* ---- a plain packet socket ---------------------------------------------------------------------------------- */

static int open_socket(const char *name)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETHERTYPE_EXPERIMENT),
                             .sll_ifindex = (int)if_nametoindex(name)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd < 0 || to.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
        die(name, strerror(errno));
    return fd;
}

static unsigned socket_send(struct run *r, void *end)
{
    r->calls++;
    if (send(*(int *)end, frame, r->size, 0) >= 0)
        return 1;
    if (errno != ENOBUFS && errno != EAGAIN)
        die("send", strerror(errno));
    return 0;
}

static unsigned socket_recv(struct run *r, void *end)
{
    static uint8_t data[FETH_FRAME_MAX];

    r->calls++;
    return recv(*(int *)end, data, sizeof(data), 0) > 0;
}

/* ---- the two ends ------------------------------------------------------------------------------------------- */

static void measure(struct run *r, move_fn move, void *end, const struct feth_io *io)
{
    struct feth_io_stats before = {0}, after = {0};
    uint64_t frames = 0, calls;
    double start = clock_of(CLOCK_MONOTONIC), at = start;

    while (at < start + r->warm_up) {
        move(r, end);
        at = clock_of(CLOCK_MONOTONIC);
    }
    if (io)
        feth_io_get_stats(io, &before);
    calls = r->calls;
    double cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    for (start = at; at < start + r->seconds; at = clock_of(CLOCK_MONOTONIC))
        for (int i = 0; i < 16; i++)
            frames += move(r, end);
    cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (io)
        feth_io_get_stats(io, &after);
    calls = io ? after.rx_calls + after.tx_calls - before.rx_calls - before.tx_calls : r->calls - calls;
    if (frames == 0)
        die(r->mode, "no frame moved");
    printf("per_second %.1f\n", (double)frames / (at - start));
    printf("server_cpu_per_op %.9g\n", cpu / (double)frames);
    printf("calls_per_frame %.6f\n", (double)calls / (double)frames);
}

/* The other end, in a process of its own that ends with this one. */
static pid_t other_end(struct run *r, move_fn move, void *end)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0)
        die("fork", strerror(errno));
    while (pid == 0 && getppid() == parent)
        for (int i = 0; i < 1024; i++)
            move(r, end);
    if (pid == 0)
        _exit(0);
    return pid;
}

static void run_memory(struct run *r)
{
    struct feth_memory_config config = FETH_MEMORY_CONFIG_INIT;
    struct feth_error err;
    struct feth_io *ends[2];

    config.mtu = 65535;
    if (feth_memory_pair(ends, &config, &err) < 0)
        die("memory", err.text);
    pid_t pid = other_end(r, io_send, ends[1]);
    measure(r, io_recv, ends[0], ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    feth_io_close(ends[0]);
    feth_io_close(ends[1]);
}

static void run(struct run *r)
{
    bool plain = strncmp(r->mode, "plain-", 6) == 0, sends = strcmp(r->mode + (plain ? 6 : 0), "send") == 0;
    int fd = plain ? open_socket(r->io) : -1, peer = sends ? -1 : open_socket(r->host);
    struct feth_io *io = plain ? NULL : open_io(r->io);
    pid_t pid = sends ? 0 : other_end(r, socket_send, &peer);

    if (plain)
        measure(r, sends ? socket_send : socket_recv, &fd, NULL);
    else
        measure(r, sends ? io_send : io_recv, io, io);
    if (pid) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(peer);
    }
    if (plain)
        close(fd);
    feth_io_close(io);
}

static int usage(void)
{
    fprintf(stderr, "usage: feth_bench_frames [-b BATCH] [-l SIZE] [-s SECONDS] [-w SECONDS] MODE [IO HOST]\n"
                    "  send, recv, plain-send, plain-recv (with IO and HOST), memory\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct run r = {.batch = 64, .size = 64, .seconds = 1, .warm_up = 0.2};
    int option;

    while ((option = getopt(argc, argv, "b:l:s:w:")) != -1) {
        double value = option == '?' ? 0 : strtod(optarg, NULL);
        if (option == 'b' && value >= 1 && value <= BATCH_MAX)
            r.batch = (unsigned)value;
        else if (option == 'l' && value >= FETH_FRAME_MIN && value <= FETH_FRAME_MAX)
            r.size = (size_t)value;
        else if (option == 's' && value > 0)
            r.seconds = value;
        else if (option == 'w' && value >= 0)
            r.warm_up = value;
        else
            return usage();
    }
    static const char *const modes[] = {"send", "recv", "plain-send", "plain-recv", "memory"};
    for (size_t i = 0; optind < argc && i < 5; i++)
        if (strcmp(argv[optind], modes[i]) == 0)
            r.mode = modes[i];
    bool memory = r.mode && strcmp(r.mode, "memory") == 0;
    if (!r.mode || argc - optind != (memory ? 1 : 3))
        return usage();
    make_frame();
    if (memory) {
        run_memory(&r);
    } else {
        r.io = argv[optind + 1];
        r.host = argv[optind + 2];
        run(&r);
    }
    return 0;
}
