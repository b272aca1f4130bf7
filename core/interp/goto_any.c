#define ENGINE_NAME zf_goto_any
#include "interp/access_any.h"
#include "interp/engine.h"
