/* file_header.h - the header of a .n1c file. */
#ifndef N1_WIRE_FILE_HEADER_H
#define N1_WIRE_FILE_HEADER_H

#include "wire/source.h"

/* Read the header that begins at `at` and ends, at the latest, at `end`; *after is where it does. */
n1_status n1_file_header(n1_file *file, uint64_t at, uint64_t end, uint64_t *after, n1_fault *fault);

#endif
