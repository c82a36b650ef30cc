/* version.c - which library a program runs with. */
#include "n1/n1.h"

unsigned n1_version(void)
{
    return N1_VERSION;
}
