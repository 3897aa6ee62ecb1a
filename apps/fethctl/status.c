/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "commands.h"
#include "show.h"

enum { JSON = ARGS_LONG_ONLY };

static int show(const char *name, bool json, bool verbose)
{
    struct feth_ctl *ctl;
    struct feth_status s;
    struct feth_error err;
    int status = CLI_OK;

    if (feth_ctl_open(&ctl, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    if (feth_get_status(ctl, name, &s, &err) < 0) {
        status = cli_fail_feth(PROGRAM, &err);
    } else {
        if (json)
            status = show_print_json(show_json(&s));
        else
            show_text(&s, verbose);
        feth_status_clear(&s);
    }
    feth_ctl_close(ctl);
    return status;
}

static int status_run(const struct args_command *command, int argc, char **argv)
{
    struct feth_error err;
    struct args args;
    char *value, *name = NULL;
    bool json = false, verbose = false;

    args_begin(&args, command, PROGRAM " status", argc, argv);
    for (int id; (id = args_next(&args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args.status;
        if (id == JSON)
            json = true;
        else if (id == 'v')
            verbose = true;
        else if (name)
            return cli_usage(args.program, "one interface at a time: %s is a second one", value);
        else
            name = value;
    }
    if (!name)
        return cli_usage(args.program, "the name of an interface is required");
    if (feth_unit_of_name(name, &err) < 0)
        return cli_usage(args.program, "%s", err.text);
    return show(name, json, verbose);
}

static const struct args_option options[] = {
    {'v', "verbose", NULL, ARGS_TEXT, "with IPv6 settings, owner, the way to send, and counters"},
    {JSON, "json", NULL, ARGS_TEXT, "print a JSON object with everything"},
    {0},
};

const struct args_command status_command = {
    .name = "status",
    .operands = "NAME",
    .summary = "Shows the state of an interface",
    .word = ARGS_FETH,
    .options = options,
    .run = status_run,
};
