/* SPDX-License-Identifier: Apache-2.0 */
#include "sending.h"

const char *sending_usual(void)
{
    return "packet";
}
