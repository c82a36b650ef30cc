/* lpc.c - linear prediction with integer coefficients chosen by the encoder. */
#include "n1/classic.h"

#include "base/types.h"

/* Blocks are summed in pieces that stay in the nearest cache and, copied, on a small stack. */
enum { PIECE = 512 };

/* Largest magnitude of a piece summed in 32 bits: 512 x 2^10 x 2^10 = 2^29. */
enum { NARROW = 1 << 10 };

/* sums[j] += sum over t of y[t] * y[t-j], for values of magnitude at most NARROW (here compilers multiply 8 pairs at
 * once). */
static void add_narrow(const int16_t *y, size_t n, unsigned order, int64_t *sums)
{
    for (size_t j = 0; j <= order; j++) {
        const int16_t *lagged = y - j;
        int32_t sum = 0;
        for (size_t t = 0; t < n; t++)
            sum += y[t] * lagged[t];
        sums[j] += sum;
    }
}

static void add_wide(const int32_t *y, size_t n, unsigned order, int64_t *sums)
{
    for (size_t j = 0; j <= order; j++) {
        const int32_t *lagged = y - j;
        int64_t sum = 0;
        for (size_t t = 0; t < n; t++)
            sum += (int64_t)y[t] * lagged[t];
        sums[j] += sum;
    }
}

/* y[at - lag], 0 before the row */
static inline int64_t centred(const int32_t *row, size_t at, size_t lag, int32_t centre, unsigned down)
{
    return at < lag ? 0 : n1_floor_shift((int64_t)row[at - lag] - centre, down);
}

n1_status n1_lpc_moments(const int32_t *row, size_t start, size_t length, int32_t centre, unsigned down, unsigned order,
                         int64_t *moments)
{
    if (order > N1_LPC_MAX_ORDER || down > 31 || length < 1 || length > N1_LPC_MAX_BLOCK)
        return N1_ERROR_ARGUMENT;
    int32_t wide[N1_LPC_MAX_ORDER + PIECE];
    int16_t narrow[N1_LPC_MAX_ORDER + PIECE];
    for (size_t j = 0; j <= order; j++)
        moments[j] = 0;
    for (size_t done = 0; done < length; done += PIECE) {
        const size_t n = length - done < PIECE ? length - done : PIECE;
        int64_t largest = 0;
        for (size_t i = 0; i < order + n; i++) {
            const int64_t y = centred(row, start + done + i, order, centre, down), magnitude = y < 0 ? -y : y;
            largest = magnitude > largest ? magnitude : largest;
            wide[i] = (int32_t)y;
            narrow[i] = (int16_t)(uint16_t)(uint64_t)y;
        }
        if (largest > 1 << 23)
            return N1_ERROR_ARGUMENT;
        if (largest <= NARROW)
            add_narrow(narrow + order, n, order, moments);
        else
            add_wide(wide + order, n, order, moments);
    }
    /* One step down the diagonal, both factors move back by a sample: one product comes in, one leaves. */
    const size_t side = order + 1, last = start + length - 1;
    for (size_t i = 0; i < order; i++)
        for (size_t j = i; j < order; j++) {
            const int64_t in = centred(row, start, 1 + i, centre, down) * centred(row, start, 1 + j, centre, down);
            const int64_t out = centred(row, last, i, centre, down) * centred(row, last, j, centre, down);
            moments[(i + 1) * side + j + 1] = moments[i * side + j] + in - out;
        }
    for (size_t i = 0; i < side; i++)
        for (size_t j = 0; j < i; j++)
            moments[i * side + j] = moments[j * side + i];
    return N1_OK;
}

