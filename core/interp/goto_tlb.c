#define ENGINE_NAME zf_goto_tlb
#include "interp/access_tlb.h"
#include "interp/engine.h"
