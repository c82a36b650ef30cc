/* Encoder: solve for the coefficients of a predictor, choose how many of them there are, and round them. */
#include "predict/equations.h"

/* Feature after feature is taken out of what is left of the others: a row's numbers do not wait for each other. */
void n1_factor(n1_equations *q, size_t n)
{
    double *const m = q->m, *const y = q->y, *const least = q->error, *const column = q->column;
    const size_t w = q->most;
    const double first = n ? m[0] : 0.0;
    for (size_t i = 0; i < n; i++)
        least[i] = q->weak > 0 ? q->weak * m[i * w + i] : 1e-9 * first;
    for (size_t k = 0; k < n; k++) {
        const double d = m[k * w + k] > least[k] ? m[k * w + k] : 0.0;
        m[k * w + k] = d;
        for (size_t i = k + 1; i < n; i++)
            m[i * w + k] = column[i] = d > 0 ? m[i * w + k] / d : 0.0;
        for (size_t i = k + 1; i < n && d > 0; i++) {
            double *const row = m + i * w;
            const double factor = column[i];
            for (size_t j = k + 1; j <= i; j++)
                row[j] -= factor * column[j] * d;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            y[i] -= m[i * w + k] * y[k];
}

void n1_substitute(n1_equations *q, size_t n)
{
    const double *const m = q->m;
    double *const y = q->y;
    const size_t w = q->most;
    for (size_t i = 0; i < n; i++)
        y[i] = m[i * w + i] > 0 ? y[i] / m[i * w + i] : 0.0;
    for (size_t i = n; i-- > 0;)
        for (size_t k = i + 1; k < n; k++)
            y[i] -= m[k * w + i] * y[k];
}

#define TAP_BITS 8.0   /* that a coefficient takes */

size_t n1_earned(const n1_equations *q, size_t n, size_t from, size_t step, double square, double n_samples)
{
    const double *const m = q->m, *const y = q->y;
    const size_t w = q->most;
    size_t best = from;
    double least = square;
    for (size_t i = 0; i < n; i++) {
        square -= m[i * w + i] > 0 ? y[i] * y[i] / m[i * w + i] : 0.0;
        if (i + 1 < from || (i + 1 - from) % step)
            continue;
        /* ln(least / square) / 2 nats a sample against the bits; 1.386 = 2 ln 2 */
        if (i + 1 == from || square * (1.0 + 1.386 * TAP_BITS * (double)(i + 1 - best) / n_samples) < least) {
            best = i + 1;
            least = square;
        }
    }
    return best;
}

double n1_left(const n1_equations *q, size_t n, double square)
{
    for (size_t i = 0; i < n; i++) {
        const double d = q->m[i * q->most + i];
        square -= d > 0 ? q->y[i] * q->y[i] / d : 0.0;
    }
    return square;
}

double n1_round_taps(n1_equations *work, size_t n, double one, int care)
{
    double added = 0.0;
    for (size_t i = n; i-- > 0;) {
        double others = 0.0;
        for (size_t k = i + 1; care && k < n; k++)
            others += work->m[k * work->most + i] * work->error[k];
        work->tap[i] = n1_nearest(work->y[i] * one - others);
        work->error[i] = work->tap[i] - work->y[i] * one;
        added += (work->error[i] + others) * (work->error[i] + others) * work->m[i * work->most + i];
    }
    return added / (one * one);
}
