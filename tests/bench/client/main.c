/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static const struct {
    const char *name;
    int operands;
    int (*run)(const struct bench *b, char **argv);
} commands[] = {
    {"bulk", 3, bench_bulk},   {"rtt", 2, bench_rtt},       {"udp", 2, bench_udp},
    {"churn", 1, bench_churn}, {"random", 2, bench_random},
};

static int usage(void)
{
    fprintf(stderr, "usage: feth_bench_client [-s SECONDS] [-w SECONDS] [-p PID] COMMAND …\n"
                    "  bulk HOST SEND RECEIVE | rtt tcp|udp HOST | udp HOST singly|runs | churn HOST | "
                    "random HOST COUNT\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct bench b = {.seconds = 1, .warm_up = 0.2};
    int option;

    signal(SIGPIPE, SIG_IGN);
    while ((option = getopt(argc, argv, "s:w:p:")) != -1) {
        switch (option) {
        case 's':
            b.seconds = number(optarg, 0.01, 3600);
            break;
        case 'w':
            b.warm_up = number(optarg, 0, 60);
            break;
        case 'p':
            b.pid = (int)number(optarg, 1, 1 << 30);
            break;
        default:
            return usage();
        }
    }
    argc -= optind;
    argv += optind;
    for (size_t i = 0; argc > 0 && i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[0], commands[i].name) == 0 && argc - 1 == commands[i].operands) {
            int status = commands[i].run(&b, argv + 1);
            return fflush(stdout) == 0 ? status : complain("cannot write the figures");
        }
    return usage();
}
