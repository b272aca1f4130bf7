#define ENGINE_NAME zf_goto_tlb
#include "access_tlb.h"
#include "engine.h"
