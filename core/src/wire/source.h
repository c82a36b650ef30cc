/* source.h - a part of a file read from its start to its end through a small window, its CRC kept on the way. */
#ifndef N1_WIRE_SOURCE_H
#define N1_WIRE_SOURCE_H

#include "n1/file.h"
#include "wire/cursor.h"

#define N1_WINDOW_BYTES 256u

/* Call the caller's function: the one place that does. */
n1_status n1_file_bytes(const n1_file *file, uint64_t at, void *dst, size_t size, n1_fault *fault);

typedef struct n1_source {
    const n1_file *file;
    n1_fault *fault;
    uint64_t at, end;    /* the next byte, and where the part ends */
    uint32_t crc;        /* of what has been read                  */
    size_t have, used;   /* of the window                          */
    uint8_t window[N1_WINDOW_BYTES];
} n1_source;

void n1_source_init(n1_source *s, const n1_file *file, uint64_t at, uint64_t end, uint32_t salt, n1_fault *fault);
/* The next bytes. `what` is said where the part ends before. */
n1_status n1_source_take(n1_source *s, void *dst, size_t size, const char *what);
/* Pass over bytes; the CRC takes them in. */
n1_status n1_source_skip(n1_source *s, uint64_t size, const char *what);
n1_status n1_source_number(n1_source *s, uint64_t limit, const char *what, uint64_t *value);
/* A number of eight bytes. */
n1_status n1_source_eight(n1_source *s, const char *what, uint64_t *value);
/* The next four bytes are the CRC of what was read before. */
n1_status n1_source_check(n1_source *s, const char *what);

#endif
