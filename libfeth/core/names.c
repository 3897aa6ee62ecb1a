/* SPDX-License-Identifier: Apache-2.0 */
/* Interface names: "feth" and the unit. */
#include <stdio.h>
#include <string.h>

#include <feth/feth.h>

#include "core/fail.h"

#define PREFIX     "feth"
#define PREFIX_LEN (sizeof(PREFIX) - 1)

int feth_name_of_unit(int unit, char name[FETH_NAME_SIZE], struct feth_error *err)
{
    if (unit < 0 || unit > FETH_UNIT_MAX)
        return feth_fail(err, FETH_EUNIT, 0, "name unit", NULL, "unit %d is outside 0 to %d", unit,
                         FETH_UNIT_MAX);
    (void)snprintf(name, FETH_NAME_SIZE, PREFIX "%d", unit);
    return 0;
}

static int not_a_name(const char *name, const char *why, struct feth_error *err)
{
    return feth_fail(err, FETH_ENAME, 0, "check name", NULL,
                     "\"%s\" is not the name of a feth interface: %s (an example: " PREFIX "0)", name, why);
}

int feth_unit_of_name(const char *name, struct feth_error *err)
{
    if (!name || strncmp(name, PREFIX, PREFIX_LEN) != 0)
        return not_a_name(name ? name : "", "it does not start with \"" PREFIX "\"", err);
    if (strlen(name) >= FETH_NAME_SIZE)
        return not_a_name(name, "it has more than 15 characters", err);

    const char *digits = name + PREFIX_LEN;
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return not_a_name(name, "a unit number must follow \"" PREFIX "\", and nothing else", err);
    /* macOS takes feth01 for an interface of its own beside feth1: nobody means that */
    if (digits[0] == '0' && digits[1] != '\0')
        return not_a_name(name, "its unit number starts with 0", err);
    long unit = 0;
    for (; *digits; digits++)
        unit = unit > FETH_UNIT_MAX ? unit : unit * 10 + (*digits - '0');
    if (unit > FETH_UNIT_MAX)
        return feth_fail(err, FETH_EUNIT, 0, "check name", name, "the highest unit is %d", FETH_UNIT_MAX);
    return (int)unit;
}
