/*
 * DEFLATE CONVERSION CALL against zlib: what it compresses, zlib expands, and the other way round,
 * with operands cut at random places, with the history before the operand and in a buffer.
 */
#include "deflate/parameter.h"
#include "guest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>

/* Where things are; storage beyond what guest_clear() clears. */
enum {
    BLOCK = 0x8000,
    HISTORY = 0x10000,
    INPUT = 0x20000,
    INPUT_MAX = 0x30000,
    OUTPUT = 0x60000,
    OUTPUT_MAX = 0x60000,
};
enum { TABLE = 1, COMPRESS = 2, EXPAND = 4, CIRCULAR = 0x80 };

static struct guest *guest;
static struct guest_state state;
static uint64_t seed;

static uint64_t lesser(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static unsigned random_below(unsigned n) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33) % n;
}

static uint8_t *at(uint64_t address) {
    return guest->machine->storage.ram + address;
}
static uint8_t *block(void) {
    return state.data + guest_data_index(BLOCK);
}

static void begin(void) {
    guest = guest_create(ZF_ENGINE_SWITCH, false);
    cr_assert(guest && guest_set_model(guest, "z17-full"));
    guest_state_init(&state);
    seed = 1;
}
static void end(void) {
    guest_destroy(guest);
}

/* Starts a task. */
static void new_task(bool adler) {
    memset(block(), 0, ZF_PARAMETERS);
    zf_parameter_set(block(), ZF_NEW_TASK, 1);
    zf_parameter_set(block(), ZF_CHECK_TYPE, adler);
    state.gr[1] = BLOCK;
    state.gr[2] = OUTPUT;
    state.gr[4] = INPUT;
    state.gr[6] = HISTORY;
}

/* Operands 2, 4 and 6 of these lengths; tells the condition code. */
static unsigned convert(unsigned function, uint64_t output, uint64_t input) {
    static const uint8_t code[] = {0xb9, 0x39, 0x60, 0x24};
    guest_clear(guest);
    guest_put_code(guest, GUEST_CODE, code, sizeof code);
    state.gr[0] = function;
    state.gr[3] = output;
    state.gr[5] = input;
    state.psw_addr = GUEST_CODE;
    guest_load(guest, &state);
    guest_run(guest);
    guest_save(guest, &state);
    cr_assert(guest->end == GUEST_PGM && guest->pgm.code == ZF_PGM_OPERATION, "condition %u",
              guest->pgm.code);
    return state.cc;
}

/* Texts of several kinds. */
static unsigned make_text(uint8_t *text, unsigned kind, unsigned bytes) {
    static const char *const words[] = {"facility", "model ",       "blocked, ", "the ", "of ",
                                        "z14\n",    "instruction ", "0x4f ",     "ab",   ".  "};
    for (unsigned i = 0; i < bytes;) {
        switch (kind) {
        case 0:
            text[i++] = (uint8_t)random_below(256);
            break;
        case 1:
            text[i++] = 0;
            break;
        case 2:
            text[i] = (uint8_t)(i >= 7 && random_below(50) ? text[i - 7] : random_below(256));
            i++;
            break;
        default:
            for (const char *w = words[random_below(10)]; *w && i < bytes; w++) {
                text[i++] = (uint8_t)*w;
            }
        }
    }
    return bytes;
}

/* A stream that zlib's raw inflate must make `text` of, to the last bit. */
static void check_stream(const uint8_t *stream, unsigned bytes, const uint8_t *text,
                         unsigned text_bytes) {
    static uint8_t is[INPUT_MAX + 1];
    z_stream z = {
        .next_in = (Bytef *)stream, .avail_in = bytes, .next_out = is, .avail_out = sizeof is};
    cr_assert_eq(inflateInit2(&z, -15), Z_OK);
    cr_assert_eq(inflate(&z, Z_FINISH), Z_STREAM_END, "%s after %lu of %u bytes",
                 z.msg ? z.msg : "", z.total_in, bytes);
    inflateEnd(&z);
    cr_assert_eq(z.total_out, text_bytes);
    cr_assert_arr_eq(is, text, text_bytes);
    cr_assert_eq(z.avail_in, 0u);
}

static uint32_t expected_check(bool adler, const uint8_t *text, unsigned bytes) {
    return adler ? (uint32_t)adler32(1, text, bytes)
                 : __builtin_bswap32((uint32_t)crc32(0, text, bytes));
}

