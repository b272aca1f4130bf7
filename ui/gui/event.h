/*
 * One thing that the user did. A frame is passed over once for each; what the back ends translate
 * into these is their own business.
 */
#ifndef ZFACET_GUI_EVENT_H
#define ZFACET_GUI_EVENT_H

enum zf_event_kind {
    ZF_EVENT_NONE, /* only draw */
    ZF_EVENT_KEY,
    ZF_EVENT_TEXT, /* characters typed or pasted */
    ZF_EVENT_MOVE,
    ZF_EVENT_PRESS,
    ZF_EVENT_RELEASE,
    ZF_EVENT_WHEEL,
};

/* Keys that mean something; letters come as ZF_EVENT_TEXT, or with Ctrl or Alt as their character.
 */
enum zf_key {
    ZF_KEY_NONE = 0,
    ZF_KEY_TAB = 256,
    ZF_KEY_ENTER,
    ZF_KEY_ESCAPE,
    ZF_KEY_BACKSPACE,
    ZF_KEY_DELETE,
    ZF_KEY_LEFT,
    ZF_KEY_RIGHT,
    ZF_KEY_UP,
    ZF_KEY_DOWN,
    ZF_KEY_HOME,
    ZF_KEY_END,
    ZF_KEY_PAGE_UP,
    ZF_KEY_PAGE_DOWN,
    ZF_KEY_F1, /* to F12, in order */
    ZF_KEY_F12 = ZF_KEY_F1 + 11,
    ZF_KEY_LIMIT
};

enum zf_modifier { ZF_SHIFT = 1, ZF_CTRL = 2, ZF_ALT = 4 };

struct zf_event {
    enum zf_event_kind kind;
    int key;            /* enum zf_key, or a lower-case character */
    unsigned modifiers; /* enum zf_modifier */
    char text[64];      /* of ZF_EVENT_TEXT, UTF-8 with a final zero */
    int x, y;           /* of the pointer */
    int wheel_x, wheel_y;
    int clicks; /* 2: a double click */
};

#endif
