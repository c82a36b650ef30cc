/* The contexts mode: predictions, before the first sample; see forecast.h. */
#include "modes/contexts/forecast.h"

#include <string.h>

enum { RIDGE = 1 << 16 };

void n1_forecast_init(n1_forecast *h, const uint16_t *reference, uint32_t references, int lean)
{
    const uint32_t quick = references < N1_FORECAST_QUICK_REFERENCES ? references : N1_FORECAST_QUICK_REFERENCES;
    memset(h, 0, sizeof *h);
    for (uint32_t i = 0; i < references; i++)
        h->reference[i] = reference[i];
    h->references = references;
    lean = N1_ADDED_ODDS && lean;
    h->own = lean ? N1_FORECAST_LEAN_OWN : N1_FORECAST_OWN;
    h->every = lean ? 31 : 15;
    h->features = n1_forecast_own(h) + 1 + references * N1_FORECAST_LAGS;
    h->quick_features = N1_FORECAST_QUICK_OWN + 1 + quick * N1_FORECAST_QUICK_LAGS;
    for (uint32_t i = 0; i < N1_FORECAST_FEATURES; i++)
        h->sums[i * (i + 1) / 2 + i] = RIDGE;
    for (uint32_t i = 0; i < N1_FORECAST_QUICK; i++)
        h->quick_sums[i * (i + 1) / 2 + i] = RIDGE;
    for (uint32_t m = 0; m < N1_FORECAST_MEANS; m++)
        for (uint32_t j = 0; j < N1_FORECAST_SCALES; j++)
            h->scale[m][j] = 16 << 16;
}
