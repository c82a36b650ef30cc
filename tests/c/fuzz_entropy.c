/* fuzz_entropy.c - hostile payloads and tight buffers for the entropy and run-length coders.
 *
 * `make fuzz` builds it under the address and undefined-behaviour sanitizers and runs it.
 * The arguments are the number of mutants for each coder and the seed. It checks for every one of them that
 *   - an honest payload decodes to what was encoded, and encoding into any smaller buffer says so and stays within it;
 *   - a mutant gives a status, reads and writes nothing else (exact-size heap blocks), and does so whatever the
 *     workspace held before.
 */
#include "signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HUFFMAN, ADAPTIVE, STATIC, RANS, RICE, RLE, CODERS };

static const char *const names[CODERS] = {"huffman", "arithmetic adaptive", "arithmetic static", "rans", "rice", "rle"};

static void require(int condition, const char *coder, const char *promise)
{
    if (!condition) {
        fprintf(stderr, "%s: %s\n", coder, promise);
        abort();
    }
}

static size_t workspace_size(int coder, const n1_layout *layout)
{
    switch (coder) {
    case HUFFMAN: return n1_huffman_workspace();
    case ADAPTIVE:
    case STATIC: return n1_arithmetic_workspace();
    case RANS: return n1_rans_workspace();
    case RICE: return n1_rice_workspace(layout);
    default: return 0;
    }
}

static n1_status encode(int coder, const void *samples, const n1_layout *layout, uint8_t *dst, size_t capacity,
                        size_t *written, void *workspace)
{
    switch (coder) {
    case HUFFMAN: return n1_huffman_encode(samples, layout, dst, capacity, written, workspace);
    case ADAPTIVE: return n1_arithmetic_encode(samples, layout, N1_MODEL_ADAPTIVE, dst, capacity, written, workspace);
    case STATIC: return n1_arithmetic_encode(samples, layout, N1_MODEL_STATIC, dst, capacity, written, workspace);
    case RANS: return n1_rans_encode(samples, layout, dst, capacity, written, workspace);
    case RICE: return n1_rice_encode(samples, layout, dst, capacity, written, workspace);
    default: return n1_rle_encode(samples, layout, dst, capacity, written);
    }
}

static n1_status decode(int coder, const uint8_t *src, size_t len, void *samples, const n1_layout *layout,
                        void *workspace)
{
    switch (coder) {
    case HUFFMAN: return n1_huffman_decode(src, len, samples, layout, workspace);
    case ADAPTIVE:
    case STATIC: return n1_arithmetic_decode(src, len, samples, layout, workspace);
    case RANS: return n1_rans_decode(src, len, samples, layout, workspace);
    case RICE: return n1_rice_decode(src, len, samples, layout, workspace);
    default: return n1_rle_decode(src, len, samples, layout);
    }
}

/* Samples of a random kind and size: mostly small ones around a centre, with runs and outliers. */
static void fill(uint8_t *samples, const n1_layout *layout)
{
    uint32_t spread = 1u << rng(rng(3) ? 8 : 31), centre = rng(0xFFFFFFFFu), value = centre;
    uint32_t repeat = rng(4) ? 0 : 80, outlier = rng(3) ? 0 : 5;

    for (size_t i = 0; i < layout->size; i++) {
        if (rng(100) >= repeat)
            value = rng(100) < outlier ? rng(0xFFFFFFFFu) : centre + rng(spread) + rng(spread);
        memcpy(samples + i * layout->itemsize,
               &(uint8_t[4]){(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)},
               layout->itemsize);
    }
}

static size_t mutate(uint8_t *payload, size_t len, size_t room)
{
    for (uint32_t edits = 1 + rng(3); edits--;) {
        switch (rng(6)) {
        case 0: len = rng((uint32_t)len + 1); break;
        case 1:
            while (len < room && rng(4))
                payload[len++] = (uint8_t)rng(256);
            break;
        case 2:
            if (len)
                payload[rng((uint32_t)len)] = (uint8_t)rng(256);
            break;
        case 3:
            for (uint32_t i = rng(8); len && i--;)
                payload[rng((uint32_t)(len < 40 ? len : 40))] = (uint8_t)rng(256);
            break;
        case 4:
            for (uint32_t i = len ? rng((uint32_t)len) : 0; i < len; i++)
                payload[i] = (uint8_t)rng(256);
            break;
        default:
            if (len)
                payload[rng((uint32_t)len)] ^= (uint8_t)(1u << rng(8));
            break;
        }
    }
    return len;
}

