/* host.h - what the filter needs of the HDF5 library that calls it, without its headers and without linking to it.
 *
 * A process may have several HDF5 libraries at once (h5py's wheel brings one, the system's tools have another, MATLAB its
 * own), and all of them share one copy of this plugin. So functions are looked up in the very library that called: the
 * one that the return address of the callback lies in. Types and numbers below are those of HDF5's documented interface,
 * which do not change from 1.10 to 2.0.
 */
#ifndef N1_HDF5_HOST_H
#define N1_HDF5_HOST_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t hid_t; /* HDF5 1.8 has an int here: host_find refuses it */
typedef uint64_t hsize_t;

/* H5Zpublic.h */
enum { H5Z_CLASS_T_VERS = 1, H5Z_FLAG_REVERSE = 0x0100 };
typedef struct h5z_class {
    int version;
    int id;
    unsigned encoder_present, decoder_present;
    const char *name;
    int (*can_apply)(hid_t dcpl, hid_t type, hid_t space);
    int (*set_local)(hid_t dcpl, hid_t type, hid_t space);
    size_t (*filter)(unsigned flags, size_t n_values, const unsigned *values, size_t n_bytes, size_t *capacity, void **buffer);
} h5z_class;

/* H5Tpublic.h */
enum { H5T_INTEGER = 0, H5T_FLOAT = 1, H5T_BITFIELD = 4, H5T_ENUM = 8 };
enum { H5T_ORDER_LE = 0, H5T_ORDER_BE = 1, H5T_ORDER_NONE = 4 };
enum { H5T_SGN_2 = 1 };

#define HOST_MAX_RANK 32

typedef struct host {
    int (*H5get_libversion)(unsigned *major, unsigned *minor, unsigned *release);
    int (*H5Pget_chunk)(hid_t dcpl, int max_rank, hsize_t *sides);
    int (*H5Pget_nfilters)(hid_t dcpl);
    int (*H5Pget_filter2)(hid_t dcpl, unsigned at, unsigned *flags, size_t *n_values, unsigned *values, size_t name_size,
                          char *name, unsigned *config);
    int (*H5Pmodify_filter)(hid_t dcpl, int id, unsigned flags, size_t n_values, const unsigned *values);
    int (*H5Tget_class)(hid_t type);
    size_t (*H5Tget_size)(hid_t type);
    int (*H5Tget_order)(hid_t type);
    int (*H5Tget_sign)(hid_t type);
    hid_t (*H5Ecreate_stack)(void);
    int (*H5Eset_current_stack)(hid_t stack);
    int (*H5Epush2)(hid_t stack, const char *file, const char *function, unsigned line, hid_t errors, hid_t major,
                    hid_t minor, const char *format, ...);
    const hid_t *H5E_ERR_CLS_g, *H5E_PLINE_g, *H5E_CANTFILTER_g;
} host;

/* Find them all in the library that an address lies in; 0 if it has not all, or is older than 1.10. */
int host_find(host *h, const void *address);

/* Put a reason on the error stack of the library that an address lies in, if that can be had: it is the innermost of what
 * HDF5 then reports. */
void host_blame(const void *address, const char *reason);

/* The address that a callback returns to. */
#define CALLER __builtin_return_address(0)

#endif
