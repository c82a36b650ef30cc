// stream.cpp - packets: encoders, decoders, and what a packet says of itself.
#include <cstdint>
#include <memory>
#include <new>

#include <nanobind/stl/pair.h>

#include "binding.h"
#include "n1/stream.h"

namespace {

struct Free {
    void operator()(void *p) const { ::operator delete(p, std::align_val_t{N1_STREAM_WORKSPACE_ALIGNMENT}); }
};
using Memory = std::unique_ptr<void, Free>;

Memory memory_of(size_t size)
{
    if (!size)
        throw std::invalid_argument("a stream's format is outside its limits");
    return Memory(::operator new(size, std::align_val_t{N1_STREAM_WORKSPACE_ALIGNMENT}));
}

size_t itemsize(const n1_stream_format &f) { return f.dtype <= N1_UINT8 ? 1 : 2; }

// The widths that a format speaks of, or none.
const uint8_t *widths_of(const n1_stream_format &f, const Bytes &widths)
{
    if (widths.size() != (f.converter == N1_STREAM_WIDTHS ? f.codes : 0))
        throw std::invalid_argument("code widths are not those of the stream's format");
    return widths.size() ? widths.data() : nullptr;
}

// One packet at a time, by one thread at a time.
class Encoder {
  public:
    Encoder(const n1_stream_format &format, nb::handle widths, uint64_t sequence)
        : format_(format), size_(n1_stream_encoder_size(&format)), memory_(memory_of(size_)), bound_(n1_stream_bound(&format)),
          packet_(new uint8_t[bound_])
    {
        Bytes table(widths);
        check(n1_stream_encoder_init(memory_.get(), size_, &format_, widths_of(format_, table), sequence, n1_best_kernel(), &encoder_));
    }

    nb::bytes encode(nb::handle samples, unsigned flags)
    {
        Bytes input(samples);
        const size_t frame = format_.channels * itemsize(format_), frames = input.size() / frame;
        size_t written = 0;
        n1_status status;
        if (input.size() % frame)
            throw std::invalid_argument("samples are no whole frames");
        {
            Unlocked unlocked;
            status = n1_stream_encode(encoder_, input.data(), frames, flags, packet_.get(), bound_, &written);
        }
        check(status);
        return nb::bytes(packet_.get(), written);
    }

    size_t size() const { return size_; }

  private:
    n1_stream_format format_;
    size_t size_;
    Memory memory_;
    size_t bound_;
    std::unique_ptr<uint8_t[]> packet_;
    n1_stream_encoder *encoder_ = nullptr;
};

class Decoder {
  public:
    Decoder(const n1_stream_format &format, nb::handle widths)
        : format_(format), size_(n1_stream_decoder_size(&format)), memory_(memory_of(size_))
    {
        Bytes table(widths);
        check(n1_stream_decoder_init(memory_.get(), size_, &format_, widths_of(format_, table), n1_best_kernel(), &decoder_));
    }

    // Frames that are in `out` now; 0: the packet follows from one that is missing. ValueError: no packet of this stream.
    size_t decode(nb::handle packet, const n1_stream_info &info, nb::handle out)
    {
        Bytes input(packet);
        WritableBytes samples(out);
        size_t frames = 0;
        n1_status status;
        if (samples.size() < format_.frames * format_.channels * itemsize(format_))
            throw std::invalid_argument("no room for a packet's samples");
        {
            Unlocked unlocked;
            status = n1_stream_decode(decoder_, input.data(), input.size(), &info, samples.data(), &frames);
        }
        check(status);
        return frames;
    }

    size_t size() const { return size_; }

