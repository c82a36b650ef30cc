// integrity.cpp - checksums and hashes, and bytes on their way to the disk.
#include <algorithm>

#if defined(__linux__)
#include <fcntl.h>
#endif

#include "binding.h"

extern "C" {
#include "base/parts.h"
}

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

// The XXH64 of samples that are there one after the other.
class Hash {
  public:
    explicit Hash(nb::handle data) : bytes_(data) { n1_xxh64_begin(&state_, 0); }
    void go_on(size_t there)
    {
        Unlocked unlocked;
        n1_xxh64_on(&state_, bytes_.data(), std::clamp(there, state_.seen, bytes_.size()));
    }
    uint64_t value()
    {
        Unlocked unlocked;
        return n1_xxh64_end(&state_, bytes_.data(), bytes_.size());
    }

  private:
    Bytes bytes_;
    n1_xxh64_state state_{};
};

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
    m.def("crc32c_join", &n1_crc32c_join, nb::arg("first"), nb::arg("last"), nb::arg("len"),
          "CRC32C of bytes of which it is that of the first and of the last `len`.");
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
    nb::class_<Hash>(m, "Hash", "The XXH64 of a buffer whose bytes come to be there one after the other.")
        .def(nb::init<nb::handle>(), nb::arg("data"))
        .def("go_on", &Hash::go_on, nb::arg("there"), "Take in the first so many bytes, as far as that was not done before.")
        .def("value", &Hash::value, "Take in all bytes: the hash.");
    m.def("begin_sync", &begin_sync, nb::arg("descriptor"), nb::arg("start"), nb::arg("size"),
          "Let the system begin to write a part of a file to the disk, where it can be told so; 0 bytes: up to its end.");
}
