#include "person.h"

#include "loader.h"

#include "gui/text_out.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct zf_session *open_session(const char *models) {
    struct zf_session *s = calloc(1, sizeof *s);
    struct zf_error err = {0};
    cr_assert(s && zf_session_open(s));
    cr_assert_eq(zf_inspector_add(&s->in, models, &err), ZF_OK, "%s", err.message);
    s->in.load = load_rom;
    return s;
}

void close_session(struct zf_session *s) {
    zf_session_close(s);
    free(s);
}

const struct zf_draw *pass(struct zf_session *s, const struct zf_event *event) {
    struct zf_metrics metrics = zf_text_metrics(false);
    return zf_session_pass(s, &metrics, WIDTH, HEIGHT, event);
}

void press(struct zf_session *s, int key, unsigned modifiers) {
    struct zf_event event = {.kind = ZF_EVENT_KEY, .key = key, .modifiers = modifiers};
    pass(s, &event);
    pass(s, NULL);
}

void type(struct zf_session *s, const char *text) {
    struct zf_event event = {.kind = ZF_EVENT_TEXT};
    for (; *text; text++) {
        event.text[0] = *text;
        pass(s, &event);
    }
    pass(s, NULL);
}

bool shows(struct zf_session *s, const char *what) {
    char *text = zf_session_text(s, WIDTH, HEIGHT);
    bool found = text && strstr(text, what);
    free(text);
    return found;
}
