/* references.h - encoder: which channels below it each is predicted from. */
#ifndef N1_MODES_CONTEXTS_REFERENCES_H
#define N1_MODES_CONTEXTS_REFERENCES_H
#include <stddef.h>
#include <stdint.h>

/* Of codes of n channels, frame after frame: how many references each has, N1_FORECAST_REFERENCES at most, and which. */
void n1_choose_references(const uint32_t *code, size_t n_frames, uint32_t n, uint8_t *references, uint16_t *reference);
#endif
