/* Encoder: what an alphabet has to know of a channel. */
#include "base/stride.h"
#include "converter/nlink.h"
#include "converter/survey.h"

static int is_nlink(n1_track time, size_t from, size_t n)
{
    int32_t wrong = 0;
    for (size_t i = from; i < from + n; i++) {
        const int32_t v = n1_track_at(time, i);
        wrong |= n1_nlink_value(n1_nlink_code(v)) ^ v;
    }
    return !wrong;
}

#define EXTREMES(T)                         \
    {                                       \
        T low = v[0], high = v[0];          \
        for (size_t i = 0; i < n; i++) {    \
            low = v[i] < low ? v[i] : low;  \
            high = v[i] > high ? v[i] : high; \
        }                                   \
        s->low = low;                       \
        s->high = high;                     \
    }

static void extremes(n1_track time, size_t from, size_t n, n1_channel_stats *s)
{
    if (time.wide) {
        const int32_t *const v = (const int32_t *)time.samples + from;
        EXTREMES(int32_t)
    } else {
        const int16_t *const v = (const int16_t *)time.samples + from;
        EXTREMES(int16_t)
    }
}

/* What all distances from the lowest sample are multiples of; 0 if there are none. */
static uint32_t stride_of(n1_track time, size_t from, size_t n, uint32_t low)
{
    n1_common_stride common = {0, {0, 0, 0}};
    for (size_t i = 0; i < n && common.stride != 1; i++)
        n1_common_stride_take(&common, (uint32_t)n1_track_at(time, from + i) - low);
    return common.stride;
}

n1_channel_stats n1_look_at(n1_track time, size_t from, size_t n)
{
    n1_channel_stats s = {0, 0, 0, 0, 0};
    extremes(time, from, n, &s);
    if (s.low >= -32768 && s.high <= 32767) /* most other recordings fail within a few samples */
        s.nlink = is_nlink(time, from, n < 64 ? n : 64) && is_nlink(time, from, n);
    uint64_t sum = 0;
    const size_t some = n > 4096 ? 4096 : n;   /* a rough figure will do */
    N1_OVER_TRACK(time, from,
        for (size_t i = 1; i < some; i++) {   /* no branches: which of two samples is larger nobody can predict */
            const int32_t less = v[i] < v[i - 1] ? v[i] : v[i - 1], more = v[i] > v[i - 1] ? v[i] : v[i - 1];
            sum += (uint32_t)more - (uint32_t)less;
        })
    const uint64_t step = some > 1 ? sum * 8 / (some - 1) : 0;
    s.step = step > 0xffffffffu ? 0xffffffffu : (uint32_t)step;
    if (!s.nlink)
        s.stride = stride_of(time, from, n, (uint32_t)s.low);
    return s;
}
