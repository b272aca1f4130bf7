#include "zfacet/console.h"
#include "zfacet/machine.h"
#include "zfacet/sclp.h"

#include <criterion/criterion.h>

enum {
    SCCB = 0x10000,
    READ_EVENT = 0x00770005,
    WRITE_EVENT = 0x00760005,
    WRITE_MASK = 0x00780005,
    EVENT_PENDING = 1,
};

struct screen {
    char text[256];
    size_t length;
};

static void show(void *context, const char *text, size_t length) {
    struct screen *screen = context;
    memcpy(screen->text + screen->length, text, length);
    screen->length += length;
}

static struct zf_machine *machine_with_console(struct screen *screen) {
    struct zf_error err;
    struct zf_machine_config config = {.storage_size = 1 << 20};
    struct zf_console console = {.context = screen, .write = show};
    struct zf_machine *machine = zf_machine_create(&config, &err);
    cr_assert_not_null(machine);
    *screen = (struct screen){0};
    zf_console_attach(machine->sclp, &console);
    return machine;
}

static uint8_t *sccb_of(struct zf_machine *machine) {
    return machine->storage.ram + SCCB;
}

/* The response code. */
static unsigned service(struct zf_machine *machine, uint32_t command) {
    cr_expect_eq(zf_sclp_service(machine->sclp, machine->cpus.cpu[0], command, SCCB, NULL), 0);
    cr_expect(machine->cpus.floating_pending & ZF_EXTERNAL_SERVICE);
    cr_expect_eq(machine->cpus.service_parameter & ~7u, (uint32_t)SCCB);
    return zf_get16(sccb_of(machine) + 6);
}

static void set_masks(struct zf_machine *machine, uint32_t receive, uint32_t send) {
    uint8_t *sccb = sccb_of(machine);
    memset(sccb, 0, 64);
    zf_put16(sccb, 28);
    zf_put16(sccb + 10, 4);
    zf_put32(sccb + 12, receive);
    zf_put32(sccb + 16, send);
    cr_expect_eq(service(machine, WRITE_MASK), 0x20);
}

Test(sclp, masks) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    set_masks(machine, 0, 0);
    cr_expect_eq(zf_get32(sccb_of(machine) + 20), 0x40800040u, "what it receives");
    cr_expect_eq(zf_get32(sccb_of(machine) + 24), 0x80000048u, "what it sends");
    zf_machine_destroy(machine);
}

static void write_terminal(struct zf_machine *machine, const char *text) {
    uint8_t *sccb = sccb_of(machine);
    size_t length = strlen(text);
    memset(sccb, 0, 8 + 6);
    zf_put16(sccb, (uint16_t)(8 + 6 + length));
    zf_put16(sccb + 8, (uint16_t)(6 + length));
    sccb[8 + 2] = 0x1a;
    memcpy(sccb + 8 + 6, text, length);
    cr_expect_eq(service(machine, WRITE_EVENT), 0x20);
    cr_expect_eq(sccb[8 + 3], 0x80, "accepted");
}

Test(sclp, vt220_output) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    write_terminal(machine, "Hi\n");
    cr_expect_str_eq(screen.text, "Hi\n");
    zf_machine_destroy(machine);
}

/* A message data block with one object of another kind and one text. */
static void write_line_mode(struct zf_machine *machine) {
    static const uint8_t event[] = {0,    6 + 12 + 6 + 12,
                                    2,    0,
                                    0,    0, /* event */
                                    0,    30,
                                    0,    1,
                                    0xd4, 0xc4,
                                    0xc2, 0x40,
                                    0,    0,
                                    0,    1, /* MDB */
                                    0,    6,
                                    0,    1,
                                    0,    0, /* other */
                                    0,    12,
                                    0,    4,
                                    0,    0,
                                    0,    0,
                                    0,    0,
                                    0xc8, 0x89};
    uint8_t *sccb = sccb_of(machine);
    zf_put16(sccb, 8 + sizeof event);
    memcpy(sccb + 8, event, sizeof event);
    cr_expect_eq(service(machine, WRITE_EVENT), 0x20);
}

