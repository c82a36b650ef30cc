/* cursor.h - reading numbers and counted bytes from memory, and saying what is wrong and where. */
#ifndef N1_WIRE_CURSOR_H
#define N1_WIRE_CURSOR_H

#include "base/varint.h"
#include "n1/codec.h"

typedef struct n1_cursor {
    const uint8_t *start, *p, *end;
    n1_fault *fault; /* or NULL */
} n1_cursor;

/* Fill in a fault, if there is one to fill in, and return the status. */
static inline n1_status n1_blame(n1_fault *fault, n1_status status, const char *what, uint64_t at)
{
    const n1_fault said = {what, 0, 0, at};

    if (fault)
        *fault = said;
    return status;
}

static inline n1_status n1_blame_value(n1_fault *fault, n1_status status, const char *what, uint64_t value, uint64_t at)
{
    const n1_fault said = {what, value, 1, at};

    if (fault)
        *fault = said;
    return status;
}

static inline uint64_t n1_cursor_at(const n1_cursor *c)
{
    return (uint64_t)(c->p - c->start);
}

/* A number of at most `limit`. short_of and beyond say what is wrong where it is cut short or is none. */
static inline n1_status n1_cursor_number(n1_cursor *c, uint64_t limit, const char *short_of, const char *beyond,
                                         uint64_t *value)
{
    const uint64_t at = n1_cursor_at(c);
    const n1_status status = n1_get_varint(&c->p, c->end, limit, value);

    if (status == N1_ERROR_TRUNCATED)
        return n1_blame(c->fault, status, short_of, n1_cursor_at(c));
    return status == N1_OK ? N1_OK : n1_blame(c->fault, status, beyond, at);
}

/* The next bytes. */
static inline n1_status n1_cursor_take(n1_cursor *c, uint64_t size, const char *short_of, n1_span *span)
{
    if (size > (uint64_t)(c->end - c->p))
        return n1_blame(c->fault, N1_ERROR_TRUNCATED, short_of, (uint64_t)(c->end - c->start));
    span->data = c->p;
    span->size = (size_t)size;
    c->p += size;
    return N1_OK;
}

#endif
