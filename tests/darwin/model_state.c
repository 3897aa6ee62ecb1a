/* SPDX-License-Identifier: Apache-2.0 */
/* Prints all there is in the model's kernel that FETH_MODEL_STATE names: interfaces with all they have, and settings. */
#include "../system/ctl_rig.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
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