Test(sclp, line_mode_output) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    write_line_mode(machine);
    cr_expect_str_eq(screen.text, "Hi\n");
    zf_machine_destroy(machine);
}

/* What a kernel writes on both consoles is shown once, but all that one of them alone has. */
Test(sclp, both_consoles) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    write_line_mode(machine);
    write_terminal(machine, "Hi\n");
    cr_expect_str_eq(screen.text, "Hi\n");
    write_terminal(machine, "Hi\n");
    cr_expect_str_eq(screen.text, "Hi\nHi\n", "said again");
    write_line_mode(machine);
    write_line_mode(machine);
    write_terminal(machine, "Hi\r\nHi\r\n");
    cr_expect_str_eq(screen.text, "Hi\nHi\nHi\nHi\n");
    write_line_mode(machine);
    write_terminal(machine, "Hi there\n");
    cr_expect_str_eq(screen.text, "Hi\nHi\nHi\nHi\nHi\nHi there\n");
    zf_machine_destroy(machine);
}

Test(sclp, vt220_input) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    uint8_t *sccb = sccb_of(machine);
    set_masks(machine, 0x40, 0x40);
    machine->cpus.floating_pending = 0;
    machine->cpus.service_parameter = 0;
    cr_expect_eq(zf_console_input(machine->sclp, "ls\n", 3), 3);
    cr_expect(machine->cpus.floating_pending & ZF_EXTERNAL_SERVICE);
    cr_expect_eq(machine->cpus.service_parameter, (uint32_t)EVENT_PENDING);
    memset(sccb, 0, 64);
    zf_put16(sccb, 64);
    cr_expect_eq(service(machine, READ_EVENT), 0x20);
    cr_expect_eq(zf_get16(sccb + 8), 6 + 1 + 3);
    cr_expect_eq(sccb[10], 0x1a);
    cr_expect_arr_eq(sccb + 14, "\0ls\n", 4);
    cr_expect_eq(service(machine, READ_EVENT), 0x60f0, "nothing more");
    zf_machine_destroy(machine);
}

Test(sclp, line_mode_input) {
    static const uint8_t expected[] = {0,    24,   1, 0,    0,    0,    0,    18,
                                       0x13, 0x10, 0, 14,   0x12, 0x12, 0,    10,
                                       0x13, 0x20, 6, 0x31, 4,    0x30, 0x93, 0xa2};
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    uint8_t *sccb = sccb_of(machine);
    set_masks(machine, 0x80000000, 0);
    zf_console_input(machine->sclp, "l", 1);
    memset(sccb, 0, 64);
    zf_put16(sccb, 64);
    cr_expect_eq(service(machine, READ_EVENT), 0x60f0, "no whole line yet");
    zf_console_input(machine->sclp, "s\n", 2);
    cr_expect_eq(service(machine, READ_EVENT), 0x20);
    cr_expect_arr_eq(sccb + 8, expected, sizeof expected);
    zf_machine_destroy(machine);
}

Test(sclp, quiesce) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    cr_expect_not(zf_console_quiesce(machine->sclp));
    set_masks(machine, 0x8, 0);
    cr_expect(zf_console_quiesce(machine->sclp));
    zf_put16(sccb_of(machine), 64);
    cr_expect_eq(service(machine, READ_EVENT), 0x20);
    cr_expect_eq(sccb_of(machine)[10], 0x1d);
    zf_machine_destroy(machine);
}

/* A guest may read events of some kinds alone; others stay. */
Test(sclp, selected_events) {
    enum { FUNCTION = 2, SELECTED = 1 };
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    uint8_t *sccb = sccb_of(machine);
    set_masks(machine, 0x48, 0);
    zf_console_input(machine->sclp, "l", 1);
    memset(sccb, 0, 64);
    zf_put16(sccb, 64);
    sccb[FUNCTION] = SELECTED;
    zf_put32(sccb + 8, 0x8);
    cr_expect_eq(service(machine, READ_EVENT), 0x60f0, "none of these");
    zf_put32(sccb + 8, 0x80000040u);
    cr_expect_eq(service(machine, READ_EVENT), 0x70f0, "not all of these are received");
    zf_put32(sccb + 8, 0x40);
    cr_expect_eq(service(machine, READ_EVENT), 0x20);
    cr_expect_eq(sccb[10], 0x1a);
    sccb[FUNCTION] = 2;
    cr_expect_eq(service(machine, READ_EVENT), 0x40f0, "unknown function");
    zf_machine_destroy(machine);
}

