#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_any
#include "access_any.h"
#include "engine.h"
