#define ENGINE_NAME zf_goto_tlb_v3
#include "interp/access_tlb.h"
#include "interp/engine.h"
