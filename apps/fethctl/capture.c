/* SPDX-License-Identifier: Apache-2.0 */
/* fethctl capture: the command line. */
#include "capture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capfile.h"
#include "cli.h"
#include "commands.h"

/* Append a word of the filter expression.  @return 0, or an exit status after the error was printed */
static int add_filter(struct capture_options *o, const char *word)
{
    size_t len = o->filter ? strlen(o->filter) : 0;
    char *longer = realloc(o->filter, len + strlen(word) + 2);

    if (!longer)
        return cli_fail(o->program, "out of memory");
    if (len)
        longer[len++] = ' ';
    strcpy(longer + len, word);
    o->filter = longer;
    return 0;
}

static int parse(struct args *args, struct capture_options *o)
{
    unsigned long number;
    char *value;
    int status = 0;

    for (int id; status == 0 && (id = args_next(args, &value)) != ARGS_END;) {
        switch (id) {
        case ARGS_STOP:
            return args->status;
        case 'w':
            o->path = value;
            break;
        case 'c':
            status = args_number(args, "the count", value, 1, UINT32_MAX, &number);
            o->count = number;
            break;
        case 's':
            status = args_number(args, "the length", value, 0, CAPFILE_SNAPLEN_MAX, &number);
            o->snaplen = status == 0 && number ? (unsigned)number : CAPFILE_SNAPLEN_MAX;
            break;
        case 'q':
            o->quiet = true;
            break;
        default:
            if (!o->ifname)
                o->ifname = value;
            else
                status = add_filter(o, value);
            break;
        }
    }
    if (status)
        return status;
    if (!o->ifname)
        return cli_usage(o->program, "an interface name is required");
    if (o->path && !*o->path)
        return cli_usage(o->program, "a file name is required, or - for standard output");
    if (o->path && strcmp(o->path, "-") == 0 && isatty(STDOUT_FILENO))
        return cli_usage(o->program,
                         "a capture file is nothing for a terminal: name a file, or a pipe's reader");
    return 0;
}

static int capture_run(const struct args_command *command, int argc, char **argv)
{
    struct capture_options o = {.program = PROGRAM " capture", .snaplen = CAPFILE_SNAPLEN_MAX};
    struct args args;

    args_begin(&args, command, o.program, argc, argv);
    int status = parse(&args, &o);
    if (status == 0 && !args.stopped)
        status = capture(&o);
    free(o.filter);
    return status;
}

static const struct args_option options[] = {
    {'w', NULL, "FILE", ARGS_FILE, "write the frames to a capture file (pcap); -: to standard output"},
    {'c', NULL, "COUNT", ARGS_TEXT, "end after that many frames"},
    {'s', NULL, "SNAPLEN", ARGS_TEXT, "keep that many bytes of each frame (default: all)"},
    {'q', "quiet", NULL, ARGS_TEXT, "no line for each frame"},
    {0},
};

const struct args_command capture_command = {
    .name = "capture",
    .operands = "NAME [FILTER…]",
    .summary = "Shows the frames on an interface, or writes them to a file",
    .details = "NAME is any Ethernet interface; frames of both directions are shown.  FILTER is an "
               "expression as of\n"
               "tcpdump: \"icmp or arp\", \"tcp port 80\".  Ends on Ctrl-C with the count of frames seen and "
               "dropped.",
    .word = ARGS_INTERFACE,
    .options = options,
    .run = capture_run,
};
