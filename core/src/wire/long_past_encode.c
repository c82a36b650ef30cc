/* Whether a channel is known by a longer past: one that mains rule, for half of their period may be longer than what a level has taps for. */
#include "base/load.h"
#include "wire/kinds.h"

#include <string.h>

#define STRETCHES 8u    /* so many at most, all over the block, */
#define FRAMES    512u  /* of so many steps, */
#define SHARE     8u    /* and one step of so many */
#define GAIN      1.07  /* of the squared error: a twentieth of a bit */

/* Add products of a stretch's steps, that fade at its ends, with those before them; each stretch counts as much, whatever its size. */
static void add_products(const void *samples, n1_type dtype, size_t first, double *product)
{
    double d[N1_LONG_PAST + FRAMES], size = 0.0, mean = 0.0;
    memset(d, 0, sizeof d);
    for (size_t t = 0; t < FRAMES; t++) {
        const double step = (double)(n1_load_sample(samples, dtype, first + t + 1) - n1_load_sample(samples, dtype, first + t));
        d[N1_LONG_PAST + t] = step;
        size += step < 0.0 ? -step : step;
        mean += step;
    }
    for (size_t t = 0; t < FRAMES; t++) {
        const double edge = (double)(t < FRAMES / 2 ? 2 * t + 1 : 2 * (FRAMES - t) - 1);
        d[N1_LONG_PAST + t] = (d[N1_LONG_PAST + t] - mean / FRAMES) * edge / (size + FRAMES * 0.3);
    }
    for (size_t t = N1_LONG_PAST; t < N1_LONG_PAST + FRAMES; t++)
        for (size_t lag = 0; lag <= N1_LONG_PAST; lag++)
            product[lag] += d[t] * d[t - lag];
}

/* By Levinson's recursion: the error of one tap more, and one more. */
static int gains(const double *product)
{
    double tap[N1_LONG_PAST + 1] = {0.0}, error = product[0] * 1.001, usual = 0.0;
    for (size_t m = 1; m <= N1_LONG_PAST && error > 0.0; m++) {
        double sum = product[m], turned[N1_LONG_PAST + 1];
        for (size_t i = 1; i < m; i++)
            sum -= tap[i] * product[m - i];
        const double k = sum / error;
        for (size_t i = 1; i < m; i++)
            turned[i] = tap[i] - k * tap[m - i];
        memcpy(tap + 1, turned + 1, (m - 1) * sizeof *tap);
        tap[m] = k;
        error *= 1.0 - k * k;
        usual = m == N1_USUAL_PAST ? error : usual;
    }
    return error > 0.0 && usual > GAIN * error;
}

int n1_has_long_past(const void *samples, const n1_shape *s)
{
    const size_t some = s->n_samples / (SHARE * FRAMES), n = some < STRETCHES ? some : STRETCHES;
    double product[N1_LONG_PAST + 1] = {0.0};
    for (size_t i = 0; i < n; i++)
        add_products(samples, s->dtype, n > 1 ? (s->n_samples - FRAMES - 1) / (n - 1) * i : (s->n_samples - FRAMES) / 2, product);
    return n && gains(product);
}
