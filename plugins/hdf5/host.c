/* host.c - looking up functions of the HDF5 library that calls. The same on Linux, the BSDs and macOS, whose bundled
 * libraries (auditwheel's, delocate's) are not among the symbols that every library sees. */
#define _GNU_SOURCE /* dladdr, RTLD_DEFAULT */
#include "host.h"

#include <dlfcn.h>
#include <string.h>

/* Copy the address of a symbol of the library that begins at `base`. */
static int look_up(void *library, const void *base, const char *name, void *dst)
{
    void *found = dlsym(library, name);
    Dl_info info;

    if (!found || !dladdr(found, &info) || info.dli_fbase != base)
        return 0;
    memcpy(dst, &found, sizeof found); /* ISO C has no cast from objects to functions */
    return 1;
}

static int look_up_all(host *h, void *library, const void *base)
{
#define LOOK_UP(name) look_up(library, base, #name, &h->name)
    return LOOK_UP(H5get_libversion) && LOOK_UP(H5Pget_chunk) && LOOK_UP(H5Pget_nfilters) && LOOK_UP(H5Pget_filter2) &&
           LOOK_UP(H5Pmodify_filter) && LOOK_UP(H5Tget_class) && LOOK_UP(H5Tget_size) && LOOK_UP(H5Tget_order) &&
           LOOK_UP(H5Tget_sign) && LOOK_UP(H5Ecreate_stack) && LOOK_UP(H5Eset_current_stack) && LOOK_UP(H5Epush2) && LOOK_UP(H5E_ERR_CLS_g) && LOOK_UP(H5E_PLINE_g) &&
           LOOK_UP(H5E_CANTFILTER_g);
#undef LOOK_UP
}

int host_find(host *h, const void *address)
{
    unsigned major, minor, release;
    Dl_info info;

    if (!dladdr(address, &info) || !info.dli_fname)
        return 0;
    /* A program that HDF5 is linked into is no library that could be opened, but it may show its symbols. */
    void *library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    const int found = look_up_all(h, library ? library : RTLD_DEFAULT, info.dli_fbase);
    if (library)
        (void)dlclose(library);
    return found && h->H5get_libversion(&major, &minor, &release) >= 0 && (major > 1 || minor >= 10);
}

/* HDF5 2.0 takes no errors on its own stack while it reads through a filter, but another stack may take its place. */
void host_blame(const void *address, const char *reason)
{
    host h;

    if (!host_find(&h, address))
        return;
    const hid_t stack = h.H5Ecreate_stack();
    if (stack >= 0 && h.H5Epush2(stack, "n1codec", "n1", 0, *h.H5E_ERR_CLS_g, *h.H5E_PLINE_g, *h.H5E_CANTFILTER_g, "%s", reason) >= 0)
        (void)h.H5Eset_current_stack(stack); /* which closes it */
}
