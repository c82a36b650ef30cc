/* session.c - sessions: the same bytes and samples however frames are pushed, with every kernel; says what memory they take. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "session_decode.h"

enum { FRAMES = 203, MOST = 1 << 20 };
static const size_t packets[] = {70, 1, 32, 5, 95}; /* frames */
static uint64_t state = 1;

static uint32_t draw(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static void *room(size_t size)
{
    void *p = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    if (!p)
        abort();
    memset(p, (int)draw(256), size);
    return p;
}

static void must(int holds, const char *what, unsigned channels, int way)
{
    if (!holds) {
        printf("broken: %s (%u channels, way %d)\n", what, channels, way);
        exit(1);
    }
}

/* All packets, pushed in pieces of so many frames (0: at random). */
static size_t encode(const n1_session_setup *setup, n1_kernel kernel, const uint16_t *codes, size_t piece, uint8_t *out, size_t *sizes)
{
    const size_t need = n1_session_size(setup), channels = setup->params.channels;
    void *memory = room(need);
    n1_session *s;
    size_t at = 0;
    must(need && n1_session_init(memory, need - 1, setup, kernel, &s) == N1_ERROR_WORKSPACE, "small memory is refused", setup->params.channels, 0);
    must(n1_session_init(memory, need, setup, kernel, &s) == N1_OK, "a session begins", setup->params.channels, 0);
    for (size_t p = 0; p < sizeof packets / sizeof *packets; p++) {
        n1_session_begin(s, out + at, MOST - at);
        for (size_t f = 0; f < packets[p];) {
            size_t n = piece ? piece : draw(40);
            n = n < packets[p] - f ? n : packets[p] - f;
            must(n1_session_push(s, codes, n) == N1_OK, "frames are taken", setup->params.channels, (int)piece);
            codes += n * channels;
            f += n;
        }
        must(n1_session_end(s, &sizes[p]) == N1_OK, "a packet ends", setup->params.channels, (int)piece);
        at += sizes[p];
    }
    free(memory);
    return at;
}

static void check(unsigned channels, n1_sample_order order, n1_coder coder)
{
    state = 8 * channels + 2 * (unsigned)order + (unsigned)coder;
    uint16_t neighbour[4 * 100], *codes = room(sizeof *codes * FRAMES * channels), *back = room(sizeof *back * FRAMES * channels);
    uint8_t *first = room(MOST), *other = room(MOST);
    size_t sizes[5], again[5], all = 0;
    const int few = channels < 8;
    n1_session_setup setup = {{(uint16_t)channels, few ? 16 : 4, (uint8_t)(channels < 3 ? channels - 1 : 2), 1, 6, 1, {1024, 1, 0, 0, 8, 9, NULL, NULL}, neighbour, NULL}, order, coder, 95};
    for (unsigned c = 0; c < channels; c++)
        for (unsigned i = 0; i < setup.params.neighbours; i++)
            neighbour[c * setup.params.neighbours + i] = c > i ? (uint16_t)(c - i - 1) : (uint16_t)N1_NO_NEIGHBOUR;
    for (size_t i = 0; i < FRAMES * channels; i++)
        codes[i] = (uint16_t)(i < channels ? 500 : (codes[i - channels] * 7 + 500) / 8 + (int)draw(41) - 20);
    for (int k = 0; k < N1_KERNELS; k++) {
        if (!n1_kernel_available((n1_kernel)k))
            continue;
        for (int way = 0; way < 4; way++) {
            static const size_t pieces[] = {95, 1, 7, 0};
            const size_t size = encode(&setup, (n1_kernel)k, codes, pieces[way], all ? other : first, all ? again : sizes);
            must(!all || (size == all && !memcmp(first, other, all) && !memcmp(sizes, again, sizeof sizes)), "the same bytes", channels, way);
            all = size;
        }
        const size_t need = n1_read_session_size(&setup.params, order);
        void *memory = room(need);
        n1_read_session *s;
        must(n1_read_session_init(memory, need, &setup.params, order, coder, (n1_kernel)k, &s) == N1_OK, "a reader begins", channels, k);
        memset(back, 0, sizeof *back * FRAMES * channels);
        for (size_t p = 0, at = 0, f = 0; p < 5; at += sizes[p], f += packets[p], p++)
            must(n1_session_pull(s, first + at, sizes[p], back + f * channels, packets[p]) == N1_OK, "a packet is read", channels, (int)p);
        must(!memcmp(codes, back, sizeof *back * FRAMES * channels), "the same samples", channels, k);
        must(n1_read_session_init(memory, need, &setup.params, order, coder, (n1_kernel)k, &s) == N1_OK, "a reader begins", channels, k);
        must(n1_session_pull(s, first, sizes[0] / 2, back, packets[0]) != N1_OK, "a cut packet is refused", channels, k);
        free(memory);
    }
    printf("%u channels, order %d, coder %d: %zu bytes; writes in %zu bytes of memory, reads in %zu\n", channels, (int)order, (int)coder, all,
           n1_session_size(&setup), n1_read_session_size(&setup.params, order));
    free(codes);
    free(back);
    free(first);
    free(other);
}

int main(void)
{
    static const unsigned channels[] = {1, 4, 8, 33, 100};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int way = 0; way < 4; way++)
            check(channels[i], (n1_sample_order)(way / 2), (n1_coder)(way % 2));
    return 0;
}
