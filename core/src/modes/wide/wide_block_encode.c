/* The wide mode's end of a block, encoder: what is fitted, then what follows from it. */
#include "base/status.h"
#include "modes/part.h"
#include "modes/wide/wide_block_encode.h"

uint64_t n1_wide_encode_measure(const n1_wide_effort *effort, size_t n_channels, size_t n_samples, uint8_t sets, uint64_t mark)
{
    n1_arena a = n1_arena_measure();
    n1_wide_params p;
    n1_wide_fit fit;
    n1_wide_writer w;
    a.used = mark;
    n1_wide_counts(&p, effort, n_channels, n_samples);
    p.widths.sets = sets;
    n1_wide_params_take(&p, &a);
    (void)n1_arena_take(&a, p.channels, sizeof *p.rest);
    const uint64_t later = a.used;
    n1_wide_fit_take(&fit, &a, &p, effort, n_samples);
    a.used = later; /* what was fitted is not needed once more */
    n1_wide_writer_take(&w, &a, &p, n_samples);
    return a.most;
}

static n1_status fit_block(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples,
                           const n1_encode_kernels *k, n1_arena a, n1_wide_writer *w)
{
    n1_wide_fit fit;
    uint8_t *const set = p->set;
    n1_wide_params_take(p, &a);
    p->rest = n1_arena_take(&a, p->channels, sizeof *p->rest);
    p->set = set;
    n1_arena later = a;
    n1_wide_fit_take(&fit, &a, p, effort, n_samples);
    if (!n1_arena_holds(&a)) return N1_ERROR_INTERNAL;
    n1_wide_choose(p, effort, codes, n_samples, k, &fit);
    w->unlike = N1_UNLIKE_CHANNELS && !p->known ? n1_wide_unlike(p, &fit) : 0;
    n1_wide_fit_taps(p, codes, n_samples, k, &fit);
    n1_wide_writer_take(w, &later, p, n_samples);
    return w->s ? N1_OK : N1_ERROR_INTERNAL;
}

n1_status n1_wide_encode_block(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples,
                               const n1_encode_kernels *k, n1_arena a, uint8_t *dst, size_t capacity, size_t *written,
                               n1_wide_writer *w)
{
    n1_status status = fit_block(p, effort, codes, n_samples, k, a, w);
    if (status == N1_OK) status = n1_wide_params_write(p, dst, capacity, &w->params);
    if (status == N1_OK) status = n1_wide_encode(w, p, k, codes, n_samples, dst + w->params, capacity - w->params, written);
    *written += w->params;
    return status;
}

n1_status n1_wide_learn_block(n1_wide_params *p, const n1_wide_effort *effort, const uint16_t *codes, size_t n_samples,
                              const n1_encode_kernels *k, n1_arena a, n1_wide_writer *w)
{
    const n1_status status = fit_block(p, effort, codes, n_samples, k, a, w);
    if (status != N1_OK) return status;
    n1_wide_init(w->s, p);
    n1_wide_begin(w->s, p);
    n1_wide_masses(w, k, codes, n_samples);
    return status;
}
