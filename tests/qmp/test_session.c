/*
 * One client of the management protocol: what it is answered, byte for byte, to input good and bad.
 */
#include "qmp/session.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define RETURN_EMPTY "{\"return\": {}}\r\n"
#define GENERIC(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\r\n"
#define PARSE(text) GENERIC("JSON parse error, " text)
#define NO_COMMAND(text) "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"" text "\"}}\r\n"

static struct zf_qmp qmp;
static struct zf_qmp_session session;

static void forget_output(void) {
    zf_buffer_take(&session.output, session.output.length);
}

static void open_session(void) {
    cr_assert(zf_qmp_open(&qmp, NULL));
    zf_qmp_session_open(&session, &qmp);
    forget_output();
}

static void feed(const char *bytes, size_t length) {
    cr_expect_eq(zf_qmp_session_feed(&session, bytes, length), length);
}

static void open_negotiated(void) {
    static const char text[] = "{\"execute\": \"qmp_capabilities\"}";
    open_session();
    feed(text, sizeof text - 1);
    forget_output();
}

static void close_session(void) {
    zf_qmp_session_close(&session);
    zf_qmp_close(&qmp);
}

static void expect_output(const char *input, const char *expected) {
    cr_expect(session.output.length == strlen(expected) &&
                  !memcmp(session.output.data, expected, session.output.length),
              "%s\n  gives %.*s  not   %s", input, (int)session.output.length,
              session.output.length ? session.output.data : "", expected);
    forget_output();
}

TestSuite(qmp, .init = open_negotiated, .fini = close_session);
TestSuite(qmp_negotiation, .init = open_session, .fini = close_session);

/* What QEMU 10.0.2 answers, recorded by hand. */
static const struct {
    const char *input, *output;
} answers[] = {
    {"{}", GENERIC("QMP input lacks member 'execute'")},
    {"[]", GENERIC("QMP input must be a JSON object")},
    {"null ", GENERIC("QMP input must be a JSON object")},
    {"{'execute':3}", GENERIC("QMP input member 'execute' must be a string")},
    {"{'foo':1}", GENERIC("QMP input member 'foo' is unexpected")},
    {"{'execute':'stop','arguments':[]}",
     GENERIC("QMP input member 'arguments' must be an object")},
    {"{'execute':'stop','arguments':{'a':1}}", GENERIC("Parameter 'a' is unexpected")},
    {"{'exec-oob':'stop'}", GENERIC("QMP input member 'exec-oob' is unexpected")},
    {"{'execute':'nope'}", NO_COMMAND("The command nope has not been found")},
    {"{'execute':'stop\\u0000'}", NO_COMMAND("The command stop\\u0000 has not been found")},
    {"{'execute':'qmp_capabilities'}",
     NO_COMMAND("Capabilities negotiation is already complete, command ignored")},
    {"{'execute':'stop','id':[1,2.5,null,'\\u00e9\\ud83d\\ude00\\u007f\\u0001\\\"/']}",
     "{\"return\": {}, \"id\": [1, 2.5, null, \"\\u00E9\\uD83D\\uDE00\\u007F\\u0001\\\"/\"]}\r\n"},
    {"{'execute':'stop','id':[9223372036854775807,9223372036854775808,{'a':18446744073709551615},"
     "18446744073709551616,-9223372036854775808,-9223372036854775809]}",
     "{\"return\": {}, \"id\": [9223372036854775807, 9223372036854775808, {\"a\": "
     "18446744073709551615}, 1.8446744073709552e+19, -9223372036854775808, "
     "-9.2233720368547758e+18]}\r\n"},
    {"{'execute':'nope','id':9223372036854775809}",
     "{\"id\": 9223372036854775809, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The "
     "command nope has not been found\"}}\r\n"},
    {"{'foo':1,'id':7}",
     "{\"id\": 7, \"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input member 'foo' is "
     "unexpected\"}}\r\n"},
    {"{'execute':'stop'} {'execute':\n'stop'}", RETURN_EMPTY RETURN_EMPTY},
    {"{'execute':'stop',}", PARSE("expecting value")},
    {"}", PARSE("expecting value")},
    {"{:}", PARSE("expecting value")},
    {"{]", PARSE("expecting value")},
    {"{'a':1]", PARSE("expected separator in dict")},
    {"[1 2]", PARSE("expected separator in list")},
    {"{'a' 'b'}", PARSE("missing : in object pair")},
    {"{1:2}", PARSE("key is not a string in object")},
    {"{'a':1,'a':2}", PARSE("duplicate key")},
    {"{'a':tru}", PARSE("invalid keyword 'tru'")},
    {"{'a':'\\q'}", PARSE("invalid escape sequence in string")},
    {"{'a':'\\ud800'}", PARSE("\\\\ud800 is not a valid Unicode character")},
    {"{'a':'\\u12'}", PARSE("\\\\u12' is not a valid Unicode character")},
    {"{'a':'\\uFFFE'}", PARSE("\\\\uFFFE is not a valid Unicode character")},
    {"{'a':'\xc3'}", PARSE("invalid UTF-8 sequence in string")},
    {"{'a':'\xff'}\n", PARSE("stray ''\\uFFFD'") PARSE("expecting value")},
    {"{'a':01}", PARSE("stray '01'") PARSE("expecting value")},
    {"{'a':-}\n", PARSE("stray '-}'")},
    {"{'a':1.}\n", PARSE("stray '1.}'")},
    {"\"abc\n", PARSE("stray '\\\"abc\\n'")},
    {"\n@x{'execute':'stop'}", PARSE("stray '@'") RETURN_EMPTY},
    {"{'execute':'qom-list-types','arguments':{'abstract':'x'}}",
     GENERIC("Invalid parameter type for 'abstract', expected: boolean")},
    {"{'execute':'query-cpu-model-expansion','arguments':{'type':'static','model':{'name':1}}}",
     GENERIC("Invalid parameter type for 'model.name', expected: string")},
    {"{'execute':'query-cpu-model-expansion','arguments':{'type':'bogus','model':{}}}",
     GENERIC("Parameter 'type' does not accept value 'bogus'")},
    {"{'execute':'device-list-properties','arguments':{'typename':'nope'}}",
     "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'nope' not found\"}}\r\n"},
};

