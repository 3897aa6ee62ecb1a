/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "commands.h"

static void print_commands(void)
{
    printf("usage: %s COMMAND …\n\nCreates, sets, looks at and uses feth interfaces.\n\n", PROGRAM);
    for (const struct args_command *const *c = commands; *c; c++)
        printf("  %-9s %s\n", (*c)->name, (*c)->summary);
    printf("\n%s help COMMAND, or %s COMMAND --help, tells about one; --version prints the version.\n",
           PROGRAM, PROGRAM);
}

static int help_run(const struct args_command *command, int argc, char **argv)
{
    char *name = NULL, *value, program[32];
    struct args args;

    args_begin(&args, command, PROGRAM " help", argc, argv);
    for (int id; (id = args_next(&args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args.status;
        if (name)
            return cli_usage(args.program, "one command at a time: %s is a second one", value);
        name = value;
    }
    if (!name) {
        print_commands();
        return CLI_OK;
    }
    const struct args_command *found = command_find(name);
    if (!found)
        return cli_usage(PROGRAM, "%s is not a command", name);
    (void)snprintf(program, sizeof(program), "%s %s", PROGRAM, found->name);
    args_help(found, program);
    return CLI_OK;
}

const struct args_command help_command = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Tells what a command does",
    .word = ARGS_COMMAND,
    .run = help_run,
};
