// n1.cpp - the n1 coder: one block, whole.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>

#include "binding.h"

extern "C" {
#include "wire/block_encode.h"
#include "wire/block_spread.h"
#include "wire/payload.h"
}

namespace {

// Memory that the core works in, kept for the next call of any thread unless there is too much of it. Fresh memory is had page by page,
// each cleared by the system at its first touch, which takes a good part of the time that coding does; the system may have the pages of
// what is kept while it waits. Nobody waits for the list: whoever finds it in use, or in a forked process as left in use, does without.
class Workspace {
  public:
    explicit Workspace(size_t size)
    {
        if (!kept().take(size, &memory_))
            memory_ = fresh(size);
    }
    ~Workspace()
    {
        if (memory_.size > MOST_KEPT)
            return;
#if defined(MADV_FREE)
        if (memory_.size > SMALL)
            (void)madvise(memory_.get(), memory_.size & ~(HUGE_PAGE - 1), MADV_FREE);
#endif
        kept().give(std::move(memory_));
    }
    Workspace(const Workspace &) = delete;
    Workspace &operator=(const Workspace &) = delete;
    void *get() const { return memory_.get(); }

  private:
    static constexpr size_t SMALL = size_t{2} << 20;
    static constexpr size_t HUGE_PAGE = size_t{2} << 20;
    static constexpr size_t MOST_KEPT = size_t{256} << 20; // bytes: two of the longest blocks of an array of a probe
    static constexpr size_t MOST_PIECES = 16;

    struct Memory : std::unique_ptr<void, decltype(&std::free)> {
        Memory() : unique_ptr(nullptr, &std::free) {}
        size_t size = 0;
    };

    class Kept {
      public:
        bool take(size_t size, Memory *memory)
        {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            for (auto piece = pieces_.begin(); lock && piece != pieces_.end(); ++piece)
                if (piece->size >= size && piece->size / 2 <= size) {
                    *memory = std::move(*piece);
                    pieces_.erase(piece);
                    size_ -= memory->size;
                    return true;
                }
            return false;
        }
        void give(Memory &&memory)
        {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            if (!lock)
                return;
            size_ += memory.size;
            pieces_.push_back(std::move(memory));
            while (size_ > MOST_KEPT || pieces_.size() > MOST_PIECES) { // what has waited longest
                size_ -= pieces_.front().size;
                pieces_.pop_front();
            }
        }

      private:
        std::mutex mutex_;
        std::deque<Memory> pieces_;
        size_t size_ = 0;
    };

    // Never destroyed: a thread may still be at work when the process ends.
    static Kept &kept()
    {
        static Kept &list = *new Kept;
        return list;
    }

    // In huge pages, where there are some, the first touch costs little.
    static Memory fresh(size_t size)
    {
        const size_t page = size > SMALL ? HUGE_PAGE : size_t{N1_WORKSPACE_ALIGNMENT};
        Memory memory;
        memory.size = (size + page - 1) & ~(page - 1);
        memory.reset(std::aligned_alloc(page, memory.size));
        if (!memory)
            throw std::bad_alloc();
        if (size > SMALL)
            prefer_huge_pages(memory.get(), memory.size);
        return memory;
    }

