/* filter.c - the HDF5 filter: a chunk of samples to an envelope of n1 (docs/FORMAT.md), and back.
 *
 * Chunks at the end of a data set are full of fill values, which would spoil what is fitted to the samples before them. So
 * frames at a chunk's end that only repeat the one before are left out: the envelope has fewer frames than the chunk then.
 *
 * Memory comes from malloc, as HDF5's own does. What the filter is given stays untouched until all is well: where it
 * fails and is optional, HDF5 stores the chunk as it is.
 */
#define _POSIX_C_SOURCE 200112L /* posix_memalign, which older systems have, too */
#include "n1/codec.h"
#include "parameters.h"

#include <stdlib.h>
#include <string.h>

#define NO_MEMORY "n1: there is no memory for a chunk"

static void *room(size_t size) /* aligned; of no bytes, still something */
{
    void *p = NULL;

    return posix_memalign(&p, N1_WORKSPACE_ALIGNMENT, size + 1) == 0 ? p : NULL;
}

static size_t count_of(const chunk *c)
{
    return c->shape.n_samples * c->shape.n_channels;
}

static size_t size_of(const chunk *c)
{
    return count_of(c) * c->width;
}

/* The same chunk without the frames that only fill it up. */
static chunk without_repeats(const chunk *c, const uint8_t *stored)
{
    chunk kept = *c;

    kept.shape.n_samples = n1_frames_to_code(stored, c->shape.n_samples, c->shape.n_channels * c->width);
    return kept;
}

static void repeat_last(const chunk *c, size_t kept, uint8_t *stored)
{
    const size_t frame = c->shape.n_channels * c->width;

    for (; kept < c->shape.n_samples; kept++)
        memcpy(stored + kept * frame, stored + (kept - 1) * frame, frame);
}

static int is_native(const chunk *c)
{
    const uint16_t one = 1;

    return c->width == 1 || (c->width != 3 && c->big_endian != *(const uint8_t *)&one);
}

/* The value of a stored sample, and a value stored. */
static uint32_t load(const uint8_t *p, size_t width, int big_endian)
{
    uint32_t value = 0;

    for (size_t i = 0; i < width; i++)
        value |= (uint32_t)p[big_endian ? width - 1 - i : i] << 8 * i;
    return value;
}

static void store(uint8_t *p, size_t width, int big_endian, uint32_t value)
{
    for (size_t i = 0; i < width; i++)
        p[big_endian ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

/* From stored samples to the machine's, 3 bytes becoming 4, and back. */
static void to_native(const chunk *c, const uint8_t *src, void *dst)
{
    const size_t count = count_of(c);
    const uint32_t sign = c->width == 3 && c->shape.dtype == N1_INT32 ? 0x800000 : 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t value = load(src + i * c->width, c->width, c->big_endian);
        if (c->width == 2)
            ((uint16_t *)dst)[i] = (uint16_t)value;
        else
            ((uint32_t *)dst)[i] = (value ^ sign) - sign;
    }
}

static int from_native(const chunk *c, const void *src, uint8_t *dst)
{
    const size_t count = count_of(c);
    const uint32_t sign = c->width == 3 && c->shape.dtype == N1_INT32 ? 0x800000 : 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t value = c->width == 2 ? ((const uint16_t *)src)[i] : ((const uint32_t *)src)[i];
        if (c->width == 3 && value + sign > 0xFFFFFF)
            return 0;
        store(dst + i * c->width, c->width, c->big_endian, value);
    }
    return 1;
}

static const char *encode_native(const chunk *c, const void *samples, void **out, size_t *capacity, size_t *size)
{
    n1_options options = n1_default_options();

    options.level = c->level;
    options.flat = c->shape.n_channels == 1;
    options.big_endian = c->big_endian;
    const size_t space = n1_encode_workspace(&c->shape, &options);
    void *workspace = room(space);
    *capacity = n1_encode_bound(&c->shape);
    *out = malloc(*capacity);
    const n1_status status = !workspace || !*out ? N1_ERROR_INTERNAL
                                                 : n1_encode(samples, &c->shape, &options, workspace, space, *out,
                                                             *capacity, size);
    const char *reason = status == N1_OK ? NULL : !workspace || !*out ? NO_MEMORY : "n1: a chunk cannot be encoded";
    free(workspace);
    if (reason)
        free(*out);
    return reason;
}

