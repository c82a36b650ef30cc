// binding.h - what the files of the binding share.
#pragma once

#include <nanobind/nanobind.h>

#include <stdexcept>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "n1/classic.h"
#include "n1/codec.h"

namespace nb = nanobind;

// While this exists, other threads run Python.
//
// A daemon thread that asks for the interpreter when that is at its end is ended by it (before Python 3.14), which C++ takes for
// a fault: std::terminate. So once the end has begun no thread lets go any more, and the end waits for those that did.
class Unlocked {
public:
    Unlocked()
    {
        if (!at_end_) {
            under_way_++;
            state_ = PyEval_SaveThread();
        }
    }
    ~Unlocked()
    {
        if (state_) {
            PyEval_RestoreThread(state_);
            under_way_--;
        }
    }
    Unlocked(const Unlocked &) = delete;
    Unlocked &operator=(const Unlocked &) = delete;

    static void end();
    static void forked() { under_way_ = 0; } // the threads of the parent are not here

private:
    // Both are touched by whoever has the interpreter's lock alone.
    static inline bool at_end_ = false;
    static inline long under_way_ = 0;
    PyThreadState *state_ = nullptr;
};

// A C-contiguous view of any object with the buffer protocol, held while it is in use.
class Bytes {
public:
    explicit Bytes(nb::handle object)
    {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0)
            throw nb::python_error();
    }
    ~Bytes() { PyBuffer_Release(&view_); }
    Bytes(const Bytes &) = delete;
    Bytes &operator=(const Bytes &) = delete;
    const uint8_t *data() const { return static_cast<const uint8_t *>(view_.buf); }
    size_t size() const { return static_cast<size_t>(view_.len); }

private:
    Py_buffer view_;
};

// A C-contiguous view to write to, held while it is in use.
class WritableBytes {
public:
    explicit WritableBytes(nb::handle object)
    {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_WRITABLE) != 0)
            throw nb::python_error();
    }
    ~WritableBytes() { PyBuffer_Release(&view_); }
    WritableBytes(const WritableBytes &) = delete;
    WritableBytes &operator=(const WritableBytes &) = delete;
    void *data() const { return view_.buf; }
    size_t size() const { return static_cast<size_t>(view_.len); }

private:
    Py_buffer view_;
};

// Turn a status into a ValueError: the callers in Python give it the name of the codec and the file.
inline void check(n1_status status)
{
    switch (status) {
    case N1_OK:
        return;
    case N1_ERROR_DST_TOO_SMALL:
        throw std::length_error("output buffer too small");
    case N1_ERROR_TRUNCATED:
        throw std::invalid_argument("encoded data ends too early");
    case N1_ERROR_CORRUPT:
        throw std::invalid_argument("encoded data is inconsistent");
    case N1_ERROR_ARGUMENT:
        throw std::invalid_argument("parameter out of range");
    case N1_ERROR_TABLES:
        throw std::invalid_argument("the code widths that it was coded with are not given, or others are");
    case N1_ERROR_KERNEL:
        throw std::invalid_argument("no such kernel on this machine");
    case N1_ERROR_WORKSPACE:
    case N1_ERROR_INTERNAL:
        throw std::runtime_error("a fault of the core, which must never happen: please report it");
    default:
        break;
    }
    throw std::logic_error("unknown status");
}

// Long fresh memory is best had in huge pages, where there are some: page by page, its first touch takes a good part of the time that
// coding does.
inline void prefer_huge_pages(void *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
    constexpr size_t HUGE_PAGE = size_t{2} << 20;
    const uintptr_t start = (reinterpret_cast<uintptr_t>(memory) + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + size) & ~(HUGE_PAGE - 1);
    if (start < end)
        (void)madvise(reinterpret_cast<void *>(start), end - start, MADV_HUGEPAGE);
#else
    (void)memory, (void)size;
#endif
}

// What `fill(dst, written)`, called without the GIL, writes into at most `capacity` bytes, as new bytes.
template <class Fill> nb::bytes new_bytes(size_t capacity, Fill fill)
{
    size_t written = 0;
    PyObject *payload = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(capacity));
    if (!payload)
        throw nb::python_error();
    nb::object owner = nb::steal(payload);
    n1_status status;
    {
        auto dst = reinterpret_cast<uint8_t *>(PyBytes_AS_STRING(payload));
        Unlocked unlocked;
        prefer_huge_pages(dst, capacity);
        status = fill(dst, &written);
    }
    check(status);
    owner.release();
    if (_PyBytes_Resize(&payload, static_cast<Py_ssize_t>(written)) != 0)
        throw nb::python_error();
    return nb::steal<nb::bytes>(payload);
}

void bind_entropy(nb::module_ &m);
void bind_integrity(nb::module_ &m);
void bind_n1(nb::module_ &m);
void bind_stream(nb::module_ &m);
void bind_transforms(nb::module_ &m);
void bind_wire(nb::module_ &m);
