/* SPDX-License-Identifier: Apache-2.0 */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define OPTIONS_MAX 24
#define HELP_ID     'h'

static const struct args_option help_option = {
    HELP_ID, "help", NULL, ARGS_TEXT, "this text",
};

static bool is_end(const struct args_option *option)
{
    return option->id == 0 && !option->name;
}

/* ---- parsing ------------------------------------------------------------------------------------------------ */

/* getopt's own tables, from ours. */
struct tables {
    char letters[2 * OPTIONS_MAX + 8];
    struct option longs[OPTIONS_MAX + 2];
};

static void add(struct tables *t, size_t *letters, size_t *longs, const struct args_option *o)
{
    if (o->id < ARGS_LONG_ONLY) {
        t->letters[(*letters)++] = (char)o->id;
        if (o->value)
            t->letters[(*letters)++] = ':';
    }
    if (o->name)
        t->longs[(*longs)++] = (struct option){
            .name = o->name, .has_arg = o->value ? required_argument : no_argument, .val = o->id};
}

static void make_tables(struct tables *t, const struct args_command *command)
{
    size_t letters = 2, longs = 0;

    memset(t, 0, sizeof(*t));
    memcpy(t->letters, "+:", 2);
    add(t, &letters, &longs, &help_option);
    for (const struct args_option *o = command->options; o && !is_end(o) && longs < OPTIONS_MAX; o++)
        add(t, &letters, &longs, o);
}

void args_begin(struct args *args, const struct args_command *command, const char *program, int argc,
                char **argv)
{
    *args = (struct args){.command = command, .program = program, .argc = argc, .argv = argv};
    opterr = 0;
}

static int stop(struct args *args, int status)
{
    args->stopped = true;
    args->status = status;
    return ARGS_STOP;
}

int args_next(struct args *args, char **value)
{
    struct tables tables;
    int at = optind;

    if (at >= args->argc)
        return ARGS_END;
    *value = args->argv[at];
    if (args->only_operands) {
        optind++;
        return ARGS_OPERAND;
    }
    make_tables(&tables, args->command);
    int opt = getopt_long(args->argc, args->argv, tables.letters, tables.longs, NULL);
    switch (opt) {
    case -1:
        if (optind > at) { /* past "--" */
            args->only_operands = true;
            return args_next(args, value);
        }
        optind++;
        return ARGS_OPERAND;
    case HELP_ID:
        args_help(args->command, args->program);
        return stop(args, CLI_OK);
    case ':':
        return stop(args, cli_usage(args->program, "%s needs a value", args->argv[at]));
    case '?':
        return stop(args, cli_usage(args->program, "%s is not an option", args->argv[at]));
    default:
        *value = optarg;
        return opt;
    }
}

int args_number(const struct args *args, const char *what, const char *text, unsigned long min,
                unsigned long max, unsigned long *number)
{
    char *end;

    errno = 0;
    *number = strtoul(text, &end, 10);
    if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0 && *number >= min && *number <= max)
        return 0;
    return cli_usage(args->program, "%s is a whole number from %lu to %lu, not \"%s\"", what, min, max, text);
}

/* ---- help --------------------------------------------------------------------------------------------------- */

#define COLUMN 26

static void print_option(const struct args_option *o)
{
    char left[80];
    bool letter = o->id < ARGS_LONG_ONLY;

    int n = letter && o->name ? snprintf(left, sizeof(left), "-%c, --%s", o->id, o->name)
            : letter          ? snprintf(left, sizeof(left), "-%c", o->id)
                              : snprintf(left, sizeof(left), "--%s", o->name);
    if (o->value && n > 0 && (size_t)n < sizeof(left))
        (void)snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->value);
    printf("  %-*s %s\n", COLUMN, left, o->text);
}

void args_help(const struct args_command *command, const char *program)
{
    printf("usage: %s%s%s%s\n\n%s.\n", program, *command->operands ? " " : "", command->operands,
           command->options ? " [OPTION…]" : "", command->summary);
    if (command->details)
        printf("%s\n", command->details);
    printf("\n");
    for (const struct args_option *o = command->options; o && !is_end(o); o++)
        print_option(o);
    print_option(&help_option);
}
