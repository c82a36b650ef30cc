/* Recent samples of every channel; see series.h. */
#include "predict/series.h"
#include <string.h>

void n1_series_init(n1_series *s, int32_t centre, int unit_shift)
{
    memset(s, 0, sizeof *s);
    s->centre = centre;
    s->shift = unit_shift - 1;
    for (int i = 0; i < N1_SPAN; i++) s->code[i] = 0xFFFF; /* not a code: stays at the centre */
}

void n1_series_close(n1_series *s)
{
    int32_t sum = 0, shift = s->shift;
    for (int i = N1_HISTORY; i < N1_SPAN; i++) {
        sum += s->volt[i];
        s->half[i] = (int16_t)(s->volt[i] >> shift);
    }
    s->sum += sum + (int64_t)s->centre * N1_INTERVAL;
}

void n1_series_turn(n1_series *s, const n1_edges *w, int renewed, uint32_t intervals)
{
    const int due = (intervals & (intervals - 1)) == 0 && intervals <= 4096;
    const int32_t centre = due ? (int32_t)(s->sum / ((int64_t)intervals * N1_INTERVAL)) : s->centre;
    memmove(s->code, s->code + N1_INTERVAL, N1_HISTORY * sizeof s->code[0]);
    if (!renewed && centre == s->centre) {
        memmove(s->volt, s->volt + N1_INTERVAL, N1_HISTORY * sizeof s->volt[0]);
        memmove(s->half, s->half + N1_INTERVAL, N1_HISTORY * sizeof s->half[0]);
        return;
    }
    s->centre = centre;
    for (int i = 0; i < N1_HISTORY; i++) {
        int32_t d = s->code[i] == 0xFFFF ? 0 : n1_edges_middle(w, s->code[i]) - centre;
        d = n1_clamp(d, -32767, 32767);
        s->volt[i] = (int16_t)d;
        s->half[i] = (int16_t)n1_asr(d, s->shift);
    }
}
