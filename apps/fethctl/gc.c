/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"

enum { DRY_RUN = ARGS_LONG_ONLY };

static int collect(struct feth_ctl *ctl, bool dry_run)
{
    struct feth_leftover *found;
    struct feth_error err;
    int status = CLI_OK;

    int n = feth_gc(ctl, dry_run, &found, &err);
    if (n < 0)
        return cli_fail_feth(PROGRAM, &err);
    for (int i = 0; i < n; i++) {
        if (found[i].result < 0)
            status = cli_fail_feth(PROGRAM, &found[i].why);
        else
            printf("%s %s (process %ld is gone)\n", dry_run ? "would destroy" : "destroyed", found[i].name,
                   (long)found[i].owner);
    }
    free(found);
    return status;
}

static int gc_run(const struct args_command *command, int argc, char **argv)
{
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;
    char *value;
    bool dry_run = false;

    args_begin(&args, command, PROGRAM " gc", argc, argv);
    for (int id; (id = args_next(&args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args.status;
        if (id != DRY_RUN)
            return cli_usage(args.program, "%s is surplus: leftovers are found by their marks", value);
        dry_run = true;
    }
    if (feth_ctl_open(&ctl, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    int status = collect(ctl, dry_run);
    feth_ctl_close(ctl);
    return status;
}

static const struct args_option options[] = {
    {DRY_RUN, "dry-run", NULL, ARGS_TEXT, "only say what would be destroyed"},
    {0},
};

const struct args_command gc_command = {
    .name = "gc",
    .operands = "",
    .summary = "Destroys what programs that are gone have left behind",
    .details = "Only interfaces whose mark says that this library created them for a process that is dead.\n"
               "Those made by \"fethctl create\" belong to no process and stay.",
    .options = options,
    .run = gc_run,
};
