/* Recent samples of every channel; see series.h. */
#include "predict/series.h"
#include <string.h>

void n1a_series_init(n1a_series *s, int32_t centre, int unit_shift)
{
    memset(s, 0, sizeof *s);
    s->centre = centre;
    s->shift = unit_shift - 1;
    for (int i = 0; i < N1A_SPAN; i++) s->code[i] = 0xFFFF; /* not a code: stays at the centre */
}

void n1a_series_close(n1a_series *s)
{
    int32_t sum = 0, shift = s->shift;
    for (int i = N1A_HISTORY; i < N1A_SPAN; i++) {
        sum += s->volt[i];
        s->half[i] = (int16_t)(s->volt[i] >> shift);
    }
    s->sum += sum + (int64_t)s->centre * N1A_BLOCK;
}

void n1a_series_turn(n1a_series *s, const n1a_edges *w, int renewed, uint32_t blocks)
{
    const int due = (blocks & (blocks - 1)) == 0 && blocks <= 4096;
    const int32_t centre = due ? (int32_t)(s->sum / ((int64_t)blocks * N1A_BLOCK)) : s->centre;
    memmove(s->code, s->code + N1A_BLOCK, N1A_HISTORY * sizeof s->code[0]);
    if (!renewed && centre == s->centre) {
        memmove(s->volt, s->volt + N1A_BLOCK, N1A_HISTORY * sizeof s->volt[0]);
        memmove(s->half, s->half + N1A_BLOCK, N1A_HISTORY * sizeof s->half[0]);
        return;
    }
    s->centre = centre;
    for (int i = 0; i < N1A_HISTORY; i++) {
        int32_t d = s->code[i] == 0xFFFF ? 0 : n1a_middle(w, s->code[i]) - centre;
        d = n1a_clamp(d, -32767, 32767);
        s->volt[i] = (int16_t)d;
        s->half[i] = (int16_t)n1a_asr(d, s->shift);
    }
}
