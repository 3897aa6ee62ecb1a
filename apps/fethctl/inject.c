/* SPDX-License-Identifier: Apache-2.0 */
/* fethctl inject: the command line. */
#include "inject.h"

#include <stdlib.h>

#include "cli.h"
#include "commands.h"

#define RATE_MAX 1e9

enum { RATE = ARGS_LONG_ONLY, AS_RECORDED };

static int set_rate(struct inject_options *o, const char *text)
{
    char *end;

    o->rate = strtod(text, &end);
    if (end != text && *end == '\0' && o->rate > 0 && o->rate <= RATE_MAX)
        return 0;
    return cli_usage(o->program, "the rate is a number of frames a second above 0 and up to %.0f, not \"%s\"",
                     RATE_MAX, text);
}

static int parse(struct args *args, struct inject_options *o)
{
    char *value;
    int status = 0;

    for (int id; status == 0 && (id = args_next(args, &value)) != ARGS_END;) {
        switch (id) {
        case ARGS_STOP:
            return args->status;
        case RATE:
            status = set_rate(o, value);
            break;
        case AS_RECORDED:
            o->as_recorded = true;
            break;
        default:
            if (!o->ifname)
                o->ifname = value;
            else if (!o->path)
                o->path = value;
            else
                status = cli_usage(o->program, "%s is surplus: one file at a time", value);
            break;
        }
    }
    if (status)
        return status;
    if (!o->ifname || !o->path)
        return cli_usage(o->program, "an interface name and a capture file are required");
    if (o->rate > 0 && o->as_recorded)
        return cli_usage(o->program, "--rate and --as-recorded are two different paces: choose one");
    return 0;
}

static int inject_run(const struct args_command *command, int argc, char **argv)
{
    struct inject_options o = {.program = PROGRAM " inject"};
    struct args args;

    args_begin(&args, command, o.program, argc, argv);
    int status = parse(&args, &o);
    return status || args.stopped ? status : inject(&o);
}

static const struct args_option options[] = {
    {RATE, "rate", "PPS", ARGS_TEXT, "that many frames a second (default: as fast as they are taken)"},
    {AS_RECORDED, "as-recorded", NULL, ARGS_TEXT, "with the pauses that lie between the frames in the file"},
    {0},
};

const struct args_command inject_command = {
    .name = "inject",
    .operands = "NAME FILE",
    .summary = "Sends the frames of a capture file",
    .details =
        "NAME is any Ethernet interface, FILE a pcap or pcapng file of Ethernet frames; -: standard input.\n"
        "Frames that are cut in the capture, too short or longer than the MTU are skipped: the exit status\n"
        "is 0 only if every frame was sent.",
    .word = ARGS_INTERFACE,
    .options = options,
    .run = inject_run,
};
