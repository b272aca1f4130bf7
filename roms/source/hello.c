/* The least that a guest can do: say hello on the console. */
#include "rom.h"

int main(void);

int main(void) {
    print("Hello from z/Architecture\n");
    return verdict();
}
