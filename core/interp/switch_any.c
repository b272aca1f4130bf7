#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_any
#include "interp/access_any.h"
#include "interp/engine.h"
