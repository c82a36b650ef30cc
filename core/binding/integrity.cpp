// integrity.cpp - checksums and hashes.
#include "binding.h"

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
}
