/* hash_coders.c - what the entropy coders and transforms give, in one number each: to compare machines and compilers.
 *
 * From the root of the repository:
 *   cc -std=c11 -O2 -ffp-contract=off -Icore/include -Icore/src -o hash_coders tests/c/hash_coders.c \
 *      $(find core/src -name '*.c')
 *   ./hash_coders
 * Each is undone again and compared with the samples. All lines must be the same everywhere.
 */
#include "digest.h"
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_FRAMES = 613, N_CHANNELS = 3, N = N_FRAMES * N_CHANNELS, ROOM = 16 * N };
enum { HUFFMAN, STATIC, ADAPTIVE, RANS, RICE, RLE, CODERS };

static void *samples, *out, *other; /* N values of any type */
static int32_t rows[N], back[N], scratch[N];
static uint8_t bytes[ROOM];
static const char *what;

static void require(int condition)
{
    if (!condition) {
        fprintf(stderr, "%s does not come back\n", what);
        exit(1);
    }
}

static uint64_t entropy(int coder, n1_type type, int kind, uint64_t before)
{
    const n1_shape s = {N_FRAMES, N_CHANNELS, type};
    const n1_layout layout = {N, N_CHANNELS, (unsigned)itemsize(type), !((unsigned)type & 1)};
    size_t written = 0;
    int failed = 0;
    static const size_t most = (size_t)1 << 22;
    void *work = malloc(most);
    require(work && n1_huffman_workspace() <= most && n1_arithmetic_workspace() <= most && n1_rans_workspace() <= most);
    make_signal(samples, &s, kind);
    memset(out, 0, 4 * N);
    switch (coder) {
    case HUFFMAN:
        failed = n1_huffman_encode(samples, &layout, bytes, ROOM, &written, work) ||
                 n1_huffman_decode(bytes, written, out, &layout, work);
        break;
    case STATIC:
    case ADAPTIVE:
        failed = n1_arithmetic_encode(samples, &layout, coder == STATIC ? N1_MODEL_STATIC : N1_MODEL_ADAPTIVE, bytes,
                                      ROOM, &written, work) ||
                 n1_arithmetic_decode(bytes, written, out, &layout, work);
        break;
    case RANS:
        failed = n1_rans_encode(samples, &layout, bytes, ROOM, &written, work) ||
                 n1_rans_decode(bytes, written, out, &layout, work);
        break;
    case RICE:
        failed = n1_rice_encode(samples, &layout, bytes, ROOM, &written, work) ||
                 n1_rice_decode(bytes, written, out, &layout, work);
        break;
    default:
        failed = n1_rle_encode(samples, &layout, bytes, ROOM, &written) || n1_rle_decode(bytes, written, out, &layout);
        break;
    }
    require(!failed && !memcmp(samples, out, N * itemsize(type)));
    free(work);
    return n1_xxh64(bytes, written, before);
}

static uint64_t prediction(n1_type type, uint64_t h)
{
    enum { BLOCK = 200, BLOCKS = N_CHANNELS * ((N_FRAMES - 1) / BLOCK + 1), ORDER = 6 };
    uint8_t order[BLOCKS], shift[BLOCKS];
    int32_t centre[BLOCKS], coefficient[BLOCKS * ORDER];
    int64_t moments[ORDER + 1][ORDER + 1];
    size_t n = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        order[i] = (uint8_t)rng(ORDER + 1);
        shift[i] = (uint8_t)rng(13);
        centre[i] = (int32_t)rng(2000) - 1000;
        for (size_t j = 0; j < order[i]; j++)
            coefficient[n++] = (int32_t)rng(2 * 8192) - 8192;
    }
    const n1_lpc lpc = {N_FRAMES, N_CHANNELS, BLOCK, 8u * (unsigned)itemsize(type), order, shift, centre, coefficient, n};
    require(!n1_lpc_residual(&lpc, rows, back));
    h = digest(h, back, N, 4);
    require(!n1_lpc_restore(&lpc, back) && !memcmp(rows, back, sizeof rows));
    if (n1_lpc_moments(rows, 100, 400, 7, 9, ORDER, moments[0]) == N1_OK)
        h = digest(h, moments, sizeof moments / 8, 8);
    return h;
}

