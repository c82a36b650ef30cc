/* forecast.h - where a channel's next sample is expected: linear predictions of its step, and how far they are off.
 *
 * Two recursive least squares over steps (of the channel, and of up to eight channels below it in the same frame and the two
 * before), a long and a quick one, are followed by two normalised gradient filters on what the long one leaves. All are of
 * steps, so that no offset and no range costs anything. Means are in 1/256 code.
 */
#ifndef N1_MODES_CONTEXTS_FORECAST_H
#define N1_MODES_CONTEXTS_FORECAST_H
#include "base/added_odds.h"
#include "base/arena.h"
#include "kernels/table.h"
#include "predict/least_squares.h"

enum {
    N1_FORECAST_OWN = 24,
    N1_FORECAST_LEAN_OWN = 15, /* lean predictions, which solve half as often once they are warm */
    N1_FORECAST_REFERENCES = 8,
    N1_FORECAST_LAGS = 3,
    N1_FORECAST_FEATURES = N1_FORECAST_OWN + 1 + N1_FORECAST_REFERENCES * N1_FORECAST_LAGS,
    N1_FORECAST_ROOM = (N1_FORECAST_FEATURES + 7) / 8 * 8,
    N1_FORECAST_QUICK_OWN = 8,
    N1_FORECAST_QUICK_REFERENCES = 2,
    N1_FORECAST_QUICK_LAGS = 2,
    N1_FORECAST_QUICK = N1_FORECAST_QUICK_OWN + 1 + N1_FORECAST_QUICK_REFERENCES * N1_FORECAST_QUICK_LAGS,
    N1_FORECAST_QUICK_ROOM = (N1_FORECAST_QUICK + 7) / 8 * 8,
    N1_FORECAST_LONG = 32,
    N1_FORECAST_SHORT = 16,
    N1_FORECAST_AT_ONCE = 8, /* frames whose products a kernel may add together: no sums are looked at between */
    N1_FORECAST_MEANS = 4,   /* with the cascade, the long one, the quick one, the sample before */
    N1_FORECAST_SCALES = 3,  /* of the last 8, 32 and 256 residuals */
    N1_FORECAST_Q = 8
};

typedef struct n1_forecast {
    int64_t sums[N1_FORECAST_FEATURES * (N1_FORECAST_FEATURES + 1) / 2], target[N1_FORECAST_FEATURES];
    int64_t quick_sums[N1_FORECAST_QUICK * (N1_FORECAST_QUICK + 1) / 2], quick_target[N1_FORECAST_QUICK];
    int32_t tap[N1_FORECAST_ROOM], quick_tap[N1_FORECAST_QUICK_ROOM];
    int32_t feature[N1_FORECAST_ROOM], quick_feature[N1_FORECAST_QUICK_ROOM];
    int32_t step[N1_FORECAST_OWN];
    int32_t left[N1_FORECAST_LONG], left_again[N1_FORECAST_SHORT];
    int32_t long_tap[N1_FORECAST_LONG], short_tap[N1_FORECAST_SHORT];
    int64_t level;                 /* running mean, 1/256 code */
    int64_t first, second, third;  /* the long one's step, and the cascade's parts */
    int64_t mean[N1_FORECAST_MEANS];
    uint64_t scale[N1_FORECAST_MEANS][N1_FORECAST_SCALES]; /* mean |residual|, 2^-16 code */
    uint16_t reference[N1_FORECAST_REFERENCES];
    uint32_t references, own, features, quick_features, n;
    uint32_t every;                /* frames between two solutions, less one; half as many of the quick one */
    int64_t last[2];               /* the last residuals, in codes from the anchor */
    int64_t now;                   /* the one of this frame */
    int32_t part[N1_FORECAST_AT_ONCE][N1_FORECAST_ROOM], quick_part[N1_FORECAST_AT_ONCE][N1_FORECAST_QUICK_ROOM]; /* of frames yet to be added */
    int32_t aim[N1_FORECAST_AT_ONCE];
} n1_forecast;

static inline uint32_t n1_forecast_own(const n1_forecast *h) { return N1_ADDED_ODDS ? h->own : N1_FORECAST_OWN; }

void n1_forecast_init(n1_forecast *h, const uint16_t *reference, uint32_t references, int lean);
/* What comes before and after each sample, forecast_prepare and forecast_learn, is in kernels/table.h. */
#endif
