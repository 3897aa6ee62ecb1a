/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "client.h"

static const struct command {
    const char *name;
    const char *arguments;
    int min, max; /**< how many arguments */
    int (*run)(int argc, char **argv);
} commands[] = {
    {"tcp", "HOST PORT BYTES [CONNECTIONS]", 3, 4, client_tcp},
    {"urgent", "HOST PORT BYTES [CONNECTIONS]", 3, 4, client_urgent},
    {"udp", "HOST PORT FROM TO STEP", 5, 5, client_udp},
    {"runs", "HOST PORT SIZE COUNT ROUNDS", 5, 5, client_runs},
    {"many", "HOST PORT COUNT", 3, 3, client_many},
    {"discard", "HOST PORT BYTES", 3, 3, client_discard},
    {"chargen", "HOST PORT BYTES", 3, 3, client_chargen},
};

static void read_ip_options(const char *hex)
{
    struct socket_options *o = &socket_options;
    unsigned byte;

    for (o->ip_len = 0; o->ip_len < sizeof(o->ip) && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        o->ip[o->ip_len++] = (uint8_t)byte;
        if (hex[1] == '\0')
            break;
    }
}

int main(int argc, char **argv)
{
    for (; argc > 2 && strncmp(argv[1], "--", 2) == 0; argc -= 2, argv += 2) {
        if (strcmp(argv[1], "--ip-options") == 0)
            read_ip_options(argv[2]);
        else if (strcmp(argv[1], "--receive") == 0)
            socket_options.receive = (int)number(argv[2], argv[1], 1, 1 << 30);
        else
            break;
    }
    signal(SIGPIPE, SIG_IGN); /* a reset is reported by write() */
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *command = &commands[i];
        if (strcmp(argv[1], command->name) == 0 && argc - 2 >= command->min && argc - 2 <= command->max)
            return command->run(argc - 2, argv + 2);
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(stderr, "usage: client %s %s\n", commands[i].name, commands[i].arguments);
    return 2;
}