static const char *encode(const chunk *whole, const void *stored, void **out, size_t *capacity, size_t *size)
{
    const chunk c = without_repeats(whole, stored);

    if (is_native(&c))
        return encode_native(&c, stored, out, capacity, size);
    void *native = room(count_of(&c) * (c.width == 2 ? 2 : 4));
    if (!native)
        return NO_MEMORY;
    to_native(&c, stored, native);
    const char *reason = encode_native(&c, native, out, capacity, size);
    free(native);
    return reason;
}

static const char *decode_native(const n1_envelope *e, void *samples, size_t size)
{
    const size_t space = n1_decode_workspace(e);
    void *workspace = room(space);

    if (!workspace)
        return NO_MEMORY;
    const n1_status status = n1_decode(e, n1_best_kernel(), workspace, space, samples, size);
    free(workspace);
    return status == N1_OK                  ? NULL
           : status == N1_ERROR_UNSUPPORTED ? "n1: a chunk was made by another codec of n1codec, which only Python reads"
                                            : "n1: a chunk is damaged: it does not decode to the samples it was made of";
}

static const char *decode(const chunk *c, const void *coded, size_t n_bytes, void **out, size_t *capacity, size_t *size)
{
    n1_fault fault = {0};
    n1_envelope e;

    switch (n1_envelope_read(coded, n_bytes, &e, &fault)) {
    case N1_OK:
        break;
    case N1_ERROR_UNSUPPORTED:
        return "n1: a chunk was written by a later version of n1codec, or by Python from samples that are no integers";
    default:
        return "n1: a chunk is damaged: its checksum does not match";
    }
    chunk kept = *c;
    kept.shape.n_samples = e.shape.n_samples;
    if (!e.shape.n_samples || e.shape.n_samples > c->shape.n_samples || e.shape.n_channels != c->shape.n_channels ||
        e.shape.dtype != c->shape.dtype)
        return "n1: a chunk is not of the shape and type that the data set's header states";
    const size_t native_size = count_of(&kept) * (c->width == 3 ? 4 : c->width);
    uint8_t *stored = malloc(size_of(c));
    void *native = is_native(c) ? stored : room(native_size);
    const char *reason = !stored || !native ? NO_MEMORY : decode_native(&e, native, native_size);
    if (!reason && native != stored && !from_native(&kept, native, stored))
        reason = "n1: a chunk is damaged: a sample does not fit into 24 bits";
    if (native != stored)
        free(native);
    if (reason) {
        free(stored);
        return reason;
    }
    repeat_last(c, kept.shape.n_samples, stored);
    *out = stored;
    *size = *capacity = size_of(c);
    return NULL;
}

static size_t filter(unsigned flags, size_t n_values, const unsigned *values, size_t n_bytes, size_t *buffer_size, void **buffer)
{
    void *out = NULL;
    size_t capacity = 0, size = 0;
    chunk c;
    const char *reason = chunk_of_values(&c, n_values, values);

    if (!reason && flags & H5Z_FLAG_REVERSE)
        reason = decode(&c, *buffer, n_bytes, &out, &capacity, &size);
    else if (!reason && n_bytes != size_of(&c))
        reason = "n1: a chunk is not of the size that the data set's header states: is there a filter before n1?";
    else if (!reason)
        reason = encode(&c, *buffer, &out, &capacity, &size);
    if (reason) {
        host_blame(CALLER, reason);
        return 0;
    }
    free(*buffer);
    *buffer = out;
    *buffer_size = capacity;
    return size;
}

static const h5z_class N1_CLASS = {
    H5Z_CLASS_T_VERS, N1_HDF5_FILTER, 1, 1, "n1: lossless coder of electrophysiology (n1codec)",
    n1_hdf5_can_apply, n1_hdf5_set_local, filter,
};

/* What HDF5 asks a plugin for: its kind (0 is a filter), and its class. */
N1_API int H5PLget_plugin_type(void);
N1_API const void *H5PLget_plugin_info(void);

int H5PLget_plugin_type(void)
{
    return 0;
}

const void *H5PLget_plugin_info(void)
{
    return &N1_CLASS;
}
