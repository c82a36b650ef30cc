/* Rows of the wide mode, lane by lane: encoder. */
#include "kernels/portable/portable.h"
#include "modes/wide/row.h"
#include "modes/wide/words.h"

void n1_wide_write_portable(n1_wide *s, uint32_t *span)
{
    for (uint32_t t = 0; t < s->frames; t++)
        for (uint32_t i = 0; i < s->rows; i++, span += 2 * s->stride) n1_wide_write_row(s, t, s->order[i], span);
}

uint8_t *n1_wide_words_portable(n1_wide *s, const uint32_t *span, size_t n_frames, uint8_t *begin, uint8_t *end)
{
    const size_t rows = n_frames * s->rows;
    for (size_t i = rows; i-- > 0;)
        for (uint32_t l = s->stride; l > 0; l -= 8)
            if (!n1_wide_words_of(s->x + l - 8, span + i * 2 * s->stride + l - 8, s->stride, begin, &end)) return NULL;
    return end;
}

void n1_lagged_portable(const int16_t *x, const int16_t *y, size_t n, int64_t sum[9])
{
    for (ptrdiff_t i = 0; i < 9; i++) {
        int64_t all = 0;
        for (size_t t = 0; t < n;) { /* 64 at a time in 32 bits */
            const size_t end = n - t < 64 ? n : t + 64;
            int32_t part = 0;
            for (; t < end; t++) part += x[t] * y[(ptrdiff_t)t + 4 - i];
            all += part;
        }
        sum[i] += all;
    }
}
