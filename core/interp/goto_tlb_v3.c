#define APART_NAME(name) zf_apart_v3_##name
#define ENGINE_NAME zf_goto_tlb_v3
#include "access_tlb.h"
#include "engine.h"
