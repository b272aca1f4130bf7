#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_tlb
#include "interp/access_tlb.h"
#include "interp/engine.h"
