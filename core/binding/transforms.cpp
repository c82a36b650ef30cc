// transforms.cpp - kernels of the reversible transforms. Arrays come contiguous and of the right type from Python;
// lengths are checked here, so that no call from Python reaches outside an array.
#include <nanobind/ndarray.h>

#include <cstring>
#include <vector>

#include "binding.h"

namespace {

template <typename T> using Array = nb::ndarray<T, nb::c_contig, nb::device::cpu>;
using AnyArray = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
using AnyOutput = nb::ndarray<nb::c_contig, nb::device::cpu>;

void require(bool condition, const char *what)
{
    if (!condition)
        throw std::invalid_argument(what);
}

n1_type type_of(nb::dlpack::dtype dtype)
{
    const auto code = static_cast<nb::dlpack::dtype_code>(dtype.code);
    require(code == nb::dlpack::dtype_code::Int || code == nb::dlpack::dtype_code::UInt, "not an array of integers");
    require(dtype.bits == 8 || dtype.bits == 16 || dtype.bits == 32, "not integers of 1, 2 or 4 bytes");
    const int width = dtype.bits == 8 ? 0 : dtype.bits == 16 ? 2 : 4;
    return static_cast<n1_type>(width + (code == nb::dlpack::dtype_code::UInt ? 1 : 0));
}

void bind_values(nb::module_ &m)
{
    m.def(
        "mark_values",
        [](AnyArray samples, int64_t base, Array<uint8_t> seen) {
            const n1_type type = type_of(samples.dtype());
            Unlocked unlocked;
            check(n1_mark_values(samples.data(), type, samples.size(), base, seen.data(), seen.size()));
        },
        nb::arg("samples"), nb::arg("base"), nb::arg("seen"), "Set seen[v - base] for each value v.");
    m.def(
        "map_values",
        [](AnyArray samples, int64_t base, Array<const int32_t> table, AnyOutput out) {
            require(samples.size() == out.size(), "sizes differ");
            const n1_type type = type_of(samples.dtype()), out_type = type_of(out.dtype());
            Unlocked unlocked;
            check(n1_map_values(samples.data(), type, samples.size(), base, table.data(), table.size(), out.data(),
                                out_type));
        },
        nb::arg("samples"), nb::arg("base"), nb::arg("table"), nb::arg("out"), "out = table[samples - base].");
    m.def(
        "expgolomb_best_order",
        [](Array<const int32_t> values) { return n1_expgolomb_best_order(values.data(), values.size()); },
        nb::arg("values"), "The order in which the values take the fewest bits.");
    m.def(
        "expgolomb_encode",
        [](Array<const int32_t> values, unsigned k) {
            require(k <= N1_EXPGOLOMB_MAX_ORDER, "order out of range");
            std::vector<uint8_t> out(n1_expgolomb_bound(values.size(), k));
            const size_t size = n1_expgolomb_encode(values.data(), values.size(), k, out.data());
            return nb::bytes(out.data(), size);
        },
        nb::arg("values"), nb::arg("k"), "Exponential Golomb codes of order k.");
    m.def(
        "expgolomb_decode",
        [](nb::handle data, unsigned k, Array<int32_t> out) {
            Bytes bytes(data);
            size_t used = 0;
            check(n1_expgolomb_decode(bytes.data(), bytes.size(), k, out.data(), out.size(), &used));
            return used;
        },
        nb::arg("data"), nb::arg("k"), nb::arg("out"), "Fill `out` and return the number of bytes used.");
}

void bind_rows(nb::module_ &m)
{
    m.def(
        "split_rows",
        [](AnyArray samples, Array<int32_t> rows) {
            require(samples.size() == rows.size() && rows.ndim() == 2, "shapes differ");
            const n1_type type = type_of(samples.dtype());
            Unlocked unlocked;
            n1_split_rows(samples.data(), type, rows.shape(1), rows.shape(0), rows.data());
        },
        nb::arg("samples"), nb::arg("rows"), "Frames of interleaved channels to rows.");
    m.def(
        "join_rows",
        [](Array<const int32_t> rows, AnyOutput out) {
            require(out.size() == rows.size() && rows.ndim() == 2, "shapes differ");
            const n1_type type = type_of(out.dtype());
            Unlocked unlocked;
            n1_join_rows(rows.data(), type, rows.shape(1), rows.shape(0), out.data());
        },
        nb::arg("rows"), nb::arg("out"), "Rows to frames of interleaved channels.");
    for (const bool forward : {true, false})
        m.def(
            forward ? "wavelet_forward" : "wavelet_inverse",
            [forward](Array<int32_t> rows, unsigned levels, unsigned width) {
                require(rows.ndim() == 2, "rows have two dimensions");
                std::vector<int32_t> scratch(rows.shape(1));
                Unlocked unlocked;
                const auto lift = forward ? n1_wavelet_forward : n1_wavelet_inverse;
                check(lift(rows.data(), rows.shape(1), rows.shape(0), levels, width, scratch.data()));
            },
            nb::arg("rows"), nb::arg("levels"), nb::arg("width"), "5/3 lifting of each row in place.");
    m.def(
        "running_sums",
        [](AnyArray samples, AnyOutput out) {
            require(samples.size() == out.size() && samples.itemsize() == out.itemsize(), "layouts differ");
            require(samples.ndim() >= 1, "samples have a dimension");
            type_of(samples.dtype());
            const size_t n_frames = samples.shape(0), n_channels = n_frames ? samples.size() / n_frames : 0;
            const unsigned itemsize = static_cast<unsigned>(samples.itemsize());
            Unlocked unlocked;
            check(n1_running_sums(samples.data(), itemsize, n_frames, n_channels, out.data()));
        },
        nb::arg("samples"), nb::arg("out"), "Sums along time, wrapping around.");
    for (const bool forward : {true, false})
        m.def(
            forward ? "channel_residual" : "channel_restore",
            [forward](AnyArray samples, size_t span, unsigned weight, AnyOutput out, bool is_unsigned) {
                require(samples.ndim() == 2 && samples.size() == out.size(), "shapes differ");
                const int width = type_of(samples.dtype()) & ~1;
                require((type_of(out.dtype()) & ~1) == width, "widths differ");
                const auto type = static_cast<n1_type>(width + (is_unsigned ? 1 : 0));
                Unlocked unlocked;
                check((forward ? n1_channel_residual : n1_channel_restore)(samples.data(), type, samples.shape(0),
                                                                          samples.shape(1), span, weight, out.data()));
            },
            nb::arg("samples"), nb::arg("span"), nb::arg("weight"), nb::arg("out"), nb::arg("is_unsigned"),
            "Each channel against those before it.");
}

void bind_lpc(nb::module_ &m)
{
    m.def(
        "lpc_moments",
        [](Array<const int32_t> row, size_t start, size_t length, int32_t centre, unsigned down,
           Array<int64_t> moments) {
            require(moments.ndim() == 2 && moments.shape(0) == moments.shape(1), "moments are no square matrix");
            require(moments.shape(0) >= 1, "moments are empty");
            require(start <= row.size() && length <= row.size() - start, "block outside the row");
            const unsigned order = static_cast<unsigned>(moments.shape(0) - 1);
            require(order <= N1_LPC_MAX_ORDER, "order out of range");
            Unlocked unlocked;
            check(n1_lpc_moments(row.data(), start, length, centre, down, order, moments.data()));
        },
        nb::arg("row"), nb::arg("start"), nb::arg("length"), nb::arg("centre"), nb::arg("down"), nb::arg("moments"),
        "Second moments of a block with its own past.");
    for (const bool forward : {true, false})
        m.def(
            forward ? "lpc_residual" : "lpc_restore",
            [forward](Array<int32_t> rows, size_t block, unsigned width, Array<const uint8_t> order,
                      Array<const uint8_t> shift, Array<const int32_t> centre, Array<const int32_t> coefficient,
                      Array<int32_t> out) {
                require(rows.ndim() == 2 && rows.size() > 0 && block > 0, "rows have two dimensions and are not empty");
                require(out.size() == rows.size(), "shapes differ");
                const size_t n_predictors = rows.shape(0) * ((rows.shape(1) - 1) / block + 1);
                require(order.size() == n_predictors && shift.size() == n_predictors && centre.size() == n_predictors,
                        "one order, shift and centre for each block of each row");
                const n1_lpc lpc = {rows.shape(1), rows.shape(0),  block,           width, order.data(),
                                    shift.data(),  centre.data(), coefficient.data(), coefficient.size()};
                Unlocked unlocked;
                if (forward) {
                    check(n1_lpc_residual(&lpc, rows.data(), out.data()));
                } else {
                    if (out.data() != rows.data())
                        std::memcpy(out.data(), rows.data(), rows.size() * sizeof(int32_t));
                    check(n1_lpc_restore(&lpc, out.data()));
                }
            },
            nb::arg("rows"), nb::arg("block"), nb::arg("width"), nb::arg("order"), nb::arg("shift"), nb::arg("centre"),
            nb::arg("coefficient"), nb::arg("out"), "Residuals of rows, or rows of residuals.");
}

void bind_bytes(nb::module_ &m)
{
    for (const bool bits : {false, true}) {
        m.def(
            bits ? "bit_shuffle" : "byte_shuffle",
            [bits](AnyArray samples, Array<uint8_t> out) {
                const unsigned itemsize = static_cast<unsigned>(samples.itemsize());
                const size_t n = samples.size(), plane = bits ? n / 8 + (n % 8 != 0) : n;
                type_of(samples.dtype());
                require(out.size() == plane * itemsize * (bits ? 8 : 1), "wrong size of output");
                Unlocked unlocked;
                check((bits ? n1_bit_shuffle : n1_byte_shuffle)(samples.data(), n, itemsize, out.data()));
            },
            nb::arg("samples"), nb::arg("out"), "Bytes or bits of the same weight side by side.");
        m.def(
            bits ? "bit_unshuffle" : "byte_unshuffle",
            [bits](Array<const uint8_t> data, AnyOutput out) {
                const unsigned itemsize = static_cast<unsigned>(out.itemsize());
                const size_t n = out.size(), plane = bits ? n / 8 + (n % 8 != 0) : n;
                type_of(out.dtype());
                require(data.size() == plane * itemsize * (bits ? 8 : 1), "wrong size of input");
                Unlocked unlocked;
                check((bits ? n1_bit_unshuffle : n1_byte_unshuffle)(data.data(), n, itemsize, out.data()));
            },
            nb::arg("data"), nb::arg("out"), "The inverse.");
    }
    m.def(
        "bitpack_bound",
        [](AnyArray samples, size_t block) {
            require(block > 0, "block out of range");
            return n1_bitpack_bound(samples.size(), type_of(samples.dtype()), block);
        },
        nb::arg("samples"), nb::arg("block"), "Most bytes that `bitpack` may write.");
    m.def(
        "bitpack",
        [](AnyArray samples, size_t block, Array<uint8_t> out) {
            const n1_type type = type_of(samples.dtype());
            require(block > 0 && out.size() >= n1_bitpack_bound(samples.size(), type, block), "output too small");
            Unlocked unlocked;
            return n1_bitpack(samples.data(), type, samples.size(), block, out.data());
        },
        nb::arg("samples"), nb::arg("block"), nb::arg("out"), "Pack blocks and return the number of bytes written.");
    m.def(
        "bitunpack",
        [](Array<const uint8_t> data, size_t block, AnyOutput out) {
            const n1_type type = type_of(out.dtype());
            require(block > 0, "block out of range");
            Unlocked unlocked;
            check(n1_bitunpack(data.data(), data.size(), type, out.size(), block, out.data()));
        },
        nb::arg("data"), nb::arg("block"), nb::arg("out"), "The inverse of `bitpack`.");
}

} // namespace

void bind_transforms(nb::module_ &m)
{
    bind_values(m);
    bind_rows(m);
    bind_lpc(m);
    bind_bytes(m);
}