/* Compresses the input in one block that is the last, operands cut at random places. */
static unsigned compress_text(unsigned bytes, unsigned way, bool dynamic) {
    unsigned cc = 3;
    new_task(way & 1);
    zf_parameter_set(block(), ZF_DYNAMIC, dynamic);
    zf_parameter_set(block(), ZF_FINAL, 1);
    zf_parameter_set(block(), ZF_TABLE_OF_SAMPLE, bytes <= 32768 && way & 2);
    if (dynamic) {
        cr_assert_eq(convert(TABLE, 0, bytes), 0);
        cr_assert(state.gr[4] == INPUT && state.gr[5] == bytes);
    }
    while (true) {
        uint64_t left = INPUT + bytes - state.gr[4];
        unsigned room = way & 4 ? 1 + random_below(300) : OUTPUT_MAX;
        unsigned part = (unsigned)(way & 8 && left ? 1 + random_below((unsigned)left) : left);
        zf_parameter_set(block(), ZF_CLOSE, part == left);
        cc = convert(COMPRESS | (way & 16 ? CIRCULAR : 0), room, part);
        cr_assert(cc != 2);
        cr_assert(cc != 1 || !state.gr[3] || !state.gr[5]);
        if (!cc && part == left) {
            break;
        }
        zf_parameter_set(block(), ZF_OPEN, 1);
    }
    cr_assert_eq(state.gr[4], INPUT + bytes);
    return (unsigned)(state.gr[2] - OUTPUT) + (zf_parameter(block(), ZF_SUBBYTE) != 0);
}

Test(deflate, compress) {
    begin();
    for (unsigned i = 0; i < 96; i++) {
        static uint8_t text[INPUT_MAX];
        unsigned bytes =
            make_text(text, i % 4, i < 64 ? 1 + random_below(3000) : 1 + random_below(150000));
        memcpy(at(INPUT), text, bytes);
        unsigned made = compress_text(bytes, i / 4 + i % 3 * 8, i & 1);
        check_stream(at(OUTPUT), made, text, bytes);
        cr_assert_eq(zf_parameter(block(), ZF_CHECK_VALUE),
                     expected_check((i / 4 + i % 3 * 8) & 1, text, bytes));
    }
    end();
}

/* zlib's stream of a text, in one of its manners. */
static unsigned make_stream(uint8_t *stream, const uint8_t *text, unsigned bytes, unsigned way) {
    static const struct {
        int level, strategy;
    } ways[] = {{0, Z_DEFAULT_STRATEGY},
                {1, Z_DEFAULT_STRATEGY},
                {6, Z_DEFAULT_STRATEGY},
                {9, Z_DEFAULT_STRATEGY},
                {6, Z_FIXED},
                {6, Z_HUFFMAN_ONLY},
                {6, Z_RLE}};
    z_stream z = {
        .next_in = (Bytef *)text, .avail_in = bytes, .next_out = stream, .avail_out = INPUT_MAX};
    way %= ZF_ARRAY_LENGTH(ways);
    cr_assert_eq(deflateInit2(&z, ways[way].level, Z_DEFLATED, -15, 9, ways[way].strategy), Z_OK);
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return (unsigned)z.total_out;
}

static void check_expand(const uint8_t *text, unsigned bytes, unsigned stream, unsigned way) {
    unsigned cc = 3;
    new_task(way & 1);
    while (cc) {
        uint64_t left = INPUT + stream - state.gr[4];
        unsigned part =
            (unsigned)(way & 2 && left ? 1 + random_below((unsigned)lesser(left, 400)) : left);
        unsigned room = way & 4 ? random_below(900) : OUTPUT_MAX;
        cc = convert(EXPAND | (way & 8 ? CIRCULAR : 0), room, part);
        cr_assert_eq(zf_parameter(block(), ZF_ENDING_CODE), 0u);
        cr_assert(cc != 1 || !state.gr[3]);
        cr_assert(cc != 2 || (!state.gr[5] && part < left), "at %u of %u", (unsigned)left, stream);
        cr_assert(!zf_parameter(block(), ZF_NEW_TASK));
    }
    cr_assert_eq(state.gr[2] - OUTPUT, bytes);
    cr_assert_arr_eq(at(OUTPUT), text, bytes);
    cr_assert_eq(zf_parameter(block(), ZF_CHECK_VALUE), expected_check(way & 1, text, bytes));
    /* the byte after the stream is not used */
    cr_assert_eq(state.gr[4] + (zf_parameter(block(), ZF_SUBBYTE) != 0), INPUT + stream);
    if (way & 8) {
        unsigned keep = bytes < 32768 ? bytes : 32768;
        cr_assert_eq(zf_parameter(block(), ZF_HISTORY_LENGTH), keep);
        for (unsigned i = 0; i < keep; i++) {
            unsigned offset = (zf_parameter(block(), ZF_HISTORY_OFFSET) + i) % 32768;
            cr_assert_eq(*at(HISTORY + offset), text[bytes - keep + i]);
        }
    }
}

