// n1.cpp - the n1 coder: one block, whole.
#include <memory>
#include <new>

#include "binding.h"

namespace {

struct Free {
    void operator()(void *p) const { ::operator delete(p, std::align_val_t{N1_WORKSPACE_ALIGNMENT}); }
};

// A thread's workspace. It is kept for the thread's next call: to have the pages of a fresh one mapped and cleared
// takes longer than to decode into it. What is larger than MOST_KEPT is given back at once.
class Workspace {
  public:
    explicit Workspace(size_t size)
    {
        if (size > size_) {
            release();
            memory_.reset(::operator new(size, std::align_val_t{N1_WORKSPACE_ALIGNMENT}));
            size_ = size;
        }
    }
    Workspace(const Workspace &) = delete;
    Workspace &operator=(const Workspace &) = delete;
    ~Workspace()
    {
        if (size_ > MOST_KEPT)
            release();
    }
    void *get() const { return memory_.get(); }

  private:
    static constexpr size_t MOST_KEPT = size_t{192} << 20;

    static void release()
    {
        memory_.reset();
        size_ = 0;
    }

    static thread_local std::unique_ptr<void, Free> memory_;
    static thread_local size_t size_;
};

thread_local std::unique_ptr<void, Free> Workspace::memory_;
thread_local size_t Workspace::size_ = 0;

n1_kernel best_kernel()
{
    static const n1_kernel best = n1_best_kernel();
    return best;
}

// -1: the best there is.
n1_kernel kernel_of(int number)
{
    if (number < -1 || number > static_cast<int>(best_kernel()))
        throw std::invalid_argument("no such kernel on this machine");
    return number < 0 ? best_kernel() : static_cast<n1_kernel>(number);
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
    if (!n1_block_workspace(&shape))
        throw std::invalid_argument("block is larger than n1 takes");
    return shape;
}

nb::bytes encode(nb::handle samples, unsigned itemsize, bool is_signed, size_t channels, int level, int kernel)
{
    Bytes input(samples);
    n1_shape shape = shape_of(input.size(), itemsize, is_signed, channels);
    n1_kernel chosen = kernel_of(kernel);
    size_t capacity = n1_block_bound(&shape), size = n1_block_workspace(&shape);
    return new_bytes(capacity, [&](uint8_t *dst, size_t *written) {
        const Workspace workspace(size);
        return n1_encode_block(input.data(), &shape, level, chosen, workspace.get(), size, dst, capacity, written);
    });
}

void decode(nb::handle payload, nb::handle out, unsigned itemsize, bool is_signed, size_t channels, int kernel)
{
    Bytes input(payload);
    WritableBytes samples(out);
    n1_shape shape = shape_of(samples.size(), itemsize, is_signed, channels);
    n1_kernel chosen = kernel_of(kernel);
    size_t size = n1_block_workspace(&shape);
    n1_status status;
    {
        nb::gil_scoped_release release;
        const Workspace workspace(size);
        status = n1_decode_block(input.data(), input.size(), &shape, chosen, workspace.get(), size, samples.data());
    }
    check(status);
}

} // namespace

void bind_n1(nb::module_ &m)
{
    m.def("n1_encode", &encode, nb::arg("samples"), nb::arg("itemsize"), nb::arg("is_signed"), nb::arg("channels"),
          nb::arg("level"), nb::arg("kernel") = -1, "Block of native-endian samples, frame after frame.");
    m.def("n1_decode", &decode, nb::arg("payload"), nb::arg("out"), nb::arg("itemsize"), nb::arg("is_signed"),
          nb::arg("channels"), nb::arg("kernel") = -1, "Fill `out` with the samples of a block.");
    m.def("n1_kernels", [] { return static_cast<int>(best_kernel()) + 1; },
          "How many kernels this machine can run: scalar, AVX2, AVX-512, in this order.");
    m.attr("N1_MAX_LEVEL") = N1_MAX_LEVEL;
    m.attr("N1_MAX_BLOCK") = N1_MAX_BLOCK;
}