  private:
    n1_stream_format format_;
    size_t size_;
    Memory memory_;
    n1_stream_decoder *decoder_ = nullptr;
};

// What a packet says, or None: damaged, cut, of another session, or no packet of samples.
nb::object look(nb::handle packet, uint32_t session, uint64_t near)
{
    Bytes input(packet);
    n1_stream_info info;
    if (n1_stream_check(input.data(), input.size(), session, near, &info) != N1_OK)
        return nb::none();
    return nb::cast(info);
}

nb::bytes widths_packet(nb::handle widths)
{
    Bytes table(widths);
    return new_bytes(N1_STREAM_WIDTHS_HEAD + table.size(), [&](uint8_t *dst, size_t *written) {
        return n1_stream_widths_write(table.data(), table.size(), dst, N1_STREAM_WIDTHS_HEAD + table.size(), written);
    });
}

nb::object widths_in(nb::handle packet)
{
    Bytes input(packet);
    const uint8_t *widths;
    size_t codes;
    if (n1_stream_widths_read(input.data(), input.size(), &widths, &codes) != N1_OK)
        return nb::none();
    return nb::bytes(widths, codes);
}

// Enumerations travel as numbers.
template <class T, class E> void number(nb::class_<T> &c, const char *name, E T::*field)
{
    c.def_prop_rw(
        name, [field](const T &t) { return static_cast<unsigned>(t.*field); },
        [field](T &t, unsigned v) { t.*field = static_cast<E>(v); });
}

void bind_format(nb::module_ &m)
{
    auto c = nb::class_<n1_stream_format>(m, "StreamFormat");
    c.def("__init__", [](n1_stream_format *f) { new (f) n1_stream_format{}; });
    c.def("__copy__", [](const n1_stream_format &f) { return n1_stream_format(f); });
    c.def_rw("session", &n1_stream_format::session).def_rw("channels", &n1_stream_format::channels);
    c.def_rw("frames", &n1_stream_format::frames).def_rw("substreams", &n1_stream_format::substreams);
    c.def_rw("millihertz", &n1_stream_format::millihertz).def_rw("first", &n1_stream_format::first);
    c.def_rw("stride", &n1_stream_format::stride).def_rw("codes", &n1_stream_format::codes);
    c.def_rw("shift", &n1_stream_format::shift).def_rw("centre", &n1_stream_format::centre);
    c.def_rw("spread", &n1_stream_format::spread).def_rw("usual", &n1_stream_format::usual);
    c.def_rw("table", &n1_stream_format::table);
    number(c, "profile", &n1_stream_format::profile);
    number(c, "dtype", &n1_stream_format::dtype);
    number(c, "converter", &n1_stream_format::converter);
    c.def_prop_ro("bound", [](const n1_stream_format &f) { return n1_stream_bound(&f); });
}

} // namespace

void bind_stream(nb::module_ &m)
{
    bind_format(m);
    nb::class_<n1_stream_info>(m, "StreamInfo")
        .def_ro("sequence", &n1_stream_info::sequence)
        .def_ro("flags", &n1_stream_info::flags)
        .def_ro("frames", &n1_stream_info::frames)
        .def_ro("body", &n1_stream_info::body)
        .def_ro("format", &n1_stream_info::format);
    nb::class_<Encoder>(m, "StreamEncoder")
        .def(nb::init<const n1_stream_format &, nb::handle, uint64_t>(), nb::arg("format"), nb::arg("widths"), nb::arg("sequence"))
        .def("encode", &Encoder::encode, nb::arg("samples"), nb::arg("flags"))
        .def_prop_ro("memory", &Encoder::size);
    nb::class_<Decoder>(m, "StreamDecoder")
        .def(nb::init<const n1_stream_format &, nb::handle>(), nb::arg("format"), nb::arg("widths"))
        .def("decode", &Decoder::decode, nb::arg("packet"), nb::arg("info"), nb::arg("out"))
        .def_prop_ro("memory", &Decoder::size);
    m.def("stream_look", &look, nb::arg("packet"), nb::arg("session"), nb::arg("near"));
    m.def("stream_widths_packet", &widths_packet, nb::arg("widths"));
    m.def("stream_widths_in", &widths_in, nb::arg("packet"));
    m.attr("STREAM_KEY") = N1_STREAM_KEY;
    m.attr("STREAM_DESCRIBED") = N1_STREAM_DESCRIBED;
    m.attr("STREAM_STORED") = N1_STREAM_STORED;
    m.attr("STREAM_MAX_CHANNELS") = N1_STREAM_MAX_CHANNELS;
    m.attr("STREAM_MAX_FRAMES") = N1_STREAM_MAX_FRAMES;
    m.attr("STREAM_MAX_WIDTHS") = N1_STREAM_MAX_WIDTHS;
    m.attr("STREAM_WIDTHS_HEAD") = N1_STREAM_WIDTHS_HEAD;
}
