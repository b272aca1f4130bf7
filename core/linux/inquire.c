/* What others want to know of a Linux program: its file, and what a signal would do. */
#include "guest.h"

const char *zf_linux_program(const struct zf_linux *process) {
    return process->exe ? process->exe : "";
}

void zf_linux_auxv(const struct zf_linux *process, uint64_t *address, uint64_t *size) {
    *address = process->auxv.address;
    *size = process->auxv.length;
}

bool zf_linux_holds(const struct zf_linux *process, int signal_number) {
    return process->leader->blocked >> (signal_number - 1) & 1;
}

bool zf_linux_catches(const struct zf_linux *process, int signal_number) {
    return process->actions[signal_number].handler > (uint64_t)(uintptr_t)SIG_IGN &&
           !zf_linux_holds(process, signal_number);
}
