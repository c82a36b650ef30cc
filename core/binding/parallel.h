// parallel.h - long bytes made, copied or seen by several threads at once, and their CRC. Called without the GIL.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

extern "C" {
#include "base/parts.h"
}

namespace parallel {

constexpr size_t LEAST = size_t{1} << 20; // bytes that are worth a thread
constexpr size_t PIECE = size_t{1} << 18; // bytes whose CRC is taken while they are at hand

// The CRC32C, going on from `crc`, of bytes of which `make(from, to)` makes those from the first up to the last. Each of the threads has a
// part, one of them is this; a thread that the system does not give is done without.
template <class Make> uint32_t crc32c(uint32_t crc, const uint8_t *data, size_t size, unsigned threads, Make make)
{
    const size_t parts = std::clamp<size_t>(size / LEAST, 1, std::max(threads, 1u));
    const auto edge = [&](size_t part) { return size / parts * part + std::min(size % parts, part); };
    std::vector<uint32_t> each(parts);
    const auto work = [&](size_t part) {
        for (size_t at = edge(part), end = edge(part + 1), to; at < end; at = to) {
            to = std::min(at + PIECE, end);
            make(at, to);
            each[part] = n1_crc32c(each[part], data + at, to - at);
        }
    };
    std::vector<std::thread> others;
    others.reserve(parts - 1);
    size_t given = 1;
    try {
        for (; given < parts; given++)
            others.emplace_back(work, given);
    } catch (const std::exception &) { // nor memory for one
    }
    work(0);
    for (size_t part = given; part < parts; part++)
        work(part);
    for (std::thread &other : others)
        other.join();
    for (size_t part = 0; part < parts; part++)
        crc = n1_crc32c_join(crc, each[part], edge(part + 1) - edge(part));
    return crc;
}

} // namespace parallel
