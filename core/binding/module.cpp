// module.cpp - the extension module n1codec._core: one bind_ function for each file of the binding.
#include "binding.h"

NB_MODULE(_core, m)
{
    m.doc() = "The native core of n1codec. Private: use the functions of the package.";
    bind_entropy(m);
    bind_integrity(m);
    bind_n1(m);
    bind_transforms(m);
    bind_wire(m);
}
