/* The encoder of rANS, record by record. */
#include "entropy/rans_turns.h"
#include "kernels/portable/portable.h"

size_t n1_rans_turns_portable(n1_rans_writer *w, const uint64_t *records, size_t n) { return n1_rans_turns_loop(w, records, n); }
