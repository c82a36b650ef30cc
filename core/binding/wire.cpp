// wire.cpp - the documented bytes: envelopes, the blocks of files, and the division of the n1 coder's payload.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "binding.h"
#include "parallel.h"

extern "C" {
#include "base/bytes.h"
#include "base/varint.h"
#include "wire/envelope.h"
#include "wire/file_block.h"
#include "wire/payload.h"
}

namespace {

// What is wrong with encoded data, as the package's own error.
[[noreturn]] void raise_fault(n1_status status, const n1_fault &fault)
{
    std::string text = fault.what;
    if (fault.has_value)
        text += " " + std::to_string(fault.value);
    nb::object errors = nb::module_::import_("n1codec.errors");
    nb::object kind = errors.attr(status == N1_ERROR_TRUNCATED ? "TruncatedError" : "CorruptError");
    nb::object error = fault.at == N1_NOWHERE ? kind(text) : kind(text, fault.at);
    PyErr_SetObject(kind.ptr(), error.ptr());
    throw nb::python_error();
}

n1_span span_of(const Bytes &bytes) { return {bytes.data(), bytes.size()}; }

// Sides and a payload's parts, held while they are written.
class Content {
  public:
    Content(nb::sequence sides, nb::sequence parts, uint64_t samples_hash)
    {
        content_.n_sides = nb::len(sides);
        if (content_.n_sides > N1_MAX_TRANSFORMS)
            throw std::length_error("more transforms than a codec may have");
        for (size_t i = 0; i < content_.n_sides; i++)
            content_.side[i] = span_of(held_.emplace_back(nb::object(sides[i])));
        for (nb::handle part : parts)
            content_.payload.size += parts_.emplace_back(part).size();
        content_.samples_hash = samples_hash;
    }
    // Where the payload is once `put` has put it there.
    const n1_content &at(const uint8_t *place)
    {
        content_.payload.data = place;
        return content_;
    }
    const n1_content &get() const { return content_; }

    // The payload's bytes from the first up to the last.
    void put(uint8_t *dst, size_t from, size_t to) const
    {
        size_t begin = 0;
        for (const Bytes &part : parts_) {
            const size_t end = begin + part.size(), first = std::max(from, begin), last = std::min(to, end);
            if (first < last)
                memcpy(dst + first, part.data() + (first - begin), last - first);
            begin = end;
        }
    }

