/* SPDX-License-Identifier: Apache-2.0 */
/* What names a process for good: its number, and when it started (sysctl(3), KERN_PROC). */
#include <string.h>

#include "core/os.h"
#include "darwin/sys.h"
#include "darwin/xnu.h"

enum feth_os_process feth_os_process_start(pid_t pid, uint64_t *start)
{
    int mib[] = {XNU_CTL_KERN, XNU_KERN_PROC, XNU_KERN_PROC_PID, (int)pid};
    struct xnu_kinfo_proc process;
    size_t size = sizeof(process);

    memset(&process, 0, sizeof(process));
    /* of a process that there is not, the kernel tells nothing, and calls that a success */
    if (sysctl(mib, sizeof(mib) / sizeof(mib[0]), &process, &size, NULL, 0) < 0 || size != sizeof(process) ||
        process.kp_proc.p_pid != pid)
        return FETH_PROCESS_UNTOLD;
    if (process.kp_proc.p_stat == XNU_SZOMB)
        return FETH_PROCESS_ENDED;
    *start = (uint64_t)process.kp_proc.p_start.tv_sec * 1000000u + (uint64_t)process.kp_proc.p_start.tv_usec;
    return FETH_PROCESS_THERE;
}

uint64_t feth_os_process_space(void)
{
    return 0;
}