/* All transforms of samples of a type. */
static uint64_t transforms(n1_type type, int kind, uint64_t h)
{
    const n1_shape s = {N_FRAMES, N_CHANNELS, type};
    const unsigned size = (unsigned)itemsize(type);
    size_t used = 0;
    make_signal(samples, &s, kind);
    n1_split_rows(samples, type, N_FRAMES, N_CHANNELS, rows);
    h = digest(h, rows, N, 4);
    h = prediction(type, h);
    memcpy(back, rows, sizeof rows);
    require(!n1_wavelet_forward(back, N_FRAMES, N_CHANNELS, 5, 8 * size, scratch));
    h = digest(h, back, N, 4);
    require(!n1_wavelet_inverse(back, N_FRAMES, N_CHANNELS, 5, 8 * size, scratch));
    n1_join_rows(back, type, N_FRAMES, N_CHANNELS, out);
    require(!memcmp(samples, out, N * size));

    const unsigned k = n1_expgolomb_best_order(rows, N);
    require(n1_expgolomb_bound(N, k) <= ROOM);
    size_t written = n1_expgolomb_encode(rows, N, k, bytes);
    h = n1_xxh64(bytes, written, h + k);
    require(!n1_expgolomb_decode(bytes, written, k, back, N, &used) && used == written && !memcmp(rows, back, sizeof rows));

    require(n1_bitpack_bound(N, type, 100) <= ROOM);
    written = n1_bitpack(samples, type, N, 100, bytes);
    h = n1_xxh64(bytes, written, h);
    require(!n1_bitunpack(bytes, written, type, N, 100, out) && !memcmp(samples, out, N * size));

    require(!n1_byte_shuffle(samples, N, size, bytes) && !n1_byte_unshuffle(bytes, N, size, out));
    h = n1_xxh64(bytes, N * size, h);
    require(!memcmp(samples, out, N * size));
    require(!n1_bit_shuffle(samples, N, size, bytes) && !n1_bit_unshuffle(bytes, N, size, out));
    h = n1_xxh64(bytes, (N + 7) / 8 * 8 * size, h);
    require(!memcmp(samples, out, N * size));

    require(!n1_channel_residual(samples, type, N_FRAMES, N_CHANNELS, 2, 13, out));
    h = digest(h, out, N, size);
    require(!n1_channel_restore(out, type, N_FRAMES, N_CHANNELS, 2, 13, other) && !memcmp(samples, other, N * size));
    require(!n1_running_sums(samples, size, N_FRAMES, N_CHANNELS, out));
    h = digest(h, out, N, size);
    return h;
}

/* Which values occur, and exchanging them for their ranks. */
static uint64_t lattice(uint64_t h)
{
    static uint8_t seen[65536];
    static int32_t rank[65536], value[65536];
    const n1_shape s = {N_FRAMES, N_CHANNELS, N1_INT16};
    int32_t n = 0;
    make_signal(samples, &s, 3);
    require(!n1_mark_values(samples, N1_INT16, N, -32768, seen, sizeof seen));
    for (int32_t i = 0; i < 65536; i++)
        if (seen[i]) {
            rank[i] = n;
            value[n++] = i - 32768;
        }
    h = digest(h, value, (size_t)n, 4);
    require(!n1_map_values(samples, N1_INT16, N, -32768, rank, 65536, out, N1_UINT16));
    h = digest(h, out, N, 2);
    require(!n1_map_values(out, N1_UINT16, N, 0, value, (size_t)n, other, N1_INT16) && !memcmp(samples, other, 2 * N));
    return h;
}

static void show(uint64_t h) { printf("%s %016llx\n", what, (unsigned long long)h); }

int main(void)
{
    static const char *const names[CODERS] = {"huffman", "arithmetic static", "arithmetic adaptive", "rans", "rice", "rle"};
    uint64_t h = 0;
    samples = malloc(4 * N);
    out = malloc(4 * N);
    other = malloc(4 * N);
    if (!samples || !out || !other)
        return 1;
    for (int coder = 0; coder < CODERS; coder++, h = 0) {
        what = names[coder];
        rng_state = 1;
        for (int type = N1_INT8; type <= N1_UINT32; type++)
            for (int kind = 0; kind < SIGNAL_KINDS; kind++)
                h = entropy(coder, (n1_type)type, kind, h);
        show(h);
    }
    what = "transforms";
    for (int type = N1_INT8; type <= N1_UINT32; type++)
        for (int kind = 0; kind < SIGNAL_KINDS; kind++)
            h = transforms((n1_type)type, kind, h);
    show(h);
    what = "lattice";
    show(lattice(0));
    what = "crc32c";
    for (uint32_t i = 0; i < ROOM; i++)
        bytes[i] = (uint8_t)rng(256);
    require(n1_crc32c(0, bytes, ROOM) == n1_crc32c_reference(0, bytes, ROOM));
    show(n1_crc32c(0, bytes, ROOM - 3));
    free(samples);
    free(out);
    free(other);
    return 0;
}
