#include "access_tlb.h"
#include "stencil.h"
#include "stencils.h"
