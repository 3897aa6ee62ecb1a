/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <feth/feth.h>

#include "cli.h"
#include "commands.h"
#include "netaddrs.h"

/* ---- lines -------------------------------------------------------------------------------------------------- */

static int verdict = CLI_OK;

static void line(const char *mark, const char *what, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void line(const char *mark, const char *what, const char *fmt, va_list args)
{
    printf("%-5s  %-10s  ", mark, what);
    vprintf(fmt, args);
    printf("\n");
}

void doctor_ok(const char *what, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    line("ok", what, fmt, args);
    va_end(args);
}

void doctor_note(const char *what, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    line("note", what, fmt, args);
    va_end(args);
}

void doctor_wrong(const char *what, const char *fmt, ...)
{
    va_list args;

    verdict = CLI_FAILED;
    va_start(args, fmt);
    line("wrong", what, fmt, args);
    va_end(args);
}

int doctor_verdict(void)
{
    return verdict;
}

void doctor_merge(int status)
{
    if (status != CLI_OK)
        verdict = CLI_FAILED;
}

/* ---- checks that are the same on every system --------------------------------------------------------------- */

struct overlap {
    const struct feth_status *list;
    int n, found;
};

static void compare(const char *ifname, const struct feth_addr *addr, void *arg)
{
    struct overlap *o = arg;
    char a[FETH_ADDR_TEXT_SIZE], b[FETH_ADDR_TEXT_SIZE];

    for (int i = 0; i < o->n; i++) {
        const struct feth_status *s = &o->list[i];
        for (size_t j = 0; j < s->n_addrs; j++) {
            if (strcmp(ifname, s->name) == 0 || netaddrs_link_local6(addr) ||
                !feth_addr_overlap(addr, &s->addrs[j]))
                continue;
            o->found++;
            doctor_wrong("addresses",
                         "%s of %s and %s of %s are in one network, so packets may take the wrong one: "
                         "give one of them another (fethctl set %s --addr …)",
                         feth_addr_format(&s->addrs[j], a), s->name, feth_addr_format(addr, b), ifname,
                         s->name);
        }
    }
}

static void check_addresses(struct feth_ctl *ctl)
{
    struct overlap o = {0};
    struct feth_status *list;
    struct feth_error err;

    o.n = feth_list(ctl, &list, &err);
    o.list = list;
    if (o.n < 0) {
        doctor_wrong("interfaces", "%s", err.text);
        return;
    }
    doctor_ok("interfaces", "%d feth interface%s", o.n, o.n == 1 ? "" : "s");
    if (netaddrs_each(compare, &o) < 0)
        doctor_wrong("addresses", "this machine's addresses cannot be read");
    else if (o.found == 0)
        doctor_ok("addresses", "no network of a feth interface overlaps another one");
    feth_list_free(list, o.n);
}

static void check_leftovers(struct feth_ctl *ctl)
{
    struct feth_leftover *found;
    struct feth_error err;

    int n = feth_gc(ctl, true, &found, &err);
    if (n < 0) {
        doctor_wrong("leftovers", "%s", err.text);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (found[i].result < 0)
            doctor_wrong("leftovers", "%s", found[i].why.text);
        else
            doctor_wrong("leftovers", "%s was left by process %ld, which is gone: \"%s gc\" removes it",
                         found[i].name, (long)found[i].owner, PROGRAM);
    }
    if (n == 0)
        doctor_ok("leftovers", "none");
    free(found);
}

static int doctor_run(const struct args_command *command, int argc, char **argv)
{
    struct feth_ctl *ctl;
    struct feth_error err;
    struct args args;
    char *value;

    args_begin(&args, command, PROGRAM " doctor", argc, argv);
    switch (args_next(&args, &value)) {
    case ARGS_STOP:
        return args.status;
    case ARGS_END:
        break;
    default:
        return cli_usage(args.program, "%s is surplus", value);
    }
    doctor_ok("version", "%s %s", PROGRAM, FETH_VERSION);
    doctor_check_system();
    doctor_check_pair();
    if (feth_ctl_open(&ctl, &err) < 0) {
        doctor_wrong("interfaces", "%s", err.text);
        return verdict;
    }
    check_addresses(ctl);
    check_leftovers(ctl);
    feth_ctl_close(ctl);
    return verdict;
}

const struct args_command doctor_command = {
    .name = "doctor",
    .operands = "",
    .summary = "Checks what this machine needs, and says how to mend what is wrong",
    .details = "One line for each check: ok, note, or wrong.  The exit status is 1 if anything is wrong.  A "
               "pair is\n"
               "created and destroyed for trial; nothing else is changed.",
    .run = doctor_run,
};
