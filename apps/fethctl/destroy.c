/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"

static int destroy_run(const struct args_command *command, int argc, char **argv)
{
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;
    char *value;
    int n = 0, status = CLI_OK;

    args_begin(&args, command, PROGRAM " destroy", argc, argv);
    for (int id; (id = args_next(&args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args.status;
        if (feth_unit_of_name(value, &err) < 0)
            return cli_usage(args.program, "%s", err.text);
        argv[n++] = value; /* behind what has been read */
    }
    if (n == 0)
        return cli_usage(args.program, "the name of an interface is required");
    if (feth_ctl_open(&ctl, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    for (int i = 0; i < n; i++) {
        if (feth_destroy(ctl, argv[i], &err) < 0)
            status = cli_fail_feth(PROGRAM, &err);
        else
            printf("destroyed %s\n", argv[i]);
    }
    feth_ctl_close(ctl);
    return status;
}

const struct args_command destroy_command = {
    .name = "destroy",
    .operands = "NAME…",
    .summary = "Destroys interfaces",
    .details =
        "Where one cannot be destroyed the others are, and the exit status is 1.  The peer of a destroyed\n"
        "interface stays, without a peer.  Only interfaces that this library created are destroyed.",
    .word = ARGS_FETH,
    .run = destroy_run,
};
