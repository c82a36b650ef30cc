/* coder.h - which entropy coder the backward mode's masses go to. */
#ifndef N1_MODES_BACKWARD_CODER_H
#define N1_MODES_BACKWARD_CODER_H

/* rANS writes backwards, once all is known: a block. A range coder writes forwards, sample by sample: a stream. */
typedef enum { N1_CODER_RANS = 0, N1_CODER_RANGE = 1 } n1_coder;

#endif
