#include "rom.h"

enum { SCLP_WRITE_EVENT_DATA = 0x00760005, SCLP_WRITE_EVENT_MASK = 0x00780005 };
enum { EVENT_ASCII = 0x1a, MASK_ASCII = 0x00000040, LINE = 200 };

struct header {
    uint16_t length;
    uint8_t function, control[3];
    uint16_t response;
} __attribute__((packed));

struct event_mask {
    struct header h;
    uint16_t reserved, mask_length;
    uint32_t receive, send, sclp_receive, sclp_send;
} __attribute__((packed));

struct event_data {
    struct header h;
    uint16_t length;
    uint8_t type, flags;
    uint16_t reserved;
    char text[LINE + 2];
} __attribute__((packed));

static union {
    struct event_mask mask;
    struct event_data data;
    volatile struct header h;
    uint8_t page[4096];
} sccb __attribute__((aligned(4096)));

static char line[LINE + 2];
static unsigned line_length, failures;
static int console; /* 0 not looked at, 1 there, -1 none */

volatile uint16_t rom_external_code;
volatile unsigned rom_externals, rom_svcs;

void *memcpy(void *to, const void *from, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ((char *)to)[i] = ((const char *)from)[i];
    }
    return to;
}

void *memset(void *to, int byte, size_t length) {
    for (size_t i = 0; i < length; i++) {
        ((char *)to)[i] = (char)byte;
    }
    return to;
}

/* SERVICE CALL, and the wait for its response; its condition code. */
static int service_call(uint32_t command) {
    int cc;
    do {
        __asm__ volatile(".insn rre,0xb2200000,%1,%2\n ipm %0\n srl %0,28"
                         : "=d"(cc)
                         : "d"(command), "d"(&sccb)
                         : "cc", "memory");
    } while (cc == 2);
    for (unsigned i = 0; cc == 0 && !sccb.h.response && i < 100000000; i++) {
    }
    return cc;
}

static void open_console(void) {
    memset(&sccb, 0, sizeof sccb.mask);
    sccb.mask.h.length = sizeof sccb.mask;
    sccb.mask.mask_length = 4;
    sccb.mask.send = MASK_ASCII;
    int cc = service_call(SCLP_WRITE_EVENT_MASK);
    console = cc == 0 && sccb.mask.sclp_receive & MASK_ASCII ? 1 : -1;
}

static void flush(void) {
    if (!console) {
        open_console();
    }
    if (console > 0 && line_length) {
        memset(&sccb, 0, sizeof sccb.data);
        sccb.data.length = (uint16_t)(6 + line_length);
        sccb.data.h.length = (uint16_t)(8 + sccb.data.length);
        sccb.data.type = EVENT_ASCII;
        memcpy(sccb.data.text, line, line_length);
        service_call(SCLP_WRITE_EVENT_DATA);
    }
    line_length = 0;
}

void print(const char *text) {
    for (; *text; text++) {
        if (*text == '\n') {
            line[line_length++] = '\r';
        }
        line[line_length++] = *text;
        if (*text == '\n' || line_length >= LINE) {
            flush();
        }
    }
}

void print_hex(uint64_t value, unsigned digits) {
    char text[17];
    for (unsigned i = 0; i < digits; i++) {
        text[i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
    }
    text[digits] = 0;
    print(text);
}

void print_dec(uint64_t value) {
    char text[21];
    unsigned i = sizeof text - 1;
    text[i] = 0;
    do {
        text[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    print(text + i);
}

void fail(const char *what) {
    print("FAIL ");
    print(what);
    print("\n");
    failures++;
}

void expect(const char *what, uint64_t got, uint64_t wanted) {
    if (got == wanted) {
        return;
    }
    print("FAIL ");
    print(what);
    print(": got ");
    print_hex(got, 16);
    print(", wanted ");
    print_hex(wanted, 16);
    print("\n");
    failures++;
}

int verdict(void) {
    if (!failures) {
        print("PASS\n");
        return 0;
    }
    return 0xbad;
}

_Noreturn void rom_unexpected(void);
void rom_external(void);
void rom_svc(void);

void rom_unexpected(void) {
    print("FAIL unexpected program interruption ");
    print_hex(LOW16(LOW_PGM_CODE), 4);
    print(", old PSW ");
    print_hex(LOW64(LOW_PGM_OLD), 16);
    print(" ");
    print_hex(LOW64(LOW_PGM_OLD + 8), 16);
    print("\n");
    rom_end(0xbad00000u | LOW16(LOW_PGM_CODE));
}

void rom_external(void) {
    rom_external_code = LOW16(LOW_EXT_CODE);
    rom_externals++;
    LOW64(LOW_EXT_OLD) &= ~(PSW_WAIT | PSW_EXT);
}

void rom_svc(void) {
    rom_svcs++;
    LOW64(LOW_SVC_OLD) &= ~PSW_PROBLEM;
}

uint64_t get_cr0(void) {
    uint64_t value;
    __asm__ volatile("stctg 0,0,%0" : "=Q"(value) : : "memory");
    return value;
}

void set_cr0(uint64_t value) {
    __asm__ volatile("lctlg 0,0,%0" : : "Q"(value) : "memory");
}

void rom_wait(uint64_t subclasses) {
    uint64_t cr0 = get_cr0();
    uint64_t psw[2] = {PSW_64 | PSW_WAIT | PSW_EXT, 0};
    set_cr0((cr0 & ~UINT64_C(0xf6c0)) | subclasses);
    __asm__ volatile("larl %%r1,0f\n stg %%r1,8(%0)\n lpswe 0(%0)\n0:"
                     :
                     : "a"(psw)
                     : "r1", "cc", "memory");
    set_cr0(cr0);
}

unsigned facility_list(uint64_t list[32]) {
    register uint64_t r0 __asm__("0") = 31;
    __asm__ volatile(".insn s,0xb2b10000,0" : : : "memory");
    if (!(LOW32(LOW_STFL) & (1u << 24))) {
        list[0] = (uint64_t)LOW32(LOW_STFL) << 32;
        return 0;
    }
    memset(list, 0, 32 * sizeof *list);
    __asm__ volatile(".insn s,0xb2b00000,0(%1)" : "+d"(r0) : "a"(list) : "cc", "memory");
    return (unsigned)(r0 & 255) + 1;
}

int has_facility(unsigned bit) {
    uint64_t list[32];
    unsigned count = facility_list(list);
    return bit < 64 * (count ? count : 1) && list[bit / 64] >> (63 - bit % 64) & 1;
}
