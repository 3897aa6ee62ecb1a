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
    struct responder_options options;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", program, FETH_VERSION);
        return CLI_OK;
    }
    int ret = responder_parse(argc, argv, program, &options);
    if (ret < 0) {
        responder_usage(program);
        return CLI_OK;
    }
    return ret ? ret : responder_run(&options);
}
