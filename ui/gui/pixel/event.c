/*
 * Events of SDL as the layer above wants them: keys, texts, pointer, wheel.
 */
#include "gui/pixel/event.h"

#include <stdio.h>
#include <string.h>

static const struct {
    SDL_Keycode from;
    int to;
} keys[] = {
    {SDLK_TAB, ZF_KEY_TAB},
    {SDLK_RETURN, ZF_KEY_ENTER},
    {SDLK_KP_ENTER, ZF_KEY_ENTER},
    {SDLK_ESCAPE, ZF_KEY_ESCAPE},
    {SDLK_BACKSPACE, ZF_KEY_BACKSPACE},
    {SDLK_DELETE, ZF_KEY_DELETE},
    {SDLK_LEFT, ZF_KEY_LEFT},
    {SDLK_RIGHT, ZF_KEY_RIGHT},
    {SDLK_UP, ZF_KEY_UP},
    {SDLK_DOWN, ZF_KEY_DOWN},
    {SDLK_HOME, ZF_KEY_HOME},
    {SDLK_END, ZF_KEY_END},
    {SDLK_PAGEUP, ZF_KEY_PAGE_UP},
    {SDLK_PAGEDOWN, ZF_KEY_PAGE_DOWN},
    {SDLK_KP_PLUS, '+'},
    {SDLK_KP_MINUS, '-'},
    {SDLK_KP_0, '0'},
};

static int translate_key(SDL_Keycode code) {
    if (code >= SDLK_F1 && code <= SDLK_F12) {
        return ZF_KEY_F1 + (int)(code - SDLK_F1);
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].from == code) {
            return keys[i].to;
        }
    }
    return code > 0 && code < 128 ? (int)code : ZF_KEY_NONE;
}

static unsigned translate_modifiers(unsigned from) {
    return (from & KMOD_SHIFT ? ZF_SHIFT : 0u) | (from & KMOD_CTRL ? ZF_CTRL : 0u) |
           (from & KMOD_ALT ? ZF_ALT : 0u);
}

/* Characters come as text as well; only what is no text is a key. */
static bool is_key(const struct zf_event *event) {
    return event->key >= ZF_KEY_TAB || (event->key && event->modifiers & (ZF_CTRL | ZF_ALT));
}

static bool take_key(const SDL_KeyboardEvent *from, struct zf_event *to) {
    to->kind = ZF_EVENT_KEY;
    to->key = translate_key(from->keysym.sym);
    to->modifiers = translate_modifiers(from->keysym.mod);
    if (to->key == 'v' && to->modifiers == ZF_CTRL) {
        char *text = SDL_GetClipboardText();
        to->kind = ZF_EVENT_TEXT;
        snprintf(to->text, sizeof to->text, "%.63s", text ? text : "");
        to->text[strcspn(to->text, "\r\n")] = 0;
        SDL_free(text);
        return to->text[0] != 0;
    }
    if (to->key == '+' || (to->key == '=' && to->modifiers & ZF_SHIFT)) {
        to->modifiers &= ~(unsigned)ZF_SHIFT;
    }
    return is_key(to);
}

static bool take_pointer(struct zf_event *to, enum zf_event_kind kind, int x, int y,
                         double density) {
    to->kind = kind;
    to->x = (int)(x * density);
    to->y = (int)(y * density);
    return true;
}

static bool take_wheel(const SDL_MouseWheelEvent *from, double density, struct zf_event *to) {
    int x, y;
    SDL_GetMouseState(&x, &y);
    take_pointer(to, ZF_EVENT_WHEEL, x, y, density);
    to->wheel_x = from->x;
    to->wheel_y = from->y;
    to->modifiers = translate_modifiers((unsigned)SDL_GetModState());
    return true;
}

bool zf_translate_event(const SDL_Event *from, double density, struct zf_event *to) {
    *to = (struct zf_event){0};
    switch (from->type) {
    case SDL_KEYDOWN:
        return take_key(&from->key, to);
    case SDL_TEXTINPUT:
        to->kind = ZF_EVENT_TEXT;
        snprintf(to->text, sizeof to->text, "%s", from->text.text);
        return !(SDL_GetModState() & KMOD_CTRL);
    case SDL_MOUSEMOTION:
        return take_pointer(to, ZF_EVENT_MOVE, from->motion.x, from->motion.y, density);
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        to->clicks = from->button.clicks;
        return from->button.button == SDL_BUTTON_LEFT &&
               take_pointer(to,
                            from->type == SDL_MOUSEBUTTONDOWN ? ZF_EVENT_PRESS : ZF_EVENT_RELEASE,
                            from->button.x, from->button.y, density);
    case SDL_MOUSEWHEEL:
        return take_wheel(&from->wheel, density, to);
    default:
        return false;
    }
}
