/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "commands.h"
#include "show.h"

enum { JSON = ARGS_LONG_ONLY };

enum { NAME, PEER, STATE, MTU, OWNER, ADDRESSES, COLUMNS };

/* What stands in a column of a row; the last column is not bounded, and printed apart. */
static const char *cell(const struct feth_status *s, int column, char *text, size_t size)
{
    switch (column) {
    case NAME:
        return s->name;
    case PEER:
        return s->peer[0] ? s->peer : "-";
    case STATE:
        return show_state(s);
    case MTU:
        (void)snprintf(text, size, "%u", s->mtu);
        return text;
    default:
        return show_owner(s, text, size);
    }
}

static void print_addresses(const struct feth_status *s)
{
    char text[FETH_ADDR_TEXT_SIZE];

    if (s->n_addrs == 0)
        printf("-");
    for (size_t i = 0; i < s->n_addrs; i++)
        printf("%s%s", i ? " " : "", feth_addr_format(&s->addrs[i], text));
    printf("\n");
}

static void print_table(const struct feth_status *list, int n)
{
    static const char *const titles[COLUMNS] = {"NAME", "PEER", "STATE", "MTU", "OWNER", "ADDRESSES"};
    int width[COLUMNS];
    char text[48];

    for (int c = 0; c < ADDRESSES; c++) {
        width[c] = (int)strlen(titles[c]);
        for (int i = 0; i < n; i++) {
            int w = (int)strlen(cell(&list[i], c, text, sizeof(text)));
            width[c] = w > width[c] ? w : width[c];
        }
    }
    for (int c = 0; c < ADDRESSES; c++)
        printf("%-*s  ", width[c], titles[c]);
    printf("%s\n", titles[ADDRESSES]);
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < ADDRESSES; c++)
            printf("%-*s  ", width[c], cell(&list[i], c, text, sizeof(text)));
        print_addresses(&list[i]);
    }
}

static cJSON *all_json(const struct feth_status *list, int n)
{
    cJSON *all = cJSON_CreateArray();

    for (int i = 0; all && i < n; i++)
        if (!cJSON_AddItemToArray(all, show_json(&list[i]))) {
            cJSON_Delete(all);
            all = NULL;
        }
    return all;
}

static int list_run(const struct args_command *command, int argc, char **argv)
{
    struct feth_status *list;
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;
    char *value;
    bool json = false;
    int status = CLI_OK;

    args_begin(&args, command, PROGRAM " list", argc, argv);
    for (int id; (id = args_next(&args, &value)) != ARGS_END;) {
        if (id == ARGS_STOP)
            return args.status;
        if (id != JSON)
            return cli_usage(args.program, "%s is surplus: all interfaces are listed", value);
        json = true;
    }
    if (feth_ctl_open(&ctl, &err) < 0)
        return cli_fail_feth(PROGRAM, &err);
    int n = feth_list(ctl, &list, &err);
    if (n < 0)
        status = cli_fail_feth(PROGRAM, &err);
    else if (json)
        status = show_print_json(all_json(list, n));
    else
        print_table(list, n);
    feth_list_free(list, n);
    feth_ctl_close(ctl);
    return status;
}

static const struct args_option options[] = {
    {JSON, "json", NULL, ARGS_TEXT, "print a JSON array of the objects of \"status --json\""},
    {0},
};

const struct args_command list_command = {
    .name = "list",
    .operands = "",
    .summary = "Lists all feth interfaces",
    .details =
        "The state is down, up, or active: up with a peer that is up.  The owner is the process that "
        "created\n"
        "the interface, persistent (to be destroyed by name), or foreign (not created by this library).",
    .options = options,
    .run = list_run,
};
