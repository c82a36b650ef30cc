/* least_squares_loops.h - what least_squares.h says, compiled once for each kernel. */
#ifndef N1_PREDICT_LEAST_SQUARES_LOOPS_H
#define N1_PREDICT_LEAST_SQUARES_LOOPS_H
#include "predict/least_squares.h"
#include "kernels/dot.h"

N1_INLINE void n1_products_loop(const int16_t *const *x, const uint8_t *first, uint32_t n, int32_t *out)
{
    int16_t head[N1_MAX_FEATURES + 1], tail[N1_MAX_FEATURES + 1];
    uint32_t start[N1_MAX_FEATURES + 1], starts = 0;
    int32_t *row = out;
    for (uint32_t j = 0; j < n; j++) {
        head[j] = x[j][0];
        tail[j] = x[j][N1_INTERVAL - 1];
        if (first[j]) start[starts++] = j;
    }
    for (uint32_t j = 0; j < n; j++) {
        if (first[j])
            for (uint32_t k = 0; k <= j; k++) row[k] = n1_dot(x[j], x[k], N1_INTERVAL);
        else {
            const int32_t *above = row - j;
            const int32_t h = head[j - 1], t = tail[j];
            for (uint32_t k = 1; k <= j; k++) row[k] = above[k - 1] - h * head[k - 1] + t * tail[k];
            for (uint32_t i = 0; i < starts && start[i] < j; i++)
                row[start[i]] = n1_dot(x[j], x[start[i]], N1_INTERVAL);
        }
        row += j + 1;
    }
}

N1_INLINE void n1_add_products_loop(int64_t *sums, const int32_t *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; sums += ++i) {
        const int64_t one = x[i];
        for (uint32_t j = 0; j <= i; j++)
            sums[j] += one * x[j];
    }
}

/*
 * Number formats: the diagonal is scaled to [2^28, 2^30), which bounds every element of the triangle; L is Q20 and
 * kept below 64, so that N1_MAX_FEATURES (96) products u * l < 2^56 add up within 63 bits and are shifted once.
 * Ridge: 2^-17 of the diagonal.
 */
enum { TOP = 30, LQ = 20, RIDGE = TOP - 17 };

N1_INLINE int64_t scale(int64_t v, int s)
{
    if (s < 0) return n1_asr(v, -s > 62 ? 62 : -s);
    int64_t top = (int64_t)1 << TOP;
    if (s > 40) s = 40;
    return n1_clamp64(v, -(top >> s), top >> s) * ((int64_t)1 << s);
}

/* Equilibrate by powers of two: each diagonal to [2^28, 2^30), the right-hand side to at most 2^30. 0 if singular. */
N1_INLINE int n1_solve_begin(n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int *sb)
{
    int most = -64;
    for (uint32_t i = 0; i < n; i++) {
        int64_t d = a[i * (i + 1) / 2 + i];
        if (d <= 0) return 0;
        int s = TOP - 1 - n1_top_bit((uint64_t)d);
        w->shift[i] = (int)n1_asr(s, 1);
        if (b[i]) {
            int m = n1_top_bit((uint64_t)n1_abs64(b[i])) + 1 + w->shift[i];
            if (m > most) most = m;
        }
    }
    *sb = TOP - most;
    return most != -64;
}

/* A pivot, less what has been summed up; 2^61 over it, brought to 31 bits: a reciprocal saves a division per element. */
N1_INLINE void n1_solve_pivot(n1_least_squares_work *w, uint32_t i, int64_t diagonal, int64_t s)
{
    const int64_t v = scale(diagonal, 2 * w->shift[i]) + ((int64_t)1 << RIDGE) - n1_asr(s, LQ);
    w->d[i] = v < ((int64_t)1 << (RIDGE - 1)) ? (int64_t)1 << (RIDGE - 1) : v;
    w->up[i] = TOP - n1_top_bit((uint64_t)w->d[i]);
    w->inverse[i] = ((int64_t)1 << 61) / (w->d[i] << w->up[i]);
}

enum { N1_SOLVED_MOST = (1 << 30) - 1, N1_SOLVED_RATIO = (1 << 26) - 1 }; /* of y and z; of L */

/* The right-hand side, and the solution, less what has been summed up. */
N1_INLINE void n1_solve_forward(n1_least_squares_work *w, uint32_t i, int64_t b, int sb, int64_t s)
{
    w->y[i] = n1_clamp64(scale(b, w->shift[i] + sb) - n1_asr(s, LQ), -N1_SOLVED_MOST, N1_SOLVED_MOST);
}
N1_INLINE void n1_solve_back(n1_least_squares_work *w, uint32_t i, int64_t s)
{
    w->z[i] = n1_clamp64(w->y[i] * ((int64_t)1 << LQ) / w->d[i] - n1_asr(s, LQ), -N1_SOLVED_MOST, N1_SOLVED_MOST);
}

/* Undo both scalings. */
N1_INLINE void n1_solve_end(const n1_least_squares_work *w, uint32_t n, int sb, int32_t *x)
{
    for (uint32_t i = 0; i < n; i++) {
        int s = w->shift[i] - sb + N1_TAP_Q - LQ;
        int64_t c = w->z[i];
        if (s >= 0) c = n1_clamp64(c, -N1_SOLVED_MOST, N1_SOLVED_MOST) * ((int64_t)1 << (s > 27 ? 27 : s));
        else c = n1_asr(c + ((int64_t)1 << (-s > 62 ? 61 : -s - 1)), -s > 62 ? 62 : -s);
        x[i] = (int32_t)n1_clamp64(c, -((int64_t)1 << 24), (int64_t)1 << 24);
    }
}

N1_INLINE int n1_solve_loop(n1_least_squares_work *w, const int64_t *a, const int64_t *b, uint32_t n, int32_t *x)
{
    const int64_t top = (int64_t)1 << TOP;
    int sb;
    if (!n1_solve_begin(w, a, b, n, &sb)) return 0;
    for (uint32_t i = 0; i < n; i++) {
        const int64_t *ai = a + i * (i + 1) / 2;
        int32_t *ui = w->u + i * (i + 1) / 2, *li = w->l + i * (i + 1) / 2;
        for (uint32_t j = 0; j < i; j++) {
            const int32_t *lj = w->l + j * (j + 1) / 2;
            int64_t s = 0;
            for (uint32_t k = 0; k < j; k++) s += (int64_t)ui[k] * lj[k];
            ui[j] = (int32_t)n1_clamp64(scale(ai[j], w->shift[i] + w->shift[j]) - n1_asr(s, LQ), -top, top);
            li[j] = (int32_t)n1_clamp64(n1_asr(ui[j] * w->inverse[j], 61 - LQ - w->up[j]), -N1_SOLVED_RATIO, N1_SOLVED_RATIO);
        }
        int64_t s = 0, y = 0;
        for (uint32_t k = 0; k < i; k++) s += (int64_t)ui[k] * li[k];
        for (uint32_t k = 0; k < i; k++) y += li[k] * w->y[k];
        n1_solve_pivot(w, i, ai[i], s);
        n1_solve_forward(w, i, b[i], sb, y);
    }
    for (uint32_t i = n; i-- > 0;) {
        int64_t z = 0;
        for (uint32_t k = i + 1; k < n; k++) z += w->l[k * (k + 1) / 2 + i] * w->z[k];
        n1_solve_back(w, i, z);
    }
    n1_solve_end(w, n, sb, x);
    return 1;
}

#endif
