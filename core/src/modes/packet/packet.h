/* packet.h - the packet mode: a few frames of all channels, state carried from the packet before; docs/format/stream.md.
 *
 * What both sides do alike: a channel's prediction and scale, the law between two edges. Two profiles: lite, whose scale is
 * sent, and full, whose weights and scale follow from the past. Nothing here divides, allocates or needs a library.
 */
#ifndef N1_MODES_PACKET_PACKET_H
#define N1_MODES_PACKET_PACKET_H
#include "base/inline.h"
#include "entropy/range32.h"

#define N1_PACKET_ESCAPE    16u   /* mass of what the law gives none: the code follows */
#define N1_PACKET_REACH_BITS 11
#define N1_PACKET_REACH     1024  /* steps of the law to each side: 8 sigmas; 2^10 */
#define N1_PACKET_LAW       2048u
#define N1_PACKET_SCALES    64u   /* sigma 2^(shift - 7 + scale / 8) of axis units */
#define N1_PACKET_SCALE_BITS 6u
#define N1_PACKET_SCALE_STEP 32   /* steps of the law from one scale to the next, where a key sends them */
#define N1_PACKET_NLINK_CODES 1024u
#define N1_PACKET_UNITS     6     /* an even code is 2^6 axis units wide */
#define N1_PACKET_LEAKS     2     /* means that leak by 1/4 and 1/16 */
#define N1_PACKET_NEAR      2     /* channels before, whose errors in the same frame help */
#define N1_PACKET_FEATURES  (N1_PACKET_LEAKS + N1_PACKET_NEAR)
#define N1_PACKET_BEAT      32u   /* frames between two adaptations of a scale (full) */
#define N1_PACKET_MEAN_LITE 495   /* log2 of the mean |low + high| where the scale is right, in 64ths: least bits */
#define N1_PACKET_MEAN_FULL 487

extern const uint16_t n1_packet_law[N1_PACKET_LAW];
extern const uint16_t n1_packet_inverse[N1_PACKET_SCALES];
extern const uint16_t n1_packet_nlink[N1_PACKET_NLINK_CODES + 1];

/* Where codes lie on the axis of voltages, and from where a key starts. */
typedef struct n1_packet_axis {
    const uint16_t *edge; /* [codes + 1], from 0 on, in axis units; NULL: even codes, 2^N1_PACKET_UNITS wide */
    uint32_t codes;       /* 2 .. 65536 */
    uint32_t bits;        /* that hold codes - 1 */
    uint32_t shift;       /* of the law: 9 .. 24 */
    int32_t centre;       /* where a key's first sample is expected, in axis units */
    uint32_t spread;      /* scale of that, 0 .. 63 */
    uint32_t usual;       /* the scale that channels have in the mean, 0 .. 63 */
    const uint16_t *law;  /* its middle: a table's place in a register, on machines with few */
} n1_packet_axis;

/* Loops are compiled for each kind of axis. The N1's with its shift is one of its own where an instruction shifts by a constant
 * and saturates; elsewhere it counts as any other. */
typedef enum n1_packet_kind { N1_PACKET_EDGES, N1_PACKET_EVEN, N1_PACKET_NLINK } n1_packet_kind;

#ifndef N1_PACKET_NLINK_APART
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT)
#define N1_PACKET_NLINK_APART 1
#else
#define N1_PACKET_NLINK_APART 0
#endif
#endif
#define N1_PACKET_NLINK_SHIFT  12u
#define N1_PACKET_NLINK_LENGTH 65535 /* of its axis: n1_packet_nlink's last */

N1_INLINE n1_packet_kind n1_packet_kind_of(const n1_packet_axis *a)
{
    if (!a->edge)
        return N1_PACKET_EVEN;
    return a->edge == n1_packet_nlink && a->shift == N1_PACKET_NLINK_SHIFT ? N1_PACKET_NLINK : N1_PACKET_EDGES;
}

/* The axis as a loop keeps it: what its kind says is no variable. */
N1_INLINE n1_packet_axis n1_packet_axis_of(const n1_packet_axis *a, n1_packet_kind kind)
{
    n1_packet_axis own = *a;
    if (kind == N1_PACKET_NLINK) {
        own.edge = n1_packet_nlink;
        own.shift = N1_PACKET_NLINK_SHIFT;
    }
    return own;
}

/* A channel of the lite profile. */
typedef struct n1_packet_lite {
    int32_t x, y;   /* last sample; leaky mean */
    uint32_t scale; /* scale, and above its 6 bits the sum of |low + high| since the key */
} n1_packet_lite;

