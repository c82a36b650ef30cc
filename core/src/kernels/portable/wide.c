/* Rows of the wide mode, lane by lane: decoder. */
#include "kernels/portable/portable.h"
#include "modes/wide/row.h"

void n1_wide_read_portable(n1_wide *s)
{
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++) n1_wide_read_row(s, t, s->order[i]);
}
