/* inline.h - for loops that are compiled once for each kernel or constant: they must become part of their caller. */
#ifndef N1_BASE_INLINE_H
#define N1_BASE_INLINE_H

#if defined(__GNUC__)
#define N1_INLINE static inline __attribute__((always_inline))
#else
#define N1_INLINE static inline
#endif

#endif
