/* envelope.h - one independently decodable array, and the place where its integrity is kept: docs/FORMAT.md.
 *
 *   "N1" | version | dtype | n_samples | [n_channels] | spec | sides | payload length | payload | hash (8) | CRC32C (4)
 */
#ifndef N1_WIRE_ENVELOPE_H
#define N1_WIRE_ENVELOPE_H

#include "wire/content.h"

#define N1_ENVELOPE_VERSION 0u /* until release 1.0, whose envelopes begin with version 1 */
#define N1_DTYPE_FRAMES     0x20u /* of a dtype's byte: there are channels */
#define N1_DTYPE_BIG_ENDIAN 0x10u

/* The byte of a type. */
uint8_t n1_dtype_code(n1_type type, int big_endian, int flat);
/* What a byte says, `at` in the bytes read. */
/* Whether a code is one of a type at all, be it one that the core does not know. */
int n1_dtype_valid(uint8_t code);
n1_status n1_dtype_read(uint8_t code, uint64_t at, n1_type *type, int *big_endian, int *flat, n1_fault *fault);

/* Whether an array of this shape keeps to the limits. */
int n1_array_shape_ok(const n1_shape *shape);

/* Bytes of an envelope; 0 if anything in it is beyond its limit. */
size_t n1_envelope_size(const n1_envelope *envelope);
/* Write it; a payload that is in its place in dst already is left there. */
void n1_envelope_write(const n1_envelope *envelope, uint8_t *dst);
/* Write what is before the payload, with the byte of any type, whatever that of the shape; returns the place of the payload. */
uint8_t *n1_envelope_write_head(const n1_envelope *envelope, uint8_t code, uint8_t *dst);
/* As n1_envelope_read, of samples of any type: those that the core does not know (n1_dtype_read) are said to be N1_INT8. The caller
 * says what the CRC of all but the last four bytes is. */
n1_status n1_envelope_read_any(const uint8_t *src, size_t len, uint32_t crc, n1_envelope *envelope, n1_fault *fault);
/* Bytes before the payload. */
size_t n1_envelope_head_size(const n1_envelope *envelope);

#endif
