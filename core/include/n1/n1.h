/* n1/n1.h - what all parts of the core have in common: statuses, types of samples, checksums.
 *
 * The parts are n1/codec.h (the n1 coder), n1/stream.h (packets) and n1/classic.h (the coders and transforms that the n1
 * coder is compared with); a program includes the one it uses.
 *
 * The core is C11 with integer arithmetic only, but for the n1 encoder's fit of predictors. It allocates nothing, keeps
 * no globals that are written, and needs no library function beyond memcpy, memmove and memset, so it also builds with
 * -ffreestanding. The caller owns all memory; on the stack, no call takes more than 9 KiB, all functions below it
 * included, or 11 KiB where x86-64 has its vector kernels (as GCC compiles at -O2 or -O3). Every function that reads
 * encoded bytes accepts any bytes at all: it returns a status and never reads or writes outside the buffers it was
 * given. Serialised integers are little-endian whatever the machine.
 */
#ifndef N1_H
#define N1_H

#include <stddef.h>
#include <stdint.h>

/* The version of these headers, which is that of the package: CMakeLists.txt and a test hold it to
 * src/n1codec/_version.py. N1_VERSION can be compared: #if N1_VERSION >= 200 is 0.2.0 or newer. */
#define N1_VERSION_MAJOR 0
#define N1_VERSION_MINOR 1
#define N1_VERSION_PATCH 0
#define N1_VERSION       (N1_VERSION_MAJOR * 10000 + N1_VERSION_MINOR * 100 + N1_VERSION_PATCH)

/* What a shared library shows: nothing else of it is seen outside. */
#if defined(__GNUC__)
#define N1_API __attribute__((visibility("default")))
#else
#define N1_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* N1_VERSION of the library that a program runs with. */
N1_API unsigned n1_version(void);

/* What a function has to say. */
typedef enum n1_status {
    N1_OK = 0,
    N1_ERROR_DST_TOO_SMALL = 1, /* the output does not fit in the buffer given                  */
    N1_ERROR_TRUNCATED = 2,     /* the encoded bytes end too early                              */
    N1_ERROR_CORRUPT = 3,       /* the encoded bytes contradict themselves or what is expected  */
    N1_ERROR_ARGUMENT = 4,      /* a parameter outside its documented range                     */
    N1_ERROR_WORKSPACE = 5,     /* the workspace given is too small, or not aligned             */
    N1_ERROR_KERNEL = 6,        /* instructions that this build or this machine lacks           */
    N1_ERROR_INTERNAL = 7,      /* a fault of the core, which must never happen: please report it */
    N1_ERROR_UNSUPPORTED = 8,   /* sound, but of a version, type or codec not read here         */
    N1_ERROR_READ = 9,          /* the caller's own function could not read                     */
    N1_ERROR_TABLES = 10        /* the code widths that the samples were coded with are not at hand */
} n1_status;

/* What is wrong with encoded bytes, for people: filled in by functions that take one, which may be NULL, on failure. */
typedef struct n1_fault {
    const char *what; /* never NULL after a failure                                  */
    uint64_t value;   /* what it speaks of, behind it                                */
    int has_value;    /* whether there is one                                        */
    uint64_t at;      /* the byte at which it was noticed; N1_NOWHERE: at none alone */
} n1_fault;
#define N1_NOWHERE UINT64_MAX

/* The integer types samples come in. */
typedef enum n1_type { N1_INT8 = 0, N1_UINT8 = 1, N1_INT16 = 2, N1_UINT16 = 3, N1_INT32 = 4, N1_UINT32 = 5 } n1_type;

#define N1_MAX_CHANNELS ((size_t)1 << 16) /* most channels of an array */

/* CRC32C (Castagnoli, reflected polynomial 0x82F63B78, as in RFC 3720) of len bytes. Start with crc = 0; to go on, pass
 * the last result. */
N1_API uint32_t n1_crc32c(uint32_t crc, const void *data, size_t len);
/* The same without the processor's CRC instruction; for tests. */
N1_API uint32_t n1_crc32c_reference(uint32_t crc, const void *data, size_t len);

/* XXH64 of len bytes (Y. Collet, xxHash specification 0.1.1). Equal on every machine. */
N1_API uint64_t n1_xxh64(const void *data, size_t len, uint64_t seed);
/* The same, seed 0, of samples in native byte order as if they were little-endian. */
N1_API uint64_t n1_hash_samples(const void *samples, size_t count, n1_type dtype);

#ifdef __cplusplus
}
#endif
#endif