Test(deflate, expand) {
    static uint8_t text[INPUT_MAX];
    begin();
    for (unsigned i = 0; i < 112; i++) {
        unsigned bytes = make_text(text, i % 4, i < 84 ? random_below(5000) : random_below(150000));
        unsigned stream = make_stream(at(INPUT), text, bytes, i / 4);
        memset(at(INPUT + stream), 0xa5, 16);
        check_expand(text, bytes, stream, i / 7 + i % 5 * 3);
    }
    end();
}

/* Every cut of a short stream and of its output. */
Test(deflate, expand_cut_everywhere) {
    uint8_t text[300];
    begin();
    make_text(text, 3, sizeof text);
    unsigned stream = make_stream(at(INPUT), text, sizeof text, 2);
    for (unsigned cut = 0; cut <= stream; cut++) {
        new_task(false);
        cr_assert_eq(convert(EXPAND, OUTPUT_MAX, cut), cut < stream ? 2 : 0);
        if (cut < stream) {
            cr_assert_eq(state.gr[4], INPUT + cut);
            cr_assert_eq(convert(EXPAND, OUTPUT_MAX, stream - cut), 0);
        }
        cr_assert_arr_eq(at(OUTPUT), text, sizeof text);
    }
    for (unsigned cut = 0; cut < sizeof text; cut++) {
        new_task(false);
        memset(at(OUTPUT), 0, sizeof text);
        cr_assert_eq(convert(EXPAND | CIRCULAR, cut, stream), 1);
        cr_assert_eq(state.gr[2], OUTPUT + cut);
        cr_assert_eq(convert(EXPAND | CIRCULAR, sizeof text - cut, INPUT + stream - state.gr[4]),
                     0);
        cr_assert_arr_eq(at(OUTPUT), text, sizeof text);
    }
    end();
}

/* No input, however wrong, does worse than to say so. */
Test(deflate, expand_rubbish) {
    begin();
    for (unsigned i = 0; i < 400; i++) {
        unsigned bytes = 1 + random_below(200);
        if (i & 1) {
            uint8_t text[1000];
            bytes = make_stream(at(INPUT), text, make_text(text, 3, 1000), i / 2);
            *at(INPUT + random_below(bytes)) ^= (uint8_t)(1 << random_below(8));
        } else {
            make_text(at(INPUT), 0, bytes);
        }
        new_task(false);
        if (i % 3 == 0) { /* a state that no machine has left */
            make_text(block() + ZF_STATE_AT, 0, ZF_STATE_BYTES);
            zf_parameter_set(block(), ZF_CONTINUATION, 1);
        }
        unsigned cc = convert(EXPAND, OUTPUT_MAX, bytes);
        cr_assert(cc != 2 || zf_parameter(block(), ZF_ENDING_CODE) || !state.gr[5]);
    }
    end();
}

/* A block of type 3, and a reference to before the begin. */
Test(deflate, expand_bad) {
    static const uint8_t bad[][2] = {{0x07, 0}, {0x4b, 0x02}};
    begin();
    new_task(false);
    memcpy(at(INPUT), bad[0], 2);
    cr_assert_eq(convert(EXPAND, OUTPUT_MAX, 2), 2);
    cr_assert_neq(zf_parameter(block(), ZF_ENDING_CODE), 0u);
    end();
}

/* Blocks that follow one another refer to what was before: as zlib-ng uses the instruction. */
Test(deflate, blocks) {
    static uint8_t text[INPUT_MAX];
    begin();
    unsigned bytes = make_text(text, 3, 120000), done = 0;
    memcpy(at(INPUT), text, bytes);
    new_task(true);
    while (done < bytes) {
        unsigned part = (unsigned)lesser(bytes - done, 7001);
        zf_parameter_set(block(), ZF_OPEN, 0);
        zf_parameter_set(block(), ZF_CLOSE, 1);
        zf_parameter_set(block(), ZF_DYNAMIC, done & 1);
        zf_parameter_set(block(), ZF_FINAL, done + part == bytes);
        convert(TABLE, 0, part);
        while (convert(COMPRESS | CIRCULAR, OUTPUT_MAX, part)) {
            part = (unsigned)state.gr[5];
        }
        done = (unsigned)(state.gr[4] - INPUT);
    }
    unsigned made = (unsigned)(state.gr[2] - OUTPUT) + (zf_parameter(block(), ZF_SUBBYTE) != 0);
    check_stream(at(OUTPUT), made, text, bytes);
    cr_assert(made < bytes / 2, "%u of %u bytes", made, bytes);
    cr_assert_eq(zf_parameter(block(), ZF_CHECK_VALUE), expected_check(true, text, bytes));
    end();
}