  private:
    std::deque<Bytes> held_, parts_;
    n1_content content_{};
};

nb::bytes piece(n1_span span) { return nb::bytes(span.data, span.size); }

// Where it begins and ends: long parts are seen in their place.
std::pair<size_t, size_t> place_in(const Bytes &whole, n1_span span)
{
    const size_t start = span.size ? static_cast<size_t>(span.data - whole.data()) : 0;
    return {start, start + span.size};
}

nb::tuple sides_of(const n1_content &content)
{
    nb::list sides;
    for (size_t i = 0; i < content.n_sides; i++)
        sides.append(piece(content.side[i]));
    return nb::tuple(sides);
}

void limited(size_t size)
{
    if (!size)
        throw std::length_error("more than the limits of the format allow");
}

nb::bytes envelope_pack(int code, const std::vector<size_t> &shape, nb::handle spec, nb::sequence sides, nb::sequence parts,
                        uint64_t samples_hash, unsigned threads)
{
    Content content(sides, parts, samples_hash);
    const Bytes text(spec);
    n1_envelope e{};
    n1_fault fault{};
    const uint8_t byte = static_cast<uint8_t>(code);
    if (!n1_dtype_valid(byte))
        throw std::invalid_argument("no such dtype code");
    (void)n1_dtype_read(byte, 3, &e.shape.dtype, &e.big_endian, &e.flat, &fault);
    if (shape.size() != (e.flat ? 1u : 2u))
        throw std::invalid_argument("shape and dtype code do not agree");
    e.shape.n_samples = shape[0];
    e.shape.n_channels = e.flat ? 1 : shape[1];
    e.spec = span_of(text);
    e.content = content.get();
    const size_t size = n1_envelope_size(&e);
    limited(size);
    return new_bytes(size, [&](uint8_t *dst, size_t *written) {
        uint8_t *const place = n1_envelope_write_head(&e, byte, dst);
        const size_t length = e.content.payload.size;
        const uint32_t head = n1_crc32c(0, dst, static_cast<size_t>(place - dst));
        const uint32_t crc = parallel::crc32c(head, place, length, threads, [&](size_t from, size_t to) { content.put(place, from, to); });
        (void)n1_seal_known(place + length, samples_hash, crc);
        *written = size;
        return N1_OK;
    });
}

nb::tuple envelope_open(nb::handle data, unsigned threads)
{
    const Bytes bytes(data);
    n1_envelope e;
    n1_fault fault{};
    n1_status status;
    {
        Unlocked unlocked;
        const size_t sealed = bytes.size() - std::min(bytes.size(), sizeof(uint32_t));
        const uint32_t crc = parallel::crc32c(0, bytes.data(), sealed, threads, [](size_t, size_t) {});
        status = n1_envelope_read_any(bytes.data(), bytes.size(), crc, &e, &fault);
    }
    if (status != N1_OK)
        raise_fault(status, fault);
    const int code = bytes.data()[3]; // whatever the core knows of it
    nb::object shape = e.flat ? nb::make_tuple(e.shape.n_samples) : nb::make_tuple(e.shape.n_samples, e.shape.n_channels);
    nb::str spec(reinterpret_cast<const char *>(e.spec.data), e.spec.size);
    return nb::make_tuple(code, shape, spec, sides_of(e.content), place_in(bytes, e.content.payload), e.content.samples_hash);
}

nb::bytes block_pack(nb::sequence sides, nb::sequence parts, const std::vector<uint64_t> &stretches, uint64_t samples_hash,
                     uint32_t salt)
{
    Content content(sides, parts, samples_hash);
    const size_t size = n1_file_block_size(&content.get(), stretches.size());
    limited(size);
    return new_bytes(size, [&](uint8_t *dst, size_t *written) {
        uint8_t *place = dst + n1_sides_size(&content.get());
        content.put(place, 0, content.get().payload.size);
        n1_file_block_write(&content.at(place), stretches.data(), stretches.size(), salt, dst);
        *written = size;
        return N1_OK;
    });
}

nb::tuple block_open(nb::handle data, size_t n_sides, size_t stretches, uint32_t salt)
{
    const Bytes bytes(data);
    n1_content content{};
    n1_fault fault{};
    n1_status status;
    if (n_sides > N1_MAX_TRANSFORMS)
        throw std::invalid_argument("more transforms than a codec may have");
    content.n_sides = n_sides;
    {
        Unlocked unlocked;
        status = n1_file_block_read(bytes.data(), bytes.size(), stretches, salt, &content, &fault);
    }
    if (status != N1_OK)
        raise_fault(status, fault);
    nb::list each;
    const uint8_t *p = content.payload.data + content.payload.size;
    for (size_t i = 0; stretches > 1 && i < stretches; i++)
        each.append(n1_load64(p + i * sizeof(uint64_t)));
    if (stretches == 1)
        each.append(content.samples_hash);
    return nb::make_tuple(sides_of(content), place_in(bytes, content.payload), each, content.samples_hash);
}

uint64_t block_check(nb::handle data, uint32_t salt)
{
    const Bytes bytes(data);
    uint64_t samples_hash = 0;
    n1_status status = N1_ERROR_CORRUPT;
    if (bytes.size() >= N1_TRAILER_BYTES) {
        Unlocked unlocked;
        status = n1_check_seal(bytes.data(), bytes.size(), salt, &samples_hash);
    }
    if (status != N1_OK)
        raise_fault(status, {"CRC mismatch: the block is damaged", 0, 0, N1_NOWHERE});
    return samples_hash;
}

// Byte strings one after the other, each after its length.
nb::bytes counted_pack(nb::sequence streams)
{
    std::deque<Bytes> held;
    size_t size = 0;
    for (nb::handle stream : streams) {
        const Bytes &bytes = held.emplace_back(stream);
        size += n1_varint_size(bytes.size()) + bytes.size();
    }
    return new_bytes(size, [&](uint8_t *p, size_t *written) {
        for (const Bytes &bytes : held) {
            p = n1_put_varint(p, bytes.size());
            if (bytes.size())
                memcpy(p, bytes.data(), bytes.size());
            p += bytes.size();
        }
        *written = size;
        return N1_OK;
    });
}

n1_shape n1_array(size_t n_samples, size_t n_channels)
{
    n1_shape shape{n_samples, n_channels, N1_INT8};
    if (!n_samples || !n_channels || !n1_array_shape_ok(&shape))
        throw std::invalid_argument("samples have a shape that n1 does not take");
    return shape;
}

// Frames and channels of each part: from the first up to the last.
nb::list parts_of(const n1_shape &shape, n1_cuts cuts)
{
    nb::list parts;
    for (size_t i = 0; i < n1_parts(cuts); i++) {
        const n1_payload_part part = n1_payload_part_at(&shape, cuts, i);
        nb::object columns = nb::none();
        if (cuts.halved)
            columns = nb::make_tuple(part.channel, part.channel + part.shape.n_channels);
        parts.append(nb::make_tuple(part.frame, part.frame + part.shape.n_samples, columns));
    }
    return parts;
}

nb::tuple payload_cuts(size_t n_samples, size_t n_channels, int level)
{
    const n1_shape shape = n1_array(n_samples, n_channels);
    const n1_cuts cuts = n1_payload_cuts(&shape, level);
    uint8_t head[1 + N1_MAX_VARINT_BYTES] = {0}, *const number = head + cuts.halved;
    const uint8_t *const end = n1_put_varint(number, cuts.blocks);
    return nb::make_tuple(nb::bytes(head, static_cast<size_t>(end - head)), parts_of(shape, cuts));
}

nb::tuple payload_open(nb::handle payload, size_t n_samples, size_t n_channels)
{
    const Bytes bytes(payload);
    const n1_shape shape = n1_array(n_samples, n_channels);
    n1_payload p;
    n1_fault fault{};
    n1_status status = n1_payload_open(&p, span_of(bytes), &shape, &fault);
    std::vector<std::pair<size_t, size_t>> blocks;
    for (size_t i = 0; status == N1_OK && i < n1_parts(p.cuts); i++) {
        n1_span block;
        if ((status = n1_payload_next(&p, &block)) == N1_OK)
            blocks.push_back(place_in(bytes, block));
    }
    if (status == N1_OK)
        status = n1_payload_close(&p);
    if (status != N1_OK)
        raise_fault(status, fault);
    return nb::make_tuple(parts_of(shape, p.cuts), blocks);
}

} // namespace

