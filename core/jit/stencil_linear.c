#include "access_linear.h"
#include "stencil.h"
#include "stencils.h"
