#define ENGINE_NAME zf_goto_linear
#include "access_linear.h"
#include "engine.h"
