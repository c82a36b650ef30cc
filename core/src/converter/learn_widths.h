/* learn_widths.h - encoder: the relative widths of codes, from how often they occur. */
#ifndef N1_CONVERTER_LEARN_WIDTHS_H
#define N1_CONVERTER_LEARN_WIDTHS_H
#include "converter/alphabet.h"

#define N1_WIDTH_WORK 5u   /* numbers of work for each code */

/* Learn log-widths from a histogram of codes, of `counted` samples among all; returns 1 if they are worth their bits. `work` and the alphabet's log-widths
 * may be missing where there are fewer than N1_LEARNABLE samples. */
int n1_learn_widths(const uint32_t *hist, n1_alphabet *a, uint64_t *work, size_t counted, size_t all);
/* Choose between even widths, those of the N1 and learnt ones for codes of its lattice. */
void n1_choose_widths(const uint32_t *hist, n1_alphabet *a, uint64_t *work);
#endif