    Memory memory_;
};

// By its name; "": the best there is.
n1_kernel kernel_of(const std::string &name)
{
    if (name.empty())
        return n1_best_kernel();
    for (int k = 0; k < N1_KERNELS; k++)
        if (name == n1_kernel_name(static_cast<n1_kernel>(k)) && n1_kernel_available(static_cast<n1_kernel>(k)))
            return static_cast<n1_kernel>(k);
    throw std::invalid_argument("no such kernel on this machine: " + name);
}

n1_shape shape_of(size_t bytes, unsigned itemsize, bool is_signed, size_t channels)
{
    if (itemsize != 1 && itemsize != 2 && itemsize != 4)
        throw std::invalid_argument("samples of a size that n1 does not take");
    size_t frame = channels <= N1_MAX_CHANNELS ? channels * itemsize : 0;
    if (!frame || !bytes || bytes % frame)
        throw std::invalid_argument("samples have a layout that n1 does not take");
    n1_type type = itemsize == 1   ? (is_signed ? N1_INT8 : N1_UINT8)
                   : itemsize == 2 ? (is_signed ? N1_INT16 : N1_UINT16)
                                   : (is_signed ? N1_INT32 : N1_UINT32);
    n1_shape shape{bytes / frame, channels, type};
    if (!n1_block_bound(&shape))
        throw std::invalid_argument("block is larger than n1 takes");
    return shape;
}

// Tables of code widths, if there are any.
struct Tables {
    explicit Tables(nb::handle tables) : bytes(tables), span{bytes.data(), bytes.size()} {}
    const n1_span *get() const { return span.size ? &span : nullptr; }
    Bytes bytes;
    n1_span span;
};

// Channels from the first up to the last, of all that a frame has: coded alone.
using Columns = std::optional<std::pair<size_t, size_t>>;

n1_payload_part part_of(const n1_shape &whole, const Columns &columns)
{
    if (!columns)
        return {whole, 0, 0};
    if (columns->first >= columns->second || columns->second > whole.n_channels)
        throw std::invalid_argument("no such channels");
    return {{whole.n_samples, columns->second - columns->first, whole.dtype}, 0, columns->first};
}

// Bytes of a part that has to be put together, or taken apart.
size_t room_of(const n1_shape &shape, const Columns &columns)
{
    return columns ? n1_aligned(shape.n_samples * n1_frame_bytes(&shape)) : 0;
}

nb::bytes encode(nb::handle samples, unsigned itemsize, bool is_signed, size_t channels, int level,
                 const std::string &kernel, nb::handle known, const Columns &columns)
{
    const Tables tables(known);
    Bytes input(samples);
    const n1_shape whole = shape_of(input.size(), itemsize, is_signed, channels);
    const n1_payload_part part = part_of(whole, columns);
    const n1_shape &shape = part.shape;
    n1_kernel chosen = kernel_of(kernel);
    // The block is made in memory that is kept: it takes a part of its bound, but may be written from there on backwards.
    const size_t capacity = n1_block_bound(&shape), room = room_of(shape, columns);
    size_t written = 0;
    std::optional<Workspace> gathered, workspace;
    const void *source = input.data();
    uint8_t *block;
    n1_status status;
    {
        Unlocked unlocked;
        n1_seen seen;
        if (columns) {
            n1_gather_part(source, &whole, &part, gathered.emplace(room).get());
            source = gathered->get();
        }
        const size_t size = n1_block_look(source, &shape, level, &seen);
        block = static_cast<uint8_t *>(workspace.emplace(size + capacity).get()) + size;
        status = n1_encode_seen_block(source, &shape, tables.get(), level, chosen, &seen, workspace->get(), size, block, capacity, &written);
        gathered.reset();
    }
    check(status);
    return new_bytes(written, [&](uint8_t *dst, size_t *copied) {
        memcpy(dst, block, *copied = written);
        workspace.reset();
        return N1_OK;
    });
}

// Of so many frames, those from one on that `out` is for.
using Span = std::optional<std::pair<size_t, size_t>>;

size_t decode(nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed, size_t channels, const std::string &kernel,
              std::optional<size_t> frames, nb::handle known, const Columns &columns, const Span &span)
{
    const Tables tables(known);
    Bytes input(payload);
    WritableBytes samples(out);
    n1_shape whole = shape_of(samples.size(), itemsize, is_signed, channels);
    n1_frames wanted = {span ? span->second : 0, whole.n_samples + (span ? span->second : 0)};
    if (wanted.stop < whole.n_samples || (span && wanted.stop > span->first))
        throw std::invalid_argument("no such frames");
    n1_payload_part apart = part_of(whole, columns);
    n1_shape shape = apart.shape;
    shape.n_samples = span ? span->first : whole.n_samples;
    n1_kernel chosen = kernel_of(kernel);
    const bool spread = !columns || n1_block_spreads(input.data(), input.size(), &shape);
    const size_t size = n1_block_decode_workspace(input.data(), input.size(), &shape), room = spread ? 0 : room_of(apart.shape, columns);
    n1_status status;
    {
        Unlocked unlocked;
        n1_frames reach = wanted;
        status = span ? n1_block_reach(input.data(), input.size(), &shape, &reach) : N1_OK;
        if (status == N1_OK && (reach.first != wanted.first || reach.stop != wanted.stop))
            status = N1_ERROR_ARGUMENT;
        if (status == N1_OK) {
            wanted.stop = frames.value_or(wanted.stop); // there is room for all
            const Workspace workspace(room + size);
            uint8_t *const first = static_cast<uint8_t *>(workspace.get());
            status = n1_decode_spread_block(input.data(), input.size(), &shape, tables.get(), &wanted, chosen, first + room, size,
                                            spread ? n1_part_place(samples.data(), &whole, &apart) : first,
                                            spread ? whole.n_channels : shape.n_channels);
            if (!spread && status == N1_OK) {
                apart.shape.n_samples = wanted.stop - wanted.first;
                n1_scatter_part(first, &whole, &apart, samples.data());
            }
        }
    }
    check(status);
    return wanted.stop;
}

std::pair<size_t, size_t> reach_of(nb::handle payload, unsigned itemsize, bool is_signed, size_t channels, size_t n_samples,
                                   std::pair<size_t, size_t> wanted)
{
    Bytes input(payload);
    if (!n_samples || n_samples > N1_MAX_BLOCK || channels > N1_MAX_CHANNELS || wanted.first >= wanted.second || wanted.second > n_samples)
        throw std::invalid_argument("no such frames");
    const n1_shape shape = shape_of(n_samples * channels * itemsize, itemsize, is_signed, channels);
    n1_frames frames = {wanted.first, wanted.second};
    check(n1_block_reach(input.data(), input.size(), &shape, &frames));
    return {frames.first, frames.stop};
}

nb::bytes learn_tables(nb::handle samples, unsigned itemsize, bool is_signed, size_t channels, const Columns &columns)
{
    Bytes input(samples);
    const n1_shape whole = shape_of(input.size(), itemsize, is_signed, channels);
    const n1_payload_part part = part_of(whole, columns);
    const size_t size = n1_learn_tables_workspace(&part.shape), room = room_of(part.shape, columns);
    return new_bytes(N1_MAX_TABLES, [&](uint8_t *dst, size_t *written) {
        const Workspace workspace(room + size);
        uint8_t *const together = static_cast<uint8_t *>(workspace.get());
        if (columns)
            n1_gather_part(input.data(), &whole, &part, together);
        return n1_learn_tables(columns ? together : input.data(), &part.shape, n1_best_kernel(), together + room, size, dst, N1_MAX_TABLES,
                               written);
    });
}

nb::bytes join_tables(nb::handle first, nb::handle second)
{
    const Tables one(first), other(second);
    const size_t size = n1_join_tables_workspace();
    return new_bytes(N1_MAX_TABLES, [&](uint8_t *dst, size_t *written) {
        const Workspace workspace(size);
        return n1_join_tables(&one.span, &other.span, workspace.get(), size, dst, N1_MAX_TABLES, written);
    });
}

void check_tables(nb::handle tables)
{
    const Tables given(tables);
    check(n1_check_tables(&given.span));
}

nb::list kernels()
{
    nb::list names;
    for (int k = 0; k < N1_KERNELS; k++)
        if (n1_kernel_available(static_cast<n1_kernel>(k)))
            names.append(n1_kernel_name(static_cast<n1_kernel>(k)));
    return names;
}

} // namespace

