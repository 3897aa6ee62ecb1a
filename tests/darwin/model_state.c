/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_state [SETTING VALUE]: prints all there is in the model's kernel that FETH_MODEL_STATE names, interfaces with all
 * they have, and settings; or changes a setting as somebody else would.
 */
#include "../system/ctl_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/model.h"

int main(int argc, char **argv)
{
    if (argc == 3)
        return model_set_sysctl(argv[1], (int)strtol(argv[2], NULL, 10)) ? 0 : 1;
    if (feth_ctl_open(&ctl, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    char *text = rig_look(RIG_ALL);
    (void)fputs(text, stdout);
    free(text);
    feth_ctl_close(ctl);
    return 0;
}
