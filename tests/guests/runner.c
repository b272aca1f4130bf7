/*
 * Runs an s390x Linux program with every instruction permitted: zfacet's core alone, for the tests
 * of the Linux personality. -t traces calls, -s uses the switch engine, -b native code, -a
 * that of what is hot (as ZFACET_TEST_ENGINE=a does), -q looks around all the time.
 * usage: guest_runner [-tsbaq] PROGRAM [ARGUMENT...]
 */
#include "zfacet/linux.h"
#include "zfacet/translate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void line(void *context, const char *text) {
    (void)context;
    fprintf(stderr, "%s\n", text);
}

/* vector facility, enhancements 1 and 2: the C library then has its vector string functions */
enum { VECTOR_HWCAP = 1 << 11 | 1 << 13 | 1 << 15 };

static int finish(const struct zf_machine *machine, enum zf_stop stop) {
    if (stop == ZF_STOP_EXIT) {
        return machine->exit_status;
    }
    fprintf(stderr, "guest_runner: stop %d, %s\n", stop, machine->stop_text);
    if (stop == ZF_STOP_SIGNAL) {
        signal(machine->exit_status, SIG_DFL);
        raise(machine->exit_status);
    }
    return 125;
}

/* Little, so that a short program changes engines often, and thrashes the room for native code. */
enum { HEAT = 2, ROOM = 64 << 10 };

static enum zf_engine engine_of(const char *letters) {
    return strchr(letters, 's')   ? ZF_ENGINE_SWITCH
           : strchr(letters, 'b') ? ZF_ENGINE_BASE
           : strchr(letters, 'a') ? ZF_ENGINE_AUTO
                                  : ZF_ENGINE_GOTO;
}

int main(int argc, char **argv) {
    struct zf_machine_config config = {
        .linear = true, .frontend = {.translate = zf_translate_block, .cc_use = zf_insn_cc_use}};
    struct zf_linux_config linux_config = {.platform = "z900"};
    struct zf_facilities facilities = {0};
    struct zf_error err;
    const char *engine = getenv("ZFACET_TEST_ENGINE");
    config.engine = engine_of(engine ? engine : "");
    config.heat = HEAT;
    for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
        linux_config.trace_line = strchr(argv[1], 't') ? line : NULL;
        config.slice = strchr(argv[1], 'q') ? 3 : 0;
        config.engine = engine_of(argv[1]);
    }
    config.code_room = config.engine == ZF_ENGINE_AUTO ? ROOM : 0;
    if (argc < 2) {
        fprintf(stderr, "usage: guest_runner [-tsbaq] PROGRAM [ARGUMENT...]\n");
        return 125;
    }
    memset(facilities.gate.permitted, 255, sizeof facilities.gate.permitted);
    memset(facilities.gate.form_permitted, 255, sizeof facilities.gate.form_permitted);
    linux_config.program = argv[1];
    linux_config.argv = (const char *const *)argv + 1;
    linux_config.envp = (const char *const *)environ;
    linux_config.sysroot = getenv("ZFACET_SYSROOT");
    linux_config.hwcap = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 9 | VECTOR_HWCAP;
    struct zf_machine *machine = zf_machine_create(&config, &err);
    struct zf_linux *guest = NULL;
    if (machine) {
        machine->facilities = &facilities;
        guest = zf_linux_create(machine, &linux_config, &err);
    }
    if (!guest) {
        fprintf(stderr, "guest_runner: %s\n", err.message);
        return 125;
    }
    int status = finish(machine, zf_machine_run(machine));
    zf_linux_destroy(guest);
    zf_machine_destroy(machine);
    return status;
}
