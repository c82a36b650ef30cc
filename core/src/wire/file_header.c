/* file_header.c - reading the header of a .n1c file: what all chunks share.
 *
 *   0x89 "N1C" | version | body length | file_id (8) | dtype | [n_channels | bundle_channels] | rate [f64]
 *   | spec | restore | fields { key, length, content } | CRC32C
 */
#include "wire/file_header.h"

#include <string.h>

#include "base/log2.h"
#include "wire/envelope.h"
#include "wire/file_block.h"

#define FILE_VERSION 0u /* until release 1.0, whose files begin with version 1 */
#define MAX_RESTORE  (((uint64_t)1 << 24) + 64)
#define MAX_RATE     ((uint64_t)UINT32_MAX)

enum { ATTRIBUTES = 1, SIDECAR = 2, WIDTHS = 4, DOUBTS = 5, FIRST_OPTIONAL = 128 };

static const char SHORT[] = "the header is cut short, or a number in it beyond its limit or not in its shortest form";

/* The bits of an IEEE 754 double: whole numbers without floating point, which decoders do not need. */
static uint64_t double_of(uint64_t whole)
{
    const unsigned top = (unsigned)n1_top_bit(whole);

    return (uint64_t)(1023 + top) << 52 | ((whole << (63 - top)) << 1) >> 12;
}

static n1_status read_rate(n1_source *s, n1_file *file)
{
    const uint64_t least = 0x3E112E0BE826D695u, most = 0x426D1A94A2000000u; /* 1e-9 and 1e12 as doubles */
    uint64_t bits, whole;
    n1_status status = n1_source_number(s, MAX_RATE, SHORT, &whole);

    if (status != N1_OK)
        return status;
    if (whole) {
        bits = double_of(whole);
    } else {
        if ((status = n1_source_eight(s, SHORT, &bits)) != N1_OK)
            return status;
        if (bits < least || bits > most) /* positive doubles are in the order of their bits */
            return n1_blame(s->fault, N1_ERROR_CORRUPT, "header: a rate that is none", s->at - 8);
    }
    memcpy(&file->rate, &bits, sizeof bits);
    return N1_OK;
}

static n1_status read_channels(n1_source *s, n1_file *file)
{
    uint64_t channels = 1, bundle = 1;
    n1_status status = N1_OK;

    if (!file->flat && ((status = n1_source_number(s, N1_MAX_CHANNELS, SHORT, &channels)) != N1_OK ||
                        (status = n1_source_number(s, N1_MAX_CHANNELS, SHORT, &bundle)) != N1_OK))
        return status;
    if (!channels || !bundle || bundle > channels || (channels + bundle - 1) / bundle > N1_MAX_BUNDLES)
        return n1_blame(s->fault, N1_ERROR_CORRUPT, "header: channels that cannot be", s->at);
    file->n_channels = (size_t)channels;
    file->bundle_channels = (size_t)bundle;
    file->n_bundles = (size_t)((channels + bundle - 1) / bundle);
    return N1_OK;
}

static n1_status read_fields(n1_source *s, n1_file *file)
{
    while (s->at < s->end) {
        uint8_t key;
        uint64_t size;
        n1_status status = n1_source_take(s, &key, 1, SHORT);
        if (status != N1_OK || (status = n1_source_number(s, N1_MAX_HEADER, SHORT, &size)) != N1_OK)
            return status;
        if (key == DOUBTS) {
            if (size != 1 || file->doubts)
                return n1_blame(s->fault, N1_ERROR_CORRUPT, "header: doubts of no known form", s->at);
            status = n1_source_take(s, &file->doubts, 1, SHORT);
        } else if (key == WIDTHS) {
            if (!size || size > N1_MAX_TABLES || file->widths_size)
                return n1_blame(s->fault, N1_ERROR_CORRUPT, "header: code widths of no known form", s->at);
            file->widths_at = s->at;
            file->widths_size = (size_t)size;
            status = n1_source_skip(s, size, SHORT);
        } else if (key == ATTRIBUTES || key == SIDECAR || key >= FIRST_OPTIONAL) {
            status = n1_source_skip(s, size, SHORT);
        } else {
            return n1_blame_value(s->fault, N1_ERROR_UNSUPPORTED, "the header holds what needs a newer version: field",
                                  key, s->at);
        }
        if (status != N1_OK)
            return status;
    }
    return N1_OK;
}

static n1_status read_body(n1_source *s, n1_file *file)
{
    uint8_t dtype;
    uint64_t size;
    n1_status status = n1_source_eight(s, SHORT, &file->file_id);

    if (status != N1_OK || (status = n1_source_take(s, &dtype, 1, SHORT)) != N1_OK)
        return status;
    if ((status = n1_dtype_read(dtype, s->at - 1, &file->dtype, &file->big_endian, &file->flat, s->fault)) != N1_OK ||
        (status = read_channels(s, file)) != N1_OK || (status = read_rate(s, file)) != N1_OK ||
        (status = n1_source_number(s, N1_MAX_SPEC, SHORT, &size)) != N1_OK ||
        (status = n1_source_take(s, file->spec, (size_t)size, SHORT)) != N1_OK)
        return status;
    file->spec[size] = '\0';
    file->spec_size = (size_t)size;
    if ((status = n1_source_number(s, MAX_RESTORE, SHORT, &size)) != N1_OK ||
        (status = n1_source_skip(s, size, SHORT)) != N1_OK)
        return status;
    return read_fields(s, file);
}

n1_status n1_file_header(n1_file *file, uint64_t at, uint64_t end, uint64_t *after, n1_fault *fault)
{
    static const uint8_t magic[4] = {0x89, 'N', '1', 'C'};
    n1_source s;
    uint8_t start[5];
    uint64_t size;

    n1_source_init(&s, file, at, end, 0, fault);
    n1_status status = n1_source_take(&s, start, sizeof start, "not a .n1c file: too short");
    if (status != N1_OK)
        return status;
    if (memcmp(start, magic, sizeof magic) != 0)
        return n1_blame(fault, N1_ERROR_CORRUPT, "not a .n1c file: wrong magic", at);
    if (start[4] != FILE_VERSION)
        return n1_blame_value(fault, N1_ERROR_UNSUPPORTED, "this build does not read .n1c files of version", start[4],
                              at + 4);
    if ((status = n1_source_number(&s, N1_MAX_HEADER, SHORT, &size)) != N1_OK)
        return status;
    if (size > end - s.at || end - s.at - size < 4)
        return n1_blame(fault, N1_ERROR_TRUNCATED, "the header is cut short", end);
    *after = s.at + size + 4;
    n1_source whole; /* damage is told from what a sound header says */
    n1_source_init(&whole, file, at, *after, 0, fault);
    if ((status = n1_source_skip(&whole, *after - 4 - at, SHORT)) != N1_OK ||
        (status = n1_source_check(&whole, "CRC mismatch: the header is damaged")) != N1_OK)
        return status;
    s.end = *after - 4;
    file->doubts = 0;
    file->widths_size = 0;
    if ((status = read_body(&s, file)) != N1_OK)
        return status;
    file->key = n1_file_key(file->file_id, 0);
    return N1_OK;
}
