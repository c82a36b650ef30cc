/* driver.c - each codec behind the same two functions, for scripts/budget: all that they need lies in an array of words.
 *
 * Compiled with CODEC_raw, CODEC_rice, CODEC_lpc, CODEC_lite or CODEC_full.
 */
#include <stddef.h>
#include <stdint.h>

enum { CHANNELS, FRAMES, SINCE, KEY, CODES, PACKET, MEMORY, MEMORY_SIZE, FORMAT, TAPS };

#if defined(CODEC_lite) || defined(CODEC_full)
#ifdef CODEC_lite
#include "n1_lite.h"
#define NAMED(name) n1_lite_##name
#define FLAGS       (N1_LITE_KEY | N1_LITE_DESCRIBED)
#else
#include "n1_full.h"
#define NAMED(name) n1_full_##name
#define FLAGS       (N1_FULL_KEY | N1_FULL_DESCRIBED)
#endif

static NAMED(format) format; /* w[FORMAT] has a word for each number: how wide enumerations are is the target's choice */

static void take_format(const uint32_t *f)
{
    format.session = f[0];
    format.channels = f[1];
    format.frames = f[2];
    format.substreams = f[3];
    format.millihertz = f[4];
    format.profile = (NAMED(profile))f[5];
    format.dtype = (NAMED(type))f[6];
    format.converter = (NAMED(converter))f[7];
    format.first = (int32_t)f[8];
    format.stride = f[9];
    format.codes = f[10];
    format.shift = f[11];
    format.centre = f[12];
    format.spread = f[13];
    format.usual = f[14];
    format.table = f[15];
}

uintptr_t budget_begin(uintptr_t *w)
{
    NAMED(encoder) *encoder;
    take_format((const uint32_t *)w[FORMAT]);
    w[MEMORY_SIZE] = NAMED(encoder_size)(&format);
    return w[MEMORY] ? (uintptr_t)NAMED(encoder_init)((void *)w[MEMORY], w[MEMORY_SIZE], &format, NULL, 0, &encoder)
                     : NAMED(room)(&format);
}

uintptr_t budget_packet(uintptr_t *w)
{
    size_t size = 0;
    NAMED(encode)((NAMED(encoder) *)w[MEMORY], (const uint16_t *)w[CODES], w[FRAMES], w[KEY] ? FLAGS : 0, (uint8_t *)w[PACKET],
                  NAMED(room)(&format), &size);
    return size;
}
#else
#include "reference/reference.h"

uintptr_t budget_begin(uintptr_t *w)
{
#if defined(CODEC_rice)
    w[MEMORY_SIZE] = w[CHANNELS] * sizeof(n1_rice_state);
#elif defined(CODEC_lpc)
    w[MEMORY_SIZE] = w[CHANNELS] * sizeof(n1_lpc_state);
#else
    w[MEMORY_SIZE] = 0;
#endif
    return w[CHANNELS] * w[FRAMES] * N1_REFERENCE_MOST + 4;
}

uintptr_t budget_packet(uintptr_t *w)
{
    const uint16_t *codes = (const uint16_t *)w[CODES];
    uint8_t *packet = (uint8_t *)w[PACKET];
    const uint32_t channels = (uint32_t)w[CHANNELS], frames = (uint32_t)w[FRAMES];
#if defined(CODEC_rice)
    return n1_rice_encode((n1_rice_state *)w[MEMORY], codes, channels, frames, (int)w[KEY], packet);
#elif defined(CODEC_lpc)
    return n1_lpc_encode((n1_lpc_state *)w[MEMORY], (const int16_t *)w[TAPS], codes, channels, frames, (uint32_t)w[SINCE],
                         (int)w[KEY], packet);
#else
    return n1_raw_encode(codes, channels, frames, packet);
#endif
}
#endif
