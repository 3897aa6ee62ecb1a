/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "fethctl complete WORD…": what could stand for the last word, one a line, for the shells' completion functions
 * (completions/).  It reads the same table as the commands do, and needs no privilege.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"
#include "offloads.h"
#include "sending.h"

/* Where a file is wanted the shell knows better. */
#define FILES ":files"

static void offer(const char *candidate, const char *typed)
{
    if (strncmp(candidate, typed, strlen(typed)) == 0)
        printf("%s\n", candidate);
}

static void offer_feths(const char *typed)
{
    struct feth_ctl *ctl;
    struct feth_status *list;

    if (feth_ctl_open(&ctl, NULL) < 0)
        return;
    int n = feth_list(ctl, &list, NULL);
    for (int i = 0; i < n; i++)
        offer(list[i].name, typed);
    feth_list_free(list, n);
    feth_ctl_close(ctl);
}

static void offer_interfaces(const char *typed)
{
    struct if_nameindex *all = if_nameindex();

    for (const struct if_nameindex *i = all; i && i->if_index; i++)
        offer(i->if_name, typed);
    if (all)
        if_freenameindex(all);
}

static void offer_commands(const char *typed)
{
    for (const struct args_command *const *c = commands; *c; c++)
        offer((*c)->name, typed);
}

static void offer_word(enum args_word word, const char *typed)
{
    switch (word) {
    case ARGS_FETH:
        offer_feths(typed);
        break;
    case ARGS_PEER:
        offer_feths(typed);
        offer("none", typed);
        break;
    case ARGS_INTERFACE:
        offer_interfaces(typed);
        break;
    case ARGS_FILE:
        printf("%s\n", FILES);
        break;
    case ARGS_ADDR:
        offer("none", typed);
        break;
    case ARGS_MAC:
        offer("random", typed);
        break;
    case ARGS_UP_DOWN:
        offer("up", typed);
        offer("down", typed);
        break;
    case ARGS_ON_OFF:
        offer("on", typed);
        offer("off", typed);
        break;
    case ARGS_OFFLOAD:
        for (const char *const *w = offload_words; *w; w++)
            offer(*w, typed);
        break;
    case ARGS_SEND_BY:
        for (const char *const *w = sending_words; *w; w++)
            offer(*w, typed);
        break;
    case ARGS_COMMAND:
        offer_commands(typed);
        break;
    default:
        break;
    }
}

static const struct args_option *option_of(const struct args_command *command, const char *word)
{
    for (const struct args_option *o = command->options; o && (o->id || o->name); o++) {
        if (o->name && strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0)
            return o;
        if (o->id < ARGS_LONG_ONLY && word[0] == '-' && word[1] == o->id && !word[2])
            return o;
    }
    return NULL;
}

static void offer_options(const struct args_command *command, const char *typed)
{
    char text[64];

    for (const struct args_option *o = command->options; o && (o->id || o->name); o++) {
        if (o->id < ARGS_LONG_ONLY) {
            (void)snprintf(text, sizeof(text), "-%c", o->id);
            offer(text, typed);
        }
        if (o->name) {
            (void)snprintf(text, sizeof(text), "--%s", o->name);
            offer(text, typed);
        }
    }
    offer("--help", typed);
}

static int complete_run(const struct args_command *self, int argc, char **argv)
{
    (void)self;
    if (argc < 2)
        return cli_usage(PROGRAM " complete",
                         "the words typed so far are required, the last one may be empty");
    const char *typed = argv[argc - 1];
    if (argc == 2) {
        offer_commands(typed);
        offer("--help", typed);
        offer("--version", typed);
        return CLI_OK;
    }
    const struct args_command *command = command_find(argv[1]);
    if (!command)
        return CLI_OK;
    const struct args_option *before = option_of(command, argv[argc - 2]);
    if (argc > 3 && before && before->value)
        offer_word(before->word, typed);
    else if (typed[0] == '-')
        offer_options(command, typed);
    else
        offer_word(command->word, typed);
    return CLI_OK;
}

const struct args_command complete_command = {
    .name = "complete",
    .operands = "WORD…",
    .summary = "Lists what could stand for the last word, for the shells' completion",
    .run = complete_run,
};
