/* The piecewise mode: values, widths and positions of codes. */
#include "modes/piecewise/piecewise.h"
#include "modes/piecewise/piece_law.h"

/* Widths add up to this at most, on average. */
static uint64_t most_positions(uint32_t n_codes) { return (uint64_t)n_codes << (N1_PIECE_Q + 2); }

void n1_piece_tables_take(n1_piece_tables *t, n1_arena *a)
{
    t->edge = n1_arena_take(a, t->wide + (t->wide > 0), sizeof *t->edge);
    t->at = n1_arena_take(a, t->wide ? (most_positions(t->wide) >> N1_PIECE_Q) + 1 : 0, sizeof *t->at);
    t->value = n1_arena_take(a, t->listed, sizeof *t->value);
    t->log_width = n1_arena_take(a, t->wide, sizeof *t->log_width);
}

int n1_piece_edges(n1_piece_channel *c)
{
    const int8_t *const log_width = c->most->log_width;
    const uint64_t most = most_positions(c->n_codes); /* not of the tables: an encoder's are larger than its block says */
    uint64_t at = 0;
    for (uint32_t i = 0; i < c->n_codes; i++) {
        c->edge[i] = (uint32_t)at;
        if (log_width[i] != N1_PIECE_ABSENT)
            at += n1_piece_power(8 * log_width[i] + (N1_PIECE_Q << 5));
    }
    if (at >= most)
        return 0;
    c->edge[c->n_codes] = (uint32_t)at;
    uint32_t code = 0;
    for (uint32_t p = 0; p <= at >> N1_PIECE_Q; p++) {
        while (code + 1 < c->n_codes && c->edge[code + 1] <= p << N1_PIECE_Q)
            code++;
        c->at[p] = code;
    }
    return 1;
}

uint32_t n1_piece_code_at(const n1_piece_channel *c, int64_t position)
{
    if (!c->widths) {
        const int64_t code = c->origin + ((position + (1 << (N1_PIECE_Q - 1))) >> N1_PIECE_Q);
        return code < 0 ? 0 : code >= c->n_codes ? c->n_codes - 1 : (uint32_t)code;
    }
    position += (c->edge[c->origin] + c->edge[c->origin + 1]) >> 1;
    if (position < 0)
        return 0;
    if (position >= c->edge[c->n_codes])
        return c->n_codes - 1;
    uint32_t code = c->at[position >> N1_PIECE_Q];
    while (c->edge[code + 1] <= position)
        code++;
    return code;
}

int64_t n1_piece_place(const n1_piece_channel *c, int64_t mu)
{
    const int64_t code = c->origin + (mu >> N1_PIECE_Q), part = mu & ((1 << N1_PIECE_Q) - 1);
    if (!c->widths)
        return mu;
    if (code < 0)
        return n1_piece_position(c, 0);
    if (code >= (int64_t)c->n_codes - 1)
        return n1_piece_position(c, c->n_codes - 1);
    const int64_t low = n1_piece_position(c, (uint32_t)code), high = n1_piece_position(c, (uint32_t)code + 1);
    return low + ((high - low) * part >> N1_PIECE_Q);
}
