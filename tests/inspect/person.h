/* A person at the keyboard of an inspector. */
#ifndef TESTS_INSPECT_PERSON_H
#define TESTS_INSPECT_PERSON_H

#include "inspect/session.h"

enum { WIDTH = 120, HEIGHT = 40 };

/** With these models; guests are loaded by load_rom(). */
struct zf_session *open_session(const char *models);
void close_session(struct zf_session *s);

/** A frame in characters, after an event or without one (NULL). */
const struct zf_draw *pass(struct zf_session *s, const struct zf_event *event);
void press(struct zf_session *s, int key, unsigned modifiers);
void type(struct zf_session *s, const char *text);

/** Whether that text is on the screen. */
bool shows(struct zf_session *s, const char *what);

#endif
