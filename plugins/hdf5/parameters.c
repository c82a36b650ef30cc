/* parameters.c - from a data set that is being made to the filter's parameters, or to the reason why not. */
#include "parameters.h"

/* The filter's place in a pipeline, and what its user asked for. */
typedef struct place {
    int at; /* -1: not there */
    unsigned flags;
    size_t n_values;
    unsigned values[N_PARAMETERS];
} place;

static int find_filter(const host *h, hid_t dcpl, place *p)
{
    const int n_filters = h->H5Pget_nfilters(dcpl);

    for (p->at = 0; p->at < n_filters; p->at++) {
        p->n_values = N_PARAMETERS;
        if (h->H5Pget_filter2(dcpl, (unsigned)p->at, &p->flags, &p->n_values, p->values, 0, NULL, NULL) == N1_HDF5_FILTER)
            return 1;
    }
    return 0;
}

static const char *read_level(const place *p, unsigned *level)
{
    *level = p->n_values ? p->values[AT_LEVEL] : N1_HDF5_LEVEL;
    if (*level < 1 || *level > N1_MAX_LEVEL)
        return "n1: the level must be from 1 to 9";
    return NULL;
}

static const char *read_type(const host *h, hid_t type, unsigned *sample)
{
    const int kind = h->H5Tget_class(type);
    const size_t width = h->H5Tget_size(type);

    if (kind == H5T_FLOAT)
        return "n1: codes integers, this data set holds floats: use shuffle and gzip for it";
    if (kind != H5T_INTEGER && kind != H5T_BITFIELD && kind != H5T_ENUM)
        return "n1: codes integers, this data set holds something else: use gzip for it";
    if (width < 1 || width > 4)
        return "n1: codes integers of 1 to 4 bytes, these are longer: use shuffle and gzip for them";
    const int order = width == 1 ? H5T_ORDER_NONE : h->H5Tget_order(type);
    if (width > 1 && order != H5T_ORDER_LE && order != H5T_ORDER_BE)
        return "n1: the samples' order of bytes is neither little- nor big-endian";
    *sample = (unsigned)width | (order == H5T_ORDER_BE ? SAMPLE_BIG_ENDIAN : 0u) |
              (kind != H5T_BITFIELD && h->H5Tget_sign(type) == H5T_SGN_2 ? SAMPLE_SIGNED : 0u);
    return NULL;
}

static const char *read_chunk(const host *h, hid_t dcpl, unsigned *frames, unsigned *channels)
{
    hsize_t sides[HOST_MAX_RANK], all = 1, last = 1;
    const int rank = h->H5Pget_chunk(dcpl, HOST_MAX_RANK, sides);

    if (rank < 1 || rank > HOST_MAX_RANK)
        return "n1: codes data sets that are stored in chunks: give it a chunk's shape";
    for (int i = 0; i < rank; i++) {
        if (!sides[i] || sides[i] > N1_MAX_VALUES / all)
            return "n1: a chunk must have from 1 to 1,073,741,824 samples";
        all *= sides[i];
        last = sides[i] > 1 ? sides[i] : last;
    }
    if (last == all) /* one axis */
        last = 1;
    if (last > N1_MAX_CHANNELS)
        return "n1: a chunk has more than 65,536 channels: time is to be the first axis, channels the last";
    *frames = (unsigned)(all / last);
    *channels = (unsigned)last;
    return NULL;
}

/* Make the parameters of a data set. */
static const char *make(const host *h, hid_t dcpl, hid_t type, place *p, unsigned values[N_PARAMETERS])
{
    const char *reason;

    if (!find_filter(h, dcpl, p))
        return "n1: is not among the data set's filters";
    if (p->at > 0)
        return "n1: must be the first filter, on the samples as they are: leave out shuffle and what else is before it";
    values[AT_VERSION] = PARAMETERS_VERSION;
    if ((reason = read_level(p, &values[AT_LEVEL])) || (reason = read_type(h, type, &values[AT_SAMPLE])))
        return reason;
    return read_chunk(h, dcpl, &values[AT_FRAMES], &values[AT_CHANNELS]);
}

int n1_hdf5_can_apply(hid_t dcpl, hid_t type, hid_t space)
{
    unsigned values[N_PARAMETERS];
    host h;
    place p;

    (void)space;
    if (!host_find(&h, CALLER))
        return -1; /* an HDF5 library that does not show its functions, or is older than 1.10: it can read alone */
    const char *reason = make(&h, dcpl, type, &p, values);
    if (!reason)
        return 1;
    host_blame(CALLER, reason);
    return -1; /* 0 would be passed over where the filter is optional, as h5py makes all */
}

int n1_hdf5_set_local(hid_t dcpl, hid_t type, hid_t space)
{
    unsigned values[N_PARAMETERS];
    host h;
    place p;

    (void)space;
    if (!host_find(&h, CALLER) || make(&h, dcpl, type, &p, values))
        return -1;
    return h.H5Pmodify_filter(dcpl, N1_HDF5_FILTER, p.flags, N_PARAMETERS, values);
}

const char *chunk_of_values(chunk *c, size_t n_values, const unsigned *values)
{
    if (n_values < N_PARAMETERS)
        return "n1: the data set's header lacks the filter's parameters";
    if (values[AT_VERSION] != PARAMETERS_VERSION)
        return "n1: the data set was written by a later version of this filter";
    const unsigned sample = values[AT_SAMPLE];
    static const n1_type types[2][4] = {{N1_UINT8, N1_UINT16, N1_UINT32, N1_UINT32}, {N1_INT8, N1_INT16, N1_INT32, N1_INT32}};
    c->level = values[AT_LEVEL] <= N1_MAX_LEVEL ? (int)values[AT_LEVEL] : 0;
    c->width = sample & SAMPLE_BYTES;
    c->big_endian = (sample & SAMPLE_BIG_ENDIAN) != 0;
    if (!c->level || c->width < 1 || c->width > 4 || sample > (SAMPLE_BYTES | SAMPLE_SIGNED | SAMPLE_BIG_ENDIAN))
        return "n1: the data set's header has parameters that the filter does not know";
    const n1_type type = types[(sample & SAMPLE_SIGNED) != 0][c->width - 1];
    c->shape = (n1_shape){values[AT_FRAMES], values[AT_CHANNELS], type};
    if (!c->shape.n_samples || !c->shape.n_channels || c->shape.n_channels > N1_MAX_CHANNELS ||
        c->shape.n_samples > N1_MAX_VALUES / c->shape.n_channels)
        return "n1: the data set's header has parameters beyond the filter's limits";
    return NULL;
}
