/* inline.h - for loops that are compiled once for each kernel or constant: they must become part of their caller. */
#ifndef N1_BASE_INLINE_H
#define N1_BASE_INLINE_H

#if defined(__GNUC__)
#define N1_INLINE static inline __attribute__((always_inline))
#define N1_APART  __attribute__((noinline)) /* a function that stays one: the only place of something */
#define N1_PREFETCH(p) __builtin_prefetch(p)
#define N1_SELDOM(condition) __builtin_expect(!!(condition), 0)
#else
#define N1_INLINE static inline
#define N1_APART
#define N1_PREFETCH(p) ((void)(p))
#define N1_SELDOM(condition) (condition)
#endif

#endif