void bind_wire(nb::module_ &m)
{
    m.attr("ENVELOPE_VERSION") = N1_ENVELOPE_VERSION;
    m.attr("N1_MAX_VALUES") = N1_MAX_VALUES;
    m.attr("N1_MAX_CHANNELS") = N1_MAX_CHANNELS;
    m.attr("N1_MAX_SIDE") = N1_MAX_SIDE;
    m.attr("N1_MAX_PAYLOAD") = N1_MAX_PAYLOAD;
    m.def("envelope_pack", &envelope_pack, nb::arg("dtype_code"), nb::arg("shape"), nb::arg("spec"), nb::arg("sides"),
          nb::arg("parts"), nb::arg("samples_hash"), nb::arg("threads") = 1, "Envelope of what a pipeline made.");
    m.def("envelope_open", &envelope_open, nb::arg("data"), nb::arg("threads") = 1,
          "Check an envelope: dtype code, shape, specification, sides, where the payload is, and the hash of the samples.");
    m.def("block_pack", &block_pack, nb::arg("sides"), nb::arg("parts"), nb::arg("stretches"), nb::arg("samples_hash"),
          nb::arg("salt"), "Block of a file, with the hash of each stretch of its samples.");
    m.def("block_open", &block_open, nb::arg("data"), nb::arg("n_sides"), nb::arg("stretches"), nb::arg("salt"),
          "Check a block of a file of so many stretches: sides, where the payload is, the hash of each stretch, and that of all samples.");
    m.def("block_check", &block_check, nb::arg("data"), nb::arg("salt"),
          "Check a block's CRC and return the hash of its samples.");
    m.def("block_salt", &n1_block_salt, nb::arg("file_salt"), nb::arg("start"), nb::arg("bundle"),
          "With what the CRC of a file's block begins.");
    m.def(
        "frames_to_code",
        [](nb::handle samples, size_t n_frames) {
            Bytes bytes(samples);
            Unlocked unlocked;
            return n1_frames_to_code(bytes.data(), n_frames, n_frames ? bytes.size() / n_frames : 0);
        },
        nb::arg("samples"), nb::arg("n_frames"), "Frames up to the one that comes again to the end; all if few do.");
    m.def("counted_pack", &counted_pack, nb::arg("streams"), "Byte strings one after the other, each after its length.");
    m.def("n1_cuts", &payload_cuts, nb::arg("n_samples"), nb::arg("n_channels"), nb::arg("level"),
          "How an encoder cuts samples: what a payload begins with, and the frames and channels of each part.");
    m.def("n1_open", &payload_open, nb::arg("payload"), nb::arg("n_samples"), nb::arg("n_channels"),
          "The frames and channels of each part of a payload, and where each block begins and ends.");
}
