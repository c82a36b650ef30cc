/* limits.h - the most codes of an alphabet: a length from the wire is checked against it before it is used. */
#ifndef N1_CONVERTER_LIMITS_H
#define N1_CONVERTER_LIMITS_H

#define N1_MAX_CODES 4096u /* after the lattice and the removal of raw low bits */

#endif
