/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <string.h>

#include "cli.h"

const struct args_command *const commands[] = {
    &create_command, &destroy_command, &set_command,    &status_command, &list_command, &capture_command,
    &inject_command, &icmp_command,    &doctor_command, &gc_command,     &help_command, NULL,
};

const struct args_command *command_find(const char *name)
{
    for (const struct args_command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return strcmp(name, complete_command.name) == 0 ? &complete_command : NULL;
}

int command_fail(const struct feth_error *err)
{
    static const int of_arguments[] = {FETH_EINVAL, FETH_ENAME, FETH_EUNIT,   FETH_EADDR,
                                       FETH_EMTU,   FETH_EMAC,  FETH_EFAMILY, FETH_ESELF};

    cli_fail_feth(PROGRAM, err);
    for (size_t i = 0; i < sizeof(of_arguments) / sizeof(of_arguments[0]); i++)
        if (err->code == of_arguments[i] && err->sys_errno == 0)
            return CLI_USAGE;
    return CLI_FAILED;
}
