/* SPDX-License-Identifier: Apache-2.0 */
/* fethctl: create, set, look at, and use feth interfaces from a shell. */
#include <stdio.h>
#include <string.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"

int main(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage(PROGRAM, "a command is required");
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", PROGRAM, FETH_VERSION);
        return cli_finish(PROGRAM, CLI_OK);
    }
    const char *name = strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ? "help" : argv[1];
    const struct args_command *command = command_find(name);
    if (!command)
        return cli_usage(PROGRAM, "%s is not a command", argv[1]);
    return cli_finish(PROGRAM, command->run(command, argc - 1, argv + 1));
}
