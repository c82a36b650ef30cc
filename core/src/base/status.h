/* status.h - what one part of an encoder says to another, besides the statuses of n1/n1.h. */
#ifndef N1_BASE_STATUS_H
#define N1_BASE_STATUS_H

#include "n1/n1.h"

/* No error: this mode has no way to code these samples, or its bytes would be more than the samples'. Another takes them;
 * it never leaves the core. */
#define N1_NOT_APPLICABLE ((n1_status)64)

#endif
