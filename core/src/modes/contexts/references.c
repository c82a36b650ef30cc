/* Which channels move together. */
#include "modes/contexts/references.h"
#include "modes/contexts/forecast.h"

#define LOOKED_AT 16384u /* frames, spread over the block */
#define LEAST 0.002      /* squared correlation of steps */

/* Squared correlation of the steps of two channels. */
static double alike(const uint32_t *code, size_t n_frames, uint32_t n, uint32_t a, uint32_t b)
{
    const size_t every = 1 + n_frames / LOOKED_AT;
    double ab = 0, aa = 0, bb = 0;
    for (size_t t = 1; t < n_frames; t += every) {
        const uint32_t *x = code + t * n;
        const double u = (double)x[a] - (double)*(x + a - n), v = (double)x[b] - (double)*(x + b - n);
        ab += u * v;
        aa += u * u;
        bb += v * v;
    }
    return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : 0;
}

void n1_choose_references(const uint32_t *code, size_t n_frames, uint32_t n, uint8_t *references, uint16_t *reference)
{
    for (uint32_t c = 0; c < n; c++) {
        double best[N1_FORECAST_REFERENCES];
        uint32_t found = 0;
        for (uint32_t other = 0; other < c; other++) {
            const double r = alike(code, n_frames, n, c, other);
            uint32_t at = found < N1_FORECAST_REFERENCES ? found++ : N1_FORECAST_REFERENCES;
            if (r < LEAST || (at == N1_FORECAST_REFERENCES && r <= best[at - 1])) {
                found -= at < N1_FORECAST_REFERENCES;
                continue;
            }
            at -= at == N1_FORECAST_REFERENCES;
            for (; at > 0 && best[at - 1] < r; at--) {
                best[at] = best[at - 1];
                reference[at] = reference[at - 1];
            }
            best[at] = r;
            reference[at] = (uint16_t)other;
        }
        references[c] = (uint8_t)found;
        reference += found;
    }
}