/* Whether all predictors keep to their limits. */
static int is_valid(const n1_lpc *lpc)
{
    if (lpc->n < 1 || lpc->block < 1 || (lpc->width != 8 && lpc->width != 16 && lpc->width != 32))
        return 0;
    const size_t n_predictors = lpc->n_rows * ((lpc->n - 1) / lpc->block + 1);
    size_t sum = 0;
    for (size_t b = 0; b < n_predictors; b++) {
        if (lpc->order[b] > N1_LPC_MAX_ORDER || lpc->shift[b] > N1_LPC_MAX_SHIFT)
            return 0;
        sum += lpc->order[b];
    }
    if (sum != lpc->n_coefficients)
        return 0;
    for (size_t i = 0; i < sum; i++)
        if (lpc->coefficient[i] > N1_LPC_MAX_COEFFICIENT || lpc->coefficient[i] < -N1_LPC_MAX_COEFFICIENT)
            return 0;
    return 1;
}

/* The prediction from past[-1], past[-2], ...; bias is the rounding term minus centre times the sum of the
 * coefficients. No sum exceeds 32 x 2^24 x 2^32 = 2^61. */
static inline int64_t predict(const int32_t *past, const int32_t *coefficient, unsigned order, unsigned shift,
                              int64_t bias, int32_t centre)
{
    int64_t sum = bias;
    for (unsigned i = 0; i < order; i++)
        sum += (int64_t)coefficient[i] * *(past - 1 - i);
    return centre + n1_floor_shift(sum, shift);
}

/* Predict rows x, which RESULT(prediction, t) makes or completes value by value. The first samples of a row have less
 * than a full history; a missing sample counts as the centre, so its term is left out of the sum and of the bias
 * alike. */
#define ROWS(RESULT)                                                                                                  \
    const int32_t *coefficient = lpc->coefficient;                                                                    \
    size_t b = 0;                                                                                                     \
    for (size_t r = 0; r < lpc->n_rows; r++)                                                                          \
        for (size_t start = 0; start < lpc->n; start += lpc->block, b++) {                                            \
            const size_t end = lpc->n - start < lpc->block ? lpc->n : start + lpc->block;                             \
            const unsigned order = lpc->order[b], shift = lpc->shift[b];                                              \
            const int32_t centre = lpc->centre[b];                                                                    \
            int64_t bias = shift ? (int64_t)1 << (shift - 1) : 0;                                                     \
            size_t t = start;                                                                                         \
            unsigned known = 0;                                                                                       \
            for (; known < order && known < start; known++)                                                           \
                bias -= (int64_t)centre * coefficient[known];                                                         \
            for (; known < order && t < end; known++, t++) {                                                          \
                RESULT(predict(x + r * lpc->n + t, coefficient, known, shift, bias, centre), r * lpc->n + t)          \
                bias -= (int64_t)centre * coefficient[known];                                                         \
            }                                                                                                         \
            switch (order) {                                                                                          \
            case 8: FIXED_ORDER(8, RESULT) break;                                                                     \
            case 12: FIXED_ORDER(12, RESULT) break;                                                                   \
            case 16: FIXED_ORDER(16, RESULT) break;                                                                   \
            default: FIXED_ORDER(order, RESULT) break;                                                                \
            }                                                                                                         \
            coefficient += order;                                                                                     \
        }

/* A constant order lets the compiler unroll the sum. */
#define FIXED_ORDER(ORDER, RESULT)                                                                                    \
    for (; t < end; t++)                                                                                              \
        RESULT(predict(x + r * lpc->n + t, coefficient, ORDER, shift, bias, centre), r * lpc->n + t)

n1_status n1_lpc_residual(const n1_lpc *lpc, const int32_t *rows, int32_t *residuals)
{
    if (!is_valid(lpc))
        return N1_ERROR_ARGUMENT;
    const int32_t *x = rows;
    const unsigned width = lpc->width;
#define SUBTRACT(prediction, at) residuals[at] = n1_wrap((uint32_t)x[at] - (uint32_t)(prediction), width);
    ROWS(SUBTRACT)
    return N1_OK;
}

n1_status n1_lpc_restore(const n1_lpc *lpc, int32_t *rows)
{
    if (!is_valid(lpc))
        return N1_ERROR_ARGUMENT;
    int32_t *x = rows;
    const unsigned width = lpc->width;
#define ADD(prediction, at) x[at] = n1_wrap((uint32_t)x[at] + (uint32_t)(prediction), width);
    ROWS(ADD)
    return N1_OK;
}
