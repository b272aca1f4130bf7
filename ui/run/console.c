/*
 * The console of a bare-metal guest: standard input and output.
 */
#include "run/run.h"

#include "zfacet/console.h"

#include <poll.h>
#include <unistd.h>

enum { INPUT_SIZE = 256 };

static void write_text(void *context, const char *text, size_t length) {
    fwrite(text, 1, length, stdout);
    fflush(stdout);
}

static bool poll_input(void *context, struct zf_sclp *sclp, uint64_t ns) {
    char text[INPUT_SIZE];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, (int)((ns + 999999) / 1000000)) <= 0) {
        return true;
    }
    if (input.revents & POLLNVAL) {
        return false;
    }
    ssize_t length = read(STDIN_FILENO, text, sizeof text);
    if (length > 0) {
        zf_console_input(sclp, text, (size_t)length);
    }
    return length > 0;
}

void zf_run_open_console(struct zf_run *run) {
    struct zf_console console = {.write = write_text, .poll = poll_input};
    zf_console_attach(run->machine->sclp, &console);
}
