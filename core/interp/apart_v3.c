#define APART_NAME(name) zf_apart_v3_##name
#include "apart.c"