/* A channel of the full profile. */
typedef struct n1_packet_full {
    int32_t x, y[N1_PACKET_LEAKS];  /* last sample; leaky means */
    int32_t w[N1_PACKET_FEATURES];  /* Q20: of what the means are off the last sample, and of the neighbour's error */
    uint32_t scale;                 /* in 64ths of an octave, and above its 9 bits the sum of |low + high| since its last change */
} n1_packet_full;

_Static_assert(sizeof(n1_packet_lite) == 12 && sizeof(n1_packet_full) == 32, "the state that a channel is promised to take");
_Static_assert(N1_PACKET_FEATURES == 4, "the features of which means and what is learned are written out");
_Static_assert((-5 >> 1) == -3 && (INT64_C(-5) >> 1) == INT64_C(-3), "right shifts must copy the sign");

N1_INLINE int32_t n1_packet_clamp(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }

/* v in a constant number of bits, the first of them its sign. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT)
#define N1_PACKET_SATURATE(v, bits) __builtin_arm_ssat(v, bits)
#else
#define N1_PACKET_SATURATE(v, bits) n1_packet_clamp(v, -(1 << ((bits) - 1)), (1 << ((bits) - 1)) - 1)
#endif

N1_INLINE int32_t n1_packet_reach(int32_t z) { return N1_PACKET_SATURATE(z, N1_PACKET_REACH_BITS); }

/* A distance on the axis in steps of the law. even: the axis is longer than 16 bits. */
N1_INLINE int32_t n1_packet_steps(int32_t d, uint32_t inverse, uint32_t shift, int even)
{
    if (even) { /* below 2^22 2^14 */
        const int64_t z = (int64_t)d * (int32_t)inverse;
#if UINTPTR_MAX > UINT32_MAX
        return (int32_t)(z >> shift < -N1_PACKET_REACH ? -N1_PACKET_REACH : z >> shift > N1_PACKET_REACH - 1 ? N1_PACKET_REACH - 1 : z >> shift);
#else /* the same without a shift of 64 bits: after 9 and more it is one of 32 */
        return n1_packet_reach((int32_t)((uint32_t)((uint64_t)z >> 32) << (32 - shift) | (uint32_t)z >> shift));
#endif
    }
    return n1_packet_reach((d * (int32_t)inverse) >> shift);
}

N1_INLINE uint32_t n1_packet_below(int32_t z) { return n1_packet_law[z + N1_PACKET_REACH]; }

N1_INLINE int32_t n1_packet_low(const n1_packet_axis *a, uint32_t code, int even)
{
    return even ? (int32_t)(code << N1_PACKET_UNITS) : (int32_t)a->edge[code];
}

N1_INLINE int32_t n1_packet_length(const n1_packet_axis *a, int even) { return n1_packet_low(a, a->codes, even); }

/* The place of the axis that is next to mu. */
N1_INLINE int32_t n1_packet_on_axis(int32_t mu, int32_t length)
{
#if N1_PACKET_NLINK_APART
    if (__builtin_constant_p(length) && length == N1_PACKET_NLINK_LENGTH)
        return (int32_t)__builtin_arm_usat(mu, 16);
#endif
    return n1_packet_clamp(mu, 0, length);
}

N1_INLINE int32_t n1_packet_length_of(const n1_packet_axis *a, n1_packet_kind kind)
{
    return kind == N1_PACKET_NLINK ? N1_PACKET_NLINK_LENGTH : n1_packet_length(a, kind == N1_PACKET_EVEN);
}

/* log2(v) in 64ths, v > 0, straight between powers of two. */
N1_INLINE int32_t n1_packet_log2(uint32_t v)
{
    const unsigned zeros = n1_zeros32(v);
    return (int32_t)(64 * (31 - zeros) + (v << zeros >> 25 & 63U));
}

/* ---- lite ---- */

N1_INLINE int32_t n1_packet_lite_mean(const n1_packet_lite *s) { return s->x + ((s->y - s->x) >> 2); }

N1_INLINE void n1_packet_lite_learn(n1_packet_lite *s, int32_t v)
{
    s->y += (v - s->y) >> 3;
    s->x = v;
}

N1_INLINE void n1_packet_lite_start(n1_packet_lite *s, int32_t v, uint32_t scale)
{
    s->x = s->y = v;
    s->scale = scale;
}

/* What the scale should have been in the frames since the key. */
N1_INLINE uint32_t n1_packet_lite_measured(const n1_packet_lite *s, uint32_t frames)
{
    const int32_t off = n1_packet_log2((s->scale >> N1_PACKET_SCALE_BITS) | 1U) - n1_packet_log2(frames) - N1_PACKET_MEAN_LITE;
    const int32_t scale = (int32_t)(s->scale & (N1_PACKET_SCALES - 1)) + ((off + 4) >> 3);
    return (uint32_t)n1_packet_clamp(scale, 0, N1_PACKET_SCALES - 1);
}

