/* The wide mode, encoder: the codes' masses forwards, their words backwards. */
#include "modes/wide/wide_encode.h"
#include "base/bytes.h"
#include "base/inline.h"
#include "base/status.h"
#include <string.h>

#define STATE 5u   /* bytes */
#define MOST_OF_SAMPLE 4u /* bytes: two words */

void n1_wide_writer_take(n1_wide_writer *w, n1_arena *a, const n1_wide_params *p, size_t n_frames)
{
    const size_t stride = n1_wide_stride(p);
    w->s = n1_wide_take(a, p, 0);
    w->span = n1_arena_take(a, n_frames, 2 * p->rows * stride * sizeof *w->span);
    if (!w->span) w->s = NULL;
}

/* The lanes of a row. */
N1_INLINE void put_row(uint16_t *to, const uint16_t *from, const uint32_t lanes, uint32_t rows)
{
    for (uint32_t l = 0; l < lanes; l++, from += rows) to[l] = *from;
}

/* Frames to rows. */
static void put_in(n1_wide *s, const uint16_t *codes)
{
    const uint32_t rows = s->rows;
    for (uint32_t t = 0; t < s->frames; t++, codes += s->channels)
        for (uint32_t r = 0; r < rows; r++) {
            uint16_t *to = s->code + n1_wide_code_at(s, t, r);
            const uint32_t filled = n1_wide_filled(s->channels, rows, r);
            if (filled == 16) put_row(to, codes + r, 16, rows);
            else put_row(to, codes + r, filled, rows);
        }
}

void n1_wide_masses(n1_wide_writer *w, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames)
{
    n1_wide *const s = w->s;
    const size_t spans = 2 * (size_t)s->rows * s->stride;
    for (size_t f = 0; f < n_frames; f += s->frames) {
        s->frames = n_frames - f < N1_WIDE_INTERVAL ? (uint32_t)(n_frames - f) : N1_WIDE_INTERVAL;
        put_in(s, codes + f * s->channels);
        k->wide_write(s, w->span + f * spans);
        n1_wide_turn(s);
    }
}

/* A section's states and words. */
static n1_status write_section(n1_wide_writer *w, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames, uint8_t *out,
                               size_t capacity, size_t *written)
{
    n1_wide *const s = w->s;
    const size_t head = STATE * s->lanes, most = head + n_frames * s->channels * MOST_OF_SAMPLE, room = most < capacity ? most : capacity;
    n1_wide_masses(w, k, codes, n_frames);
    if (room < head) return N1_NOT_APPLICABLE;
    uint8_t *at = k->wide_words(s, w->span, n_frames, out + head, out + room);
    if (!at) return N1_NOT_APPLICABLE;
    const size_t size = (size_t)(out + room - at);
    for (uint32_t l = 0; l < s->lanes; l++)
        for (unsigned b = 0; b < STATE; b++) out[STATE * l + b] = (uint8_t)(s->x[l] >> (8 * b));
    memmove(out + head, at, size);
    *written = head + size;
    return N1_OK;
}

n1_status n1_wide_encode(n1_wide_writer *w, const n1_wide_params *p, const n1_encode_kernels *k, const uint16_t *codes, size_t n_frames,
                         uint8_t *out, size_t capacity, size_t *written)
{
    const size_t section = n1_wide_section(p, n_frames), lengths = N1_WIDE_LENGTH * ((n_frames - 1) / section);
    if (capacity < lengths) return N1_NOT_APPLICABLE;
    *written = lengths;
    n1_wide_init(w->s, p);
    for (size_t f = 0; f < n_frames; f += section) {
        const size_t n = n_frames - f < section ? n_frames - f : section;
        size_t size;
        n1_wide_begin(w->s, p);
        const n1_status status = write_section(w, k, codes + f * p->channels, n, out + *written, capacity - *written, &size);
        if (status != N1_OK) return status;
        if (f + n < n_frames) n1_store32(out + N1_WIDE_LENGTH * (f / section), (uint32_t)size);
        *written += size;
    }
    return N1_OK;
}

#define AT_ONCE 64u   /* channels */

uint64_t n1_wide_bits(const n1_wide_writer *w, const uint16_t *channel, size_t n, size_t first, size_t n_frames)
{
    const n1_wide *const s = w->s;
    const size_t spans = 2 * (size_t)s->rows * s->stride;
    uint64_t sum = 0;
    for (size_t from = 0; from < n; from += AT_ONCE) {
        const size_t some = n - from < AT_ONCE ? n - from : AT_ONCE;
        size_t at[AT_ONCE];
        for (size_t i = 0; i < some; i++) {
            const uint32_t row = channel[from + i] % s->rows, lane = channel[from + i] / s->rows;
            at[i] = n1_wide_place(row, s->rows) * 2 * (size_t)s->stride + s->stride + lane;
        }
        for (size_t t = first; t < first + n_frames; t++)
            for (size_t i = 0; i < some; i++)
                sum += (uint64_t)(N1_PROB_BITS * 4096 - n1_log2_q12(w->span[t * spans + at[i]]));
    }
    return sum >> 12;
}