void bind_n1(nb::module_ &m)
{
    m.def("n1_encode", &encode, nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
          nb::arg("level"), nb::arg("kernel") = "", nb::arg("tables") = nb::bytes("", 0), nb::arg("columns") = nb::none(),
          "Block of native-endian samples, frame after frame, or of some of their channels: from the first up to the last.");
    m.def("n1_decode", &decode, nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
          nb::arg("kernel") = "", nb::arg("frames") = nb::none(), nb::arg("tables") = nb::bytes("", 0), nb::arg("columns") = nb::none(),
          nb::arg("span") = nb::none(),
          "Fill `out` with the samples of a block, or with its first frames at least: how many is returned. Or with those from one on that\n"
          "n1_reach gives: `span` is how many frames the block has, and that one.");
    m.def("n1_reach", &reach_of, nb::arg("payload"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"), nb::arg("n_samples"),
          nb::arg("wanted"), "The first frame, and the one after the last, that are to be decoded of a block of so many, to see those wanted.");
    m.def("n1_learn_tables", &learn_tables, nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
          nb::arg("columns") = nb::none(),
          "Code widths of the converters behind samples, frame after frame, or behind some of their channels; no bytes where nothing is worth\n"
          "knowing.");
    m.def("n1_join_tables", &join_tables, nb::arg("first"), nb::arg("second"),
          "Code widths of all channels from those of two parts; no bytes where they cannot be told together.");
    m.def("n1_check_tables", &check_tables, nb::arg("tables"), "Raise ValueError unless bytes are tables of code widths.");
    m.def("n1_kernels", &kernels, "Names of the kernels that this machine can run, the portable one first.");
    m.attr("N1_MAX_LEVEL") = N1_MAX_LEVEL;
    m.attr("N1_MAX_BLOCK") = N1_MAX_BLOCK;
}
