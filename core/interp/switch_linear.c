#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_linear
#include "access_linear.h"
#include "engine.h"
