// integrity.cpp - checksums and hashes, and bytes on their way to the disk.
#if defined(__linux__)
#include <fcntl.h>
#endif

#include "binding.h"

namespace {

// Let the system begin to write what it holds of a file; what goes wrong is the next sync's to say.
void begin_sync(int descriptor, uint64_t start, uint64_t size)
{
#if defined(__linux__) && defined(SYNC_FILE_RANGE_WRITE)
    Unlocked unlocked;
    (void)sync_file_range(descriptor, static_cast<off64_t>(start), static_cast<off64_t>(size), SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor, (void)start, (void)size;
#endif
}

} // namespace

void bind_integrity(nb::module_ &m)
{
    m.def(
        "crc32c",
        [](nb::handle data, uint32_t crc) {
            Bytes bytes(data);
            Unlocked unlocked;
            return n1_crc32c(crc, bytes.data(), bytes.size());
        },
        nb::arg("data"), nb::arg("crc") = 0, "CRC32C of a buffer, going on from `crc`.");
    m.def(
        "crc32c_reference",
        [](nb::handle data, uint32_t crc) {
            Bytes bytes(data);
            Unlocked unlocked;
            return n1_crc32c_reference(crc, bytes.data(), bytes.size());
        },
        nb::arg("data"), nb::arg("crc") = 0, "CRC32C without the processor's instruction for it; for tests.");
    m.def(
        "xxh64",
        [](nb::handle data, uint64_t seed) {
            Bytes bytes(data);
            Unlocked unlocked;
            return n1_xxh64(bytes.data(), bytes.size(), seed);
        },
        nb::arg("data"), nb::arg("seed") = 0, "XXH64 of a buffer.");
    m.def("begin_sync", &begin_sync, nb::arg("descriptor"), nb::arg("start"), nb::arg("size"),
          "Let the system begin to write a part of a file to the disk, where it can be told so; 0 bytes: up to its end.");
}
