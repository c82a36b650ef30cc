"""Modern codecs for arrays of numbers: pcodec and OpenZL. Both see one channel after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec.codec import Coder, Layout, Samples
from n1codec.codecs._streams import pack_streams, unpack_streams
from n1codec.errors import CorruptError


def _by_channel(samples: Samples) -> Samples:
    """Return the values flat, channel after channel."""
    return np.ascontiguousarray(samples.T).reshape(-1)


def _by_time(values: Samples, layout: Layout) -> Samples:
    """Undo `_by_channel`."""
    return np.ascontiguousarray(values.reshape(layout.shape[::-1]).T)


_PCO_CHUNK: Final = 1 << 18
"""Values that share pcodec's bins, about: the library's own default. On a Neuropixels probe, chunks of one channel each cost
0.5 % more and one chunk of all channels 0.1 %."""
_PCO_BATCH: Final = 512
"""Values that pcodec takes at a time."""
_PCO_LONGEST_ORDER: Final = 32
_DELTAS: Final = ("best", "auto", "none", "consecutive", "conv", "lookback")


@dataclass(frozen=True)
class Pcodec(Coder):
    """pcodec: differences or a linear predictor, then bins and tANS. Chunks of its wrapped format, each after its length.

    Parameters
    ----------
    level : int
        0 (fastest) to 12 (smallest).
    delta : str
        What comes before the bins: none, consecutive (differences), conv (linear prediction), lookback (repeats), auto (the
        library's own guess, which never tries conv), or best (auto and conv tried on each chunk, the smaller kept).
    order : int
        1 to 32: how many past values conv uses; consecutive uses up to 7. 0: 8 for conv, 1 for consecutive.

    Notes
    -----
    The library is Rust. A panic, should there be one, arrives as an exception, but Rust first writes a line to standard
    error: nothing on the Python side can keep it from that.
    """

    name = "pcodec"
    encode_only = frozenset({"level", "delta", "order"})

    level: int = 8
    delta: str = "best"
    order: int = 0

    def __post_init__(self) -> None:
        self.check_range("level", 0, 12)
        self.check_choice("delta", _DELTAS)
        self.check_range("order", 0, 7 if self.delta == "consecutive" else _PCO_LONGEST_ORDER)

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be given to it: numbers, floats included; its ``conv`` ends at 32 bits."""
        return dtype.kind in "iuf" and (dtype.itemsize < 8 or self.delta != "conv")

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return the header of the format and then each chunk."""
        from pcodec import DeltaSpec, wrapped

        specs = {
            "auto": DeltaSpec.auto,
            "none": DeltaSpec.no_op,
            "consecutive": lambda: DeltaSpec.try_consecutive(self.order or 1),
            "conv": lambda: DeltaSpec.try_conv1(self.order or 8),
            "lookback": DeltaSpec.try_lookback,
        }
        best = ("auto", "conv") if samples.dtype.itemsize < 8 else ("auto",)
        tried = [specs[name]() for name in (best if self.delta == "best" else (self.delta,))]
        values = _by_channel(samples)
        file = wrapped.FileCompressor()
        streams = [file.write_header()]
        for start, pages in _pco_chunks(Layout.of(samples)):
            part = values[start : start + sum(pages)]
            streams.append(min((self._chunk(file, part, pages, spec) for spec in tried), key=len))
        return pack_streams(streams)

    def _chunk(self, file: Any, values: Samples, pages: list[int], delta_spec: Any) -> bytes:
        """Return one chunk, its meta data and its pages."""
        from pcodec import ChunkConfig, PagingSpec

        config = ChunkConfig(
            compression_level=self.level,
            delta_spec=delta_spec,
            paging_spec=PagingSpec.exact_page_sizes(pages),
            enable_8_bit=True,
        )
        chunk = file.chunk_compressor(values, config)
        return bytes(chunk.write_meta()) + b"".join(chunk.write_page(number) for number in range(len(pages)))

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode chunk by chunk into an array that is already there: the format itself holds no counts."""
        from pcodec import wrapped

        values = np.empty(layout.size, layout.dtype)
        plan = _pco_chunks(layout)
        header, *chunks = unpack_streams(payload, 1 + len(plan))
        file, used = wrapped.FileDecompressor.new(header)
        _check_used(used, header)
        for (start, pages), chunk in zip(plan, chunks, strict=True):
            decompressor, used = file.chunk_decompressor(chunk, f"{layout.dtype.kind}{8 * layout.dtype.itemsize}")
            at = start
            for count in pages:
                page = chunk[used:]
                progress, length = decompressor.read_page_into(page, count, values[at : at + count])
                if progress.n_processed != count or not progress.finished:
                    raise CorruptError(f"pcodec: {progress.n_processed} values instead of {count}")
                used += length
                at += count
            _check_used(used, chunk)
        return _by_time(values, layout)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of pcodec."""
        import pcodec

        return {"pcodec": pcodec.__version__}


def _pco_chunks(layout: Layout) -> list[tuple[int, list[int]]]:
    """Return where each chunk starts and how many values each of its pages has.

    A chunk is as many whole channels as go into one, or a part of a channel that is longer. It is one page, but for this:
    pcodec 1.1 panics on linear prediction where the last batch of a page is shorter than the order, unless the chunk has no
    other, so a short last batch moves to a page of its own together with half a batch.
    """
    n_samples = layout.shape[0]
    step = _PCO_CHUNK // n_samples * n_samples or _PCO_CHUNK
    chunks: list[tuple[int, list[int]]] = []
    for start in range(0, layout.size, step):
        count = min(step, layout.size - start)
        rest = count % _PCO_BATCH
        split = count > _PCO_BATCH and 0 < rest < _PCO_LONGEST_ORDER
        last = rest + _PCO_BATCH // 2
        chunks.append((start, [count - last, last] if split else [count]))
    return chunks


def _check_used(used: int, data: bytes) -> None:
    if used != len(data):
        raise CorruptError(f"pcodec: {len(data) - used} bytes too many")


_OPENZL_DISABLE: Final = 2
"""OpenZL's parameters of three states: 0 as the library likes, 1 on, 2 off."""


@dataclass(frozen=True)
class OpenZl(Coder):
    """OpenZL: a graph of difference, zigzag and byte planes, each plane entropy coded. Its frames describe themselves.

    Parameters
    ----------
    delta : bool
        Whether to take differences along time.
    entropy : str
        How byte planes are coded: auto (the better of Huffman and FSE), huffman, fse or zstd.
    """

    name = "openzl"
    encode_only = frozenset({"delta", "entropy"})

    delta: bool = True
    entropy: str = "auto"

    def __post_init__(self) -> None:
        self.check_flag("delta")
        self.check_choice("entropy", ("auto", "huffman", "fse", "zstd"))

    def encode(self, samples: Samples, *, threads: int = 1) -> bytes:
        """Return one OpenZL frame."""
        from openzl import ext

        context = ext.CCtx()
        context.ref_compressor(self._graph(samples.dtype.itemsize))
        context.set_parameter(ext.CParam.FormatVersion, ext.MAX_FORMAT_VERSION)
        for checksum in (ext.CParam.ContentChecksum, ext.CParam.CompressedChecksum):
            context.set_parameter(checksum, _OPENZL_DISABLE)  # the frame around it has its own
        values = _by_channel(samples)
        return bytes(context.compress([ext.Input(ext.Type.Numeric, values)]))

    def decode(self, payload: bytes, layout: Layout, *, threads: int = 1) -> Samples:
        """Decode, after the size that the frame announces has been checked."""
        from openzl import ext

        info = ext.FrameInfo(payload)
        if info.num_outputs != 1 or info.output_type(0) != ext.Type.Numeric:
            raise CorruptError("OpenZL frame of something else than one array of numbers")
        if info.output_content_size(0) != layout.nbytes:
            raise CorruptError(f"OpenZL frame of {info.output_content_size(0)} bytes instead of {layout.nbytes}")
        (output,) = ext.DCtx().decompress(payload)
        values: NDArray[Any] = output.content.as_nparray()
        if values.nbytes != layout.nbytes or values.dtype.itemsize != layout.dtype.itemsize:
            raise CorruptError(f"OpenZL frame of {values.size} numbers of {values.dtype.itemsize} bytes")
        return _by_time(values.view(layout.dtype), layout)

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return the version of OpenZL."""
        from openzl import ext

        numbers = (ext.LIBRARY_VERSION_MAJOR, ext.LIBRARY_VERSION_MINOR, ext.LIBRARY_VERSION_PATCH)
        return {"openzl": ".".join(map(str, numbers))}

    def _graph(self, itemsize: int) -> Any:
        """Return a compressor with the graph, built from its end."""
        from openzl import ext

        nodes, graphs, compressor = ext.nodes, ext.graphs, ext.Compressor()
        coders = {"auto": graphs.Entropy, "huffman": graphs.Huffman, "fse": graphs.Fse, "zstd": graphs.Zstd}
        graph = coders[self.entropy]()(compressor)
        if itemsize > 1:
            graph = nodes.ConvertNumToStructLE()(compressor, nodes.TransposeSplit()(compressor, graph))
        graph = nodes.Zigzag()(compressor, graph)
        if self.delta:
            graph = nodes.DeltaInt()(compressor, graph)
        compressor.select_starting_graph(graph)
        return compressor
