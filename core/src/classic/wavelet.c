/* wavelet.c - the reversible 5/3 wavelet by lifting, in integers that wrap around.
 *
 * One level splits x into a low band s and a high band d, with x continued symmetrically about its ends:
 *     d[i] = x[2i+1] - floor((x[2i] + x[2i+2]) / 2)          s[i] = x[2i] + floor((d[i-1] + d[i] + 2) / 4)
 * Each step adds a function of the other half of the values, so it can be undone whatever that function gives,
 * wrapped or not. */
#include "n1/classic.h"

#include "base/types.h"

/* What is taken off the odd value between two even ones. */
static inline uint32_t between(int32_t a, int32_t b) { return (uint32_t)n1_floor_shift((int64_t)a + b, 1); }

/* What is added to the even value between two high ones. */
static inline uint32_t smoothing(int32_t a, int32_t b) { return (uint32_t)n1_floor_shift((int64_t)a + b + 2, 2); }

static void split(int32_t *x, size_t n, unsigned width, int32_t *scratch)
{
    const size_t n_low = n - n / 2, n_high = n / 2;
    int32_t *low = x, *high = scratch;
    for (size_t i = 0; i + 1 < n_low; i++)
        high[i] = n1_wrap((uint32_t)x[2 * i + 1] - between(x[2 * i], x[2 * i + 2]), width);
    if (n_high == n_low) /* even length: the last odd value has an even neighbour on its left only */
        high[n_high - 1] = n1_wrap((uint32_t)x[n - 1] - between(x[n - 2], x[n - 2]), width);
    low[0] = n1_wrap((uint32_t)x[0] + smoothing(high[0], high[0]), width);
    for (size_t i = 1; i < n_high; i++)
        low[i] = n1_wrap((uint32_t)x[2 * i] + smoothing(high[i - 1], high[i]), width);
    if (n_low > n_high)
        low[n_low - 1] = n1_wrap((uint32_t)x[n - 1] + smoothing(high[n_high - 1], high[n_high - 1]), width);
    for (size_t i = 0; i < n_high; i++)
        x[n_low + i] = high[i];
}

static void merge(int32_t *x, size_t n, unsigned width, int32_t *scratch)
{
    const size_t n_low = n - n / 2, n_high = n / 2;
    const int32_t *high = x + n_low;
    int32_t *even = scratch;
    even[0] = n1_wrap((uint32_t)x[0] - smoothing(high[0], high[0]), width);
    for (size_t i = 1; i < n_high; i++)
        even[i] = n1_wrap((uint32_t)x[i] - smoothing(high[i - 1], high[i]), width);
    if (n_low > n_high)
        even[n_low - 1] = n1_wrap((uint32_t)x[n_low - 1] - smoothing(high[n_high - 1], high[n_high - 1]), width);
    for (size_t i = 0; i < n_high; i++) {
        const size_t right = i + 1 < n_low ? i + 1 : i;
        even[n_low + i] = n1_wrap((uint32_t)high[i] + between(even[i], even[right]), width);
    }
    for (size_t i = 0; i < n_high; i++) {
        x[2 * i] = even[i];
        x[2 * i + 1] = even[n_low + i];
    }
    if (n_low > n_high)
        x[n - 1] = even[n_low - 1];
}

/* Length of the low band after some levels; bands of one value are not split. */
static size_t low_length(size_t n, unsigned levels)
{
    for (; levels && n > 1; levels--)
        n -= n / 2;
    return n;
}

static int is_width(unsigned width) { return width == 8 || width == 16 || width == 32; }

n1_status n1_wavelet_forward(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width, int32_t *scratch)
{
    if (!is_width(width))
        return N1_ERROR_ARGUMENT;
    for (size_t r = 0; r < n_rows; r++) {
        size_t length = n;
        for (unsigned level = 0; level < levels && length > 1; level++) {
            split(rows + r * n, length, width, scratch);
            length -= length / 2;
        }
    }
    return N1_OK;
}

n1_status n1_wavelet_inverse(int32_t *rows, size_t n, size_t n_rows, unsigned levels, unsigned width, int32_t *scratch)
{
    if (!is_width(width))
        return N1_ERROR_ARGUMENT;
    for (size_t r = 0; r < n_rows; r++)
        for (unsigned level = levels; level-- > 0;) {
            const size_t length = low_length(n, level);
            if (length > 1)
                merge(rows + r * n, length, width, scratch);
        }
    return N1_OK;
}
