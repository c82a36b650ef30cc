/* Encoder: solve for the coefficients of a predictor, choose how many of them there are, and round them. */
#include "predict/equations.h"

void n1_factor(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], double *y, size_t n)
{
    double first = n ? m[0][0] : 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double v = m[i][j];
            for (size_t k = 0; k < j; k++)
                v -= m[i][k] * m[j][k] * m[k][k];
            m[i][j] = m[j][j] > 0 ? v / m[j][j] : 0.0;
        }
        double d = m[i][i];
        for (size_t k = 0; k < i; k++)
            d -= m[i][k] * m[i][k] * m[k][k];
        m[i][i] = d > 1e-9 * first ? d : 0.0;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            y[i] -= m[i][k] * y[k];
}

void n1_substitute(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = m[i][i] > 0 ? y[i] / m[i][i] : 0.0;
    for (size_t i = n; i-- > 0;)
        for (size_t k = i + 1; k < n; k++)
            y[i] -= m[k][i] * y[k];
}

#define TAP_BITS 8.0   /* that a coefficient takes */

size_t n1_earned(double m[N1_FIT_FEATURES][N1_FIT_FEATURES], const double *y, size_t n, size_t from, size_t step,
                  double square, double n_samples)
{
    size_t best = from;
    double least = square;
    for (size_t i = 0; i < n; i++) {
        square -= m[i][i] > 0 ? y[i] * y[i] / m[i][i] : 0.0;
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

double n1_round_taps(n1_fit *work, size_t n, double one, int care)
{
    double added = 0.0;
    for (size_t i = n; i-- > 0;) {
        double others = 0.0;
        for (size_t k = i + 1; care && k < n; k++)
            others += work->m[k][i] * work->error[k];
        work->tap[i] = n1_nearest(work->y[i] * one - others);
        work->error[i] = work->tap[i] - work->y[i] * one;
        added += (work->error[i] + others) * (work->error[i] + others) * work->m[i][i];
    }
    return added / (one * one);
}
