#define APART_NAME(name) zf_apart_v3_##name
#define ENGINE_NAME zf_goto_linear_v3
#include "access_linear.h"
#include "engine.h"