/* The message says where it ends: what follows in the event does not count. */
Test(sclp, message_shorter_than_event) {
    enum { EVENT_LENGTH = 8 + 1, MORE = 6 };
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    uint8_t *sccb = sccb_of(machine);
    write_line_mode(machine);
    memset(sccb + zf_get16(sccb), 0, MORE);
    zf_put16(sccb, (uint16_t)(zf_get16(sccb) + MORE));
    sccb[EVENT_LENGTH] += MORE;
    cr_expect_eq(service(machine, WRITE_EVENT), 0x20);
    cr_expect_str_eq(screen.text, "Hi\nHi\n");
    zf_machine_destroy(machine);
}

/* What a guest gets wrong in a message. */
Test(sclp, bad_messages) {
    enum { MDB_LENGTH = 8 + 6 + 1, MDB_TYPE = 8 + 6 + 3, OBJECT_LENGTH = 8 + 6 + 12 + 6 + 1 };
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    uint8_t *sccb = sccb_of(machine);
    write_line_mode(machine);
    sccb[8 + 3] = 0;
    sccb[OBJECT_LENGTH]++;
    cr_expect_eq(service(machine, WRITE_EVENT), 0x73f0, "an object longer than its message");
    cr_expect_eq(sccb[8 + 3], 0, "not accepted");
    sccb[OBJECT_LENGTH]--;
    sccb[MDB_LENGTH]++;
    cr_expect_eq(service(machine, WRITE_EVENT), 0x73f0, "a message longer than its event");
    sccb[MDB_LENGTH]--;
    sccb[MDB_TYPE] = 2;
    cr_expect_eq(service(machine, WRITE_EVENT), 0x73f0, "not a message");
    cr_expect_str_eq(screen.text, "Hi\n");
    zf_machine_destroy(machine);
}

/* What a guest gets wrong. */
Test(sclp, bad_blocks) {
    struct screen screen;
    struct zf_machine *machine = machine_with_console(&screen);
    struct zf_cpu *cpu = machine->cpus.cpu[0];
    uint8_t *sccb = sccb_of(machine);
    zf_put16(sccb, 7);
    cr_expect_eq(zf_sclp_service(cpu->machine->sclp, cpu, READ_EVENT, SCCB, NULL), -1);
    cr_expect_eq(cpu->pgm.code, ZF_PGM_SPECIFICATION);
    cr_expect_eq(zf_sclp_service(cpu->machine->sclp, cpu, READ_EVENT, SCCB + 4, NULL), -1);
    cr_expect_eq(cpu->pgm.code, ZF_PGM_SPECIFICATION);
    cr_expect_eq(zf_sclp_service(cpu->machine->sclp, cpu, READ_EVENT, 0x1000, NULL), -1);
    cr_expect_eq(zf_sclp_service(cpu->machine->sclp, cpu, READ_EVENT, 0x40000000, NULL), -1);
    cr_expect_eq(cpu->pgm.code, ZF_PGM_ADDRESSING);
    zf_put16(sccb, 64);
    cr_expect_eq(service(machine, 0x00990001), 0x01f0, "unknown command");
    cr_expect_eq(service(machine, WRITE_MASK), 0x74f0, "mask length 0");
    zf_put16(sccb + 8, 100);
    cr_expect_eq(service(machine, WRITE_EVENT), 0x73f0, "event longer than its block");
    zf_put16(sccb, 4096 + 8);
    cr_expect_eq(service(machine, READ_EVENT), 0x0100, "crosses a page");
    zf_machine_destroy(machine);
}