Test(qmp, answers) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(answers); i++) {
        feed(answers[i].input, strlen(answers[i].input));
        expect_output(answers[i].input, answers[i].output);
    }
}

Test(qmp, answers_to_single_bytes) {
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(answers); i++) {
        for (const char *p = answers[i].input; *p; p++) {
            feed(p, 1);
        }
        expect_output(answers[i].input, answers[i].output);
    }
}

Test(qmp_negotiation, comes_first) {
    static const struct {
        const char *input, *output;
    } rows[] = {
        {"{'execute':'query-version'}",
         NO_COMMAND("Expecting capabilities negotiation with 'qmp_capabilities'")},
        {"{'execute':'qmp_capabilities','arguments':{'enable':['foo']}}",
         GENERIC("Parameter 'null' does not accept value 'foo'")},
        {"{'execute':'qmp_capabilities','arguments':{'enable':'oob'}}",
         GENERIC("Invalid parameter type for 'enable', expected: array")},
        {"{'execute':'qmp_capabilities','arguments':{'enable':[3]}}",
         GENERIC("Invalid parameter type for 'enable[0]', expected: string")},
        {"{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}", RETURN_EMPTY},
        {"{'exec-oob':'stop'}", GENERIC("The command stop does not support OOB")},
        {"{'exec-oob':'stop','execute':'stop'}",
         GENERIC("QMP input member 'execute' clashes with 'exec-oob'")},
        {"{'execute':'stop'}", RETURN_EMPTY},
    };
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        feed(rows[i].input, strlen(rows[i].input));
        expect_output(rows[i].input, rows[i].output);
    }
}

/* Limits are told, and what comes after them is answered. */
Test(qmp, limits) {
    static const struct {
        const char *repeated, *error;
        size_t count;
    } rows[] = {
        {"[", "JSON nesting depth limit exceeded", ZF_JSON_MAX_NESTING + 1},
        {"1,", "JSON token count limit exceeded", ZF_JSON_MAX_TOKENS / 2},
        {"x", "JSON token size limit exceeded", ZF_JSON_MAX_TEXT},
    };
    static const char *const before[] = {"", "[", "\""};
    for (size_t i = 0; i < ZF_ARRAY_LENGTH(rows); i++) {
        char expected[128];
        feed(before[i], strlen(before[i]));
        for (size_t n = 0; n < rows[i].count; n++) {
            feed(rows[i].repeated, strlen(rows[i].repeated));
        }
        snprintf(expected, sizeof expected, GENERIC("%s"), rows[i].error);
        expect_output(rows[i].repeated, expected);
        feed("\n{'execute':'stop'}", 19);
        expect_output("after the limit", RETURN_EMPTY);
    }
}

/* A client that does not read gets no more answers; its input waits. */
Test(qmp, output_pauses) {
    static const char text[] = "{'execute':'query-qmp-schema'}";
    size_t taken, count = 0;
    while ((taken = zf_qmp_session_feed(&session, text, sizeof text - 1)) == sizeof text - 1) {
        count++;
    }
    cr_expect_gt(count, 10);
    cr_expect_eq(taken, 0);
    cr_expect_lt(session.output.length, 2 * ZF_QMP_OUTPUT_PAUSE);
    forget_output();
    cr_expect_eq(zf_qmp_session_feed(&session, text, sizeof text - 1), sizeof text - 1);
}

/* The longest id is echoed, however long it becomes, and the client is kept. */
Test(qmp, longest_id) {
    static const char before[] = "{'execute':'stop','id':'";
    char *id = malloc(ZF_JSON_MAX_TEXT);
    size_t length = ZF_JSON_MAX_TEXT - sizeof before - 1;
    cr_assert(id);
    memset(id, 0x7f, length);
    feed(before, sizeof before - 1);
    feed(id, length);
    feed("'}", 2);
    cr_expect_gt(session.output.length, 6 * length);
    cr_expect_not(zf_qmp_session_failed(&session));
    free(id);
}