/* Two workspaces with different contents: first this rubbish, later what other calls left. */
static uint8_t *workspaces[2];

static void make_workspaces(int coder, const n1_layout *layout)
{
    size_t size = workspace_size(coder, layout);

    for (int i = 0; i < 2; i++) {
        free(workspaces[i]);
        workspaces[i] = malloc(size + !size);
        memset(workspaces[i], i ? 0xA5 : 0x3C, size);
    }
}

/* Decode an exact-size copy of a payload into an exact-size block, with either workspace. */
static n1_status decode_twice(int coder, const uint8_t *payload, size_t len, uint8_t *out, const n1_layout *layout)
{
    size_t bytes = layout->size * layout->itemsize;
    uint8_t *copy = malloc(len + !len), *again = malloc(bytes);

    memcpy(copy, payload, len);
    n1_status status = decode(coder, copy, len, out, layout, workspaces[0]);
    require(decode(coder, copy, len, again, layout, workspaces[1]) == status, names[coder],
            "the workspace decides the status");
    require(status != N1_OK || !memcmp(out, again, bytes), names[coder], "the workspace decides the samples");
    free(copy);
    free(again);
    return status;
}

static void one_array(int coder, uint32_t mutants, uint32_t *accepted)
{
    n1_layout layout = {0, 1 + (rng(3) ? 0 : rng(7)), 1u << rng(3), (int)rng(2)};
    layout.size = layout.channels * (1 + rng(rng(8) ? 40 : 3000));
    size_t bytes = layout.size * layout.itemsize, bound = n1_payload_bound(&layout), written = 0, ignored = 0;
    uint8_t *samples = malloc(bytes), *payload = malloc(bound), *out = malloc(bytes), *mutant = malloc(bound + 64);

    if (coder == RICE)
        make_workspaces(coder, &layout);
    uint8_t *workspace = workspaces[0];
    fill(samples, &layout);
    require(encode(coder, samples, &layout, payload, bound, &written, workspace) == N1_OK, names[coder],
            "cannot encode");
    require(written <= bound, names[coder], "exceeds the bound");
    require(decode_twice(coder, payload, written, out, &layout) == N1_OK, names[coder],
            "does not decode its own payload");
    require(!memcmp(samples, out, bytes), names[coder], "decodes to something else");
    for (int i = 0; i < 4; i++) {
        size_t capacity = rng((uint32_t)written);
        uint8_t *tight = malloc(capacity + !capacity);
        require(encode(coder, samples, &layout, tight, capacity, &ignored, workspace) == N1_ERROR_DST_TOO_SMALL,
                names[coder], "fits where it cannot");
        free(tight);
    }
    uint8_t *snug = malloc(written);
    require(encode(coder, samples, &layout, snug, written, &ignored, workspace) == N1_OK && ignored == written &&
                !memcmp(snug, payload, written),
            names[coder], "depends on the capacity");
    free(snug);
    for (uint32_t i = 0; i < mutants; i++) {
        memcpy(mutant, payload, written);
        *accepted += decode_twice(coder, mutant, mutate(mutant, written, bound + 64), out, &layout) == N1_OK;
    }
    free(samples);
    free(payload);
    free(out);
    free(mutant);
}

int main(int argc, char **argv)
{
    uint32_t mutants = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20000;

    for (int coder = 0; coder < CODERS; coder++) {
        uint32_t accepted = 0;
        make_workspaces(coder, &(n1_layout){1, 1, 1, 0});
        rng_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
        for (uint32_t done = 0; done < mutants; done += 50)
            one_array(coder, 50, &accepted);
        printf("%s: %u mutants, %u of them valid payloads\n", names[coder], mutants, accepted);
    }
    free(workspaces[0]);
    free(workspaces[1]);
    return 0;
}