/* ---- full ---- */

/* Features of a sample; errors of the two channels before it in the frame, the nearest first. */
typedef struct n1_packet_features {
    int32_t of[N1_PACKET_FEATURES];
} n1_packet_features;
typedef struct n1_packet_near {
    int32_t error[N1_PACKET_NEAR];
} n1_packet_near;

/* The mean, and the features for what is learned afterwards. */
N1_INLINE int32_t n1_packet_full_mean(const n1_packet_full *s, n1_packet_features *features, const n1_packet_near *near,
                                      int32_t length, int even)
{
    int32_t *f = features->of;
    int32_t mu;
    f[0] = s->y[0] - s->x;
    f[1] = s->y[1] - s->x;
    f[2] = near->error[0];
    f[3] = near->error[1];
    if (even) { /* 2^13 2^23 each */
        const int64_t sum = (int64_t)(s->w[0] >> 8) * f[0] + (int64_t)(s->w[1] >> 8) * f[1] + (int64_t)(s->w[2] >> 8) * f[2]
                          + (int64_t)(s->w[3] >> 8) * f[3];
        mu = s->x + (int32_t)(sum >> 12);
    } else { /* 2^13 2^16 each: 32 bits hold four */
        const int32_t sum = (s->w[0] >> 8) * f[0] + (s->w[1] >> 8) * f[1] + (s->w[2] >> 8) * f[2] + (s->w[3] >> 8) * f[3];
        mu = s->x + (sum >> 12);
    }
    return n1_packet_on_axis(mu, length);
}

N1_INLINE uint32_t n1_packet_full_scale(const n1_packet_full *s) { return s->scale >> 3 & (N1_PACKET_SCALES - 1); }

N1_INLINE int32_t n1_packet_full_weight(int32_t w, int32_t by, unsigned rate)
{
    return N1_PACKET_SATURATE(w + (by >> rate), 22);
}

/* z: low + high of the law's steps; error: v less the mean. */
N1_INLINE void n1_packet_full_learn(n1_packet_full *s, const n1_packet_features *f, n1_packet_near *near, int32_t v,
                                    int32_t error, int32_t z, uint32_t inverse, uint32_t shift, int even)
{
    /* written out: some compilers leave such short loops as they are */
    s->w[0] = n1_packet_full_weight(s->w[0], z * n1_packet_steps(f->of[0], inverse, shift, even), 6);
    s->w[1] = n1_packet_full_weight(s->w[1], z * n1_packet_steps(f->of[1], inverse, shift, even), 6);
    s->w[2] = n1_packet_full_weight(s->w[2], z * n1_packet_steps(f->of[2], inverse, shift, even), 7);
    s->w[3] = n1_packet_full_weight(s->w[3], z * n1_packet_steps(f->of[3], inverse, shift, even), 7);
    s->y[0] += (v - s->y[0]) >> 2;
    s->y[1] += (v - s->y[1]) >> 4;
    s->x = v;
    s->scale += (uint32_t)(z < 0 ? -z : z) << 9;
    near->error[1] = near->error[0];
    near->error[0] = error;
}

N1_INLINE void n1_packet_full_start(n1_packet_full *s, int32_t v, uint32_t scale)
{
    s->x = s->y[0] = s->y[1] = v;
    s->w[0] = 1 << 16;
    s->w[1] = 3 << 16;
    s->w[2] = s->w[3] = 0;
    s->scale = scale << 3 | 4U;
}

/* After the frame that is number t since the key. */
N1_INLINE void n1_packet_full_beat(n1_packet_full *s, uint32_t t)
{
    const uint32_t level = s->scale & 511U, sum = s->scale >> 9;
    s->scale = level;
    if (t + 1 < N1_PACKET_BEAT)
        return;
    const int32_t off = n1_packet_log2(sum | 1U) - 64 * 5 - N1_PACKET_MEAN_FULL;
    const unsigned calm = t < 4 * N1_PACKET_BEAT ? 1 : t < 8 * N1_PACKET_BEAT ? 2 : 3;
    s->scale = (uint32_t)n1_packet_clamp((int32_t)level + ((off + (1 << calm >> 1)) >> calm), 0, 511);
}

/* The first channel whose scale is adapted after frame t: others follow N1_PACKET_BEAT channels on. */
N1_INLINE uint32_t n1_packet_turn(uint32_t t) { return (N1_PACKET_BEAT - 1 - t) & (N1_PACKET_BEAT - 1); }

#endif
