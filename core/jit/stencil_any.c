#include "access_any.h"
#include "stencil.h"
#include "stencils.h"
