#define ENGINE_SWITCH 1
#define ENGINE_NAME zf_switch_tlb
#include "access_tlb.h"
#include "engine.h"
