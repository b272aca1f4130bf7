#define ENGINE_NAME zf_goto_linear
#include "interp/access_linear.h"
#include "interp/engine.h"
