#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_linear
#include "interp/access_linear.h"
#include "interp/engine.h"
