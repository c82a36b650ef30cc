/* channel_mean.c - each channel minus a share of the mean of the channels just before it in the same frame. */
#include "n1/classic.h"

#include "base/types.h"

/* floor(v / d) for d > 0 */
static inline int64_t floor_divide(int64_t v, int64_t d) { return v / d - (v % d < 0); }

static inline int64_t share(int64_t sum, unsigned weight, size_t count)
{
    /* Whole powers of two are by far the commonest counts, and shifting is several times as fast as dividing. */
    const int64_t product = sum * (int64_t)weight;
    if (count == 4)
        return n1_floor_shift(product, 6);
    if (count == 1)
        return n1_floor_shift(product, 4);
    return floor_divide(product, (int64_t)(16 * count));
}

/* A frame's sums never exceed 64 x 2^31, and with the weight 2^41. LATER is the value that later channels of the
 * frame see: the original one, which is the input of the residual and the output of its inverse. */
#define FRAMES(T, SIGN, LATER)                                                                                        \
    for (size_t f = 0; f < n_frames; f++) {                                                                           \
        const T *x = (const T *)src + f * n_channels;                                                                 \
        T *y = (T *)dst + f * n_channels;                                                                             \
        int32_t recent[N1_CHANNEL_MAX_SPAN];                                                                          \
        int64_t sum = 0;                                                                                              \
        size_t slot = 0;                                                                                              \
        for (size_t c = 0; c < n_channels; c++) {                                                                     \
            const size_t count = c < span ? c : span;                                                                 \
            const uint32_t foretold = count ? (uint32_t)share(sum, weight, count) : 0;                                \
            const uint32_t in = (uint32_t)x[c] + (LATER ? 0 : bias);                                                  \
            const uint32_t out = SIGN(in, foretold);                                                                  \
            const int32_t value = n1_wrap(LATER ? out : in, bits);                                                    \
            y[c] = (T)(out - (LATER ? bias : 0));                                                                     \
            if (c >= span)                                                                                            \
                sum -= recent[slot];                                                                                  \
            recent[slot] = value;                                                                                     \
            sum += value;                                                                                             \
            slot = slot + 1 == span ? 0 : slot + 1;                                                                   \
        }                                                                                                             \
    }
#define MINUS(a, b) ((a) - (b))
#define PLUS(a, b) ((a) + (b))
#define RESIDUAL(T) FRAMES(T, MINUS, 0)
#define RESTORE(T) FRAMES(T, PLUS, 1)

n1_status n1_channel_residual(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                              unsigned weight, void *dst)
{
    const unsigned bits = n1_type_bits(type);
    const uint32_t bias = n1_type_bias(type);
    if (span < 1 || span > N1_CHANNEL_MAX_SPAN || weight < 1 || weight > 16)
        return N1_ERROR_ARGUMENT;
    N1_FOR_TYPE(type, RESIDUAL)
    return N1_OK;
}

n1_status n1_channel_restore(const void *src, n1_type type, size_t n_frames, size_t n_channels, size_t span,
                             unsigned weight, void *dst)
{
    const unsigned bits = n1_type_bits(type);
    const uint32_t bias = n1_type_bias(type);
    if (span < 1 || span > N1_CHANNEL_MAX_SPAN || weight < 1 || weight > 16)
        return N1_ERROR_ARGUMENT;
    N1_FOR_TYPE(type, RESTORE)
    return N1_OK;
}
