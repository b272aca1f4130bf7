#define ENGINE_NAME zf_goto_linear_v3
#include "interp/access_linear.h"
#include "interp/engine.h"
