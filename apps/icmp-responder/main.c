/* SPDX-License-Identifier: Apache-2.0 */
/* icmp-responder: answers ping on the I/O side of a pair, without an IP stack. */
#include <stdio.h>
#include <string.h>

#include <feth/feth.h>

#include "cli.h"
#include "run.h"

int main(int argc, char **argv)
{
    static const char program[] = "icmp-responder";

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", program, FETH_VERSION);
        return cli_finish(program, CLI_OK);
    }
    return cli_finish(program, responder_main(program, argc, argv));
}
