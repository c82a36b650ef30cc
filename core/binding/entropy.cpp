// entropy.cpp - entropy and run-length coders.
#include <memory>

#include "binding.h"

namespace {

using Workspace = std::unique_ptr<uint8_t[]>;

n1_layout layout_of(size_t bytes, unsigned itemsize, bool is_signed, size_t channels)
{
    n1_layout layout{itemsize ? bytes / itemsize : 0, channels, itemsize, is_signed};
    if (!n1_payload_bound(&layout) || bytes % itemsize)
        throw std::invalid_argument("samples have a layout that no coder takes");
    return layout;
}

// `coder(samples, layout, dst, capacity, written, workspace)` into new bytes.
template <class Coder> nb::bytes encode(nb::handle samples, const n1_layout &layout, size_t workspace_size, Coder coder)
{
    Bytes input(samples);
    size_t capacity = n1_payload_bound(&layout);
    return new_bytes(capacity, [&](uint8_t *dst, size_t *written) {
        Workspace workspace(new uint8_t[workspace_size]);
        return coder(input.data(), &layout, dst, capacity, written, workspace.get());
    });
}

// `coder(payload, length, samples, layout, workspace)` into the samples.
template <class Coder>
void decode(nb::handle payload, const WritableBytes &samples, const n1_layout &layout, size_t workspace_size,
            Coder coder)
{
    Bytes input(payload);
    n1_status status;
    {
        Unlocked unlocked;
        Workspace workspace(new uint8_t[workspace_size]);
        status = coder(input.data(), input.size(), samples.data(), &layout, workspace.get());
    }
    check(status);
}

size_t size_of(nb::handle samples)
{
    return Bytes(samples).size();
}

} // namespace

void bind_entropy(nb::module_ &m)
{
    m.def(
        "huffman_encode",
        [](nb::handle samples, unsigned itemsize, bool is_signed) {
            n1_layout layout = layout_of(size_of(samples), itemsize, is_signed, 1);
            return encode(samples, layout, n1_huffman_workspace(), n1_huffman_encode);
        },
        nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), "Huffman payload of native-endian samples.");
    m.def(
        "huffman_decode",
        [](nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed) {
            WritableBytes samples(out);
            n1_layout layout = layout_of(samples.size(), itemsize, is_signed, 1);
            decode(payload, samples, layout, n1_huffman_workspace(), n1_huffman_decode);
        },
        nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"),
        "Fill `out` with the samples of a Huffman payload.");
    m.def(
        "arithmetic_encode",
        [](nb::handle samples, unsigned itemsize, bool is_signed, bool adaptive) {
            n1_layout layout = layout_of(size_of(samples), itemsize, is_signed, 1);
            n1_model model = adaptive ? N1_MODEL_ADAPTIVE : N1_MODEL_STATIC;
            return encode(samples, layout, n1_arithmetic_workspace(),
                          [model](const void *input, const n1_layout *shape, uint8_t *dst, size_t capacity,
                                  size_t *written, void *workspace) {
                              return n1_arithmetic_encode(input, shape, model, dst, capacity, written, workspace);
                          });
        },
        nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("adaptive"),
        "Range coder payload of native-endian samples.");
    m.def(
        "arithmetic_decode",
        [](nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed) {
            WritableBytes samples(out);
            n1_layout layout = layout_of(samples.size(), itemsize, is_signed, 1);
            decode(payload, samples, layout, n1_arithmetic_workspace(), n1_arithmetic_decode);
        },
        nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"),
        "Fill `out` with the samples of a range coder payload of either model.");
    m.def(
        "rans_encode",
        [](nb::handle samples, unsigned itemsize, bool is_signed) {
            n1_layout layout = layout_of(size_of(samples), itemsize, is_signed, 1);
            return encode(samples, layout, n1_rans_workspace(), n1_rans_encode);
        },
        nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), "rANS payload of native-endian samples.");
    m.def(
        "rans_decode",
        [](nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed) {
            WritableBytes samples(out);
            n1_layout layout = layout_of(samples.size(), itemsize, is_signed, 1);
            decode(payload, samples, layout, n1_rans_workspace(), n1_rans_decode);
        },
        nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"),
        "Fill `out` with the samples of a rANS payload.");
    m.def(
        "rice_encode",
        [](nb::handle samples, unsigned itemsize, bool is_signed, size_t channels) {
            n1_layout layout = layout_of(size_of(samples), itemsize, is_signed, channels);
            return encode(samples, layout, n1_rice_workspace(&layout), n1_rice_encode);
        },
        nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
        "Golomb-Rice payload of native-endian samples.");
    m.def(
        "rice_decode",
        [](nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed, size_t channels) {
            WritableBytes samples(out);
            n1_layout layout = layout_of(samples.size(), itemsize, is_signed, channels);
            decode(payload, samples, layout, n1_rice_workspace(&layout), n1_rice_decode);
        },
        nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
        "Fill `out` with the samples of a Golomb-Rice payload.");
    m.def(
        "rle_encode",
        [](nb::handle samples, unsigned itemsize) {
            n1_layout layout = layout_of(size_of(samples), itemsize, false, 1);
            return encode(samples, layout, 0,
                          [](const void *input, const n1_layout *shape, uint8_t *dst, size_t capacity, size_t *written,
                             void *) {
                              return n1_rle_encode(input, shape, dst, capacity, written);
                          });
        },
        nb::arg("samples"), nb::arg("itemsize"), "Run-length payload of native-endian samples.");
    m.def(
        "rle_decode",
        [](nb::handle payload, nb::handle out, unsigned itemsize) {
            WritableBytes samples(out);
            n1_layout layout = layout_of(samples.size(), itemsize, false, 1);
            decode(payload, samples, layout, 0,
                   [](const uint8_t *src, size_t len, void *output, const n1_layout *shape, void *) {
                       return n1_rle_decode(src, len, output, shape);
                   });
        },
        nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"),
        "Fill `out` with the samples of a run-length payload.");
}
