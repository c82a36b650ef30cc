"""Pipelines: zero or more transforms and one coder, from a specification string to bytes and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from n1codec import arguments, chain, envelope, registry
from n1codec.codec import Coder, Layout, Samples, Stage, Transform
from n1codec.errors import (
    CorruptError,
    LimitError,
    ParameterError,
    SpecError,
)
from n1codec.orientation import warn_of_channels_first
from n1codec.spec import MAX_SPEC_LENGTH, MAX_STAGES, parse

DEFAULT_MAX_BYTES: Final = 1 << 32
"""Most bytes of samples that `decode` gives back unless told otherwise."""

LONG: Final = 1 << 22
"""Bytes of samples that take longer to be hashed than a thread to start, by far."""


@dataclass(frozen=True)
class Pipeline:
    """A codec: zero or more transforms and one coder.

    Made by `get`; immutable, hashable, shown by ``repr`` and kept as JSON by `to_dict` and `from_dict`.

    Parameters
    ----------
    transforms : tuple of Transform
        Applied to the samples in order.
    coder : Coder
        Turns the transformed samples into bytes.
    """

    transforms: tuple[Transform, ...]
    coder: Coder

    def __post_init__(self) -> None:
        transforms = arguments.sequence("transforms", self.transforms, arguments.instance, Transform)
        object.__setattr__(self, "transforms", transforms)
        arguments.instance("coder", self.coder, Coder)
        if len(transforms) >= MAX_STAGES:
            raise SpecError(f"a codec has at most {MAX_STAGES} stages")
        if len(self.spec) > MAX_SPEC_LENGTH:
            raise SpecError(f"codec specification longer than {MAX_SPEC_LENGTH} characters")

    def __repr__(self) -> str:
        return f"n1codec.get({self.spec!r})"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The transforms and the coder."""
        return (*self.transforms, self.coder)

    @property
    def spec(self) -> str:
        """The shortest specification string that gives this codec."""
        return "+".join(stage.spec() for stage in self.stages)

    @property
    def wire_spec(self) -> str:
        """The specification that encoded data carries: without the parameters that only an encoder uses."""
        return "+".join(stage.spec(wire=True) for stage in self.stages)

    @property
    def group(self) -> str:
        """The group it is compared in: its coder's, but ``predictive`` for prediction before an entropy coder."""
        group, predicts = registry.entry(self.coder.name).group, any(each.predictive for each in self.transforms)
        return "predictive" if group == "entropy" and predicts else group

    @property
    def threaded(self) -> bool:
        """Whether more than one thread makes a difference."""
        return self.coder.threaded

    def libraries(self) -> dict[str, str]:
        """Return the versions of the libraries behind it, by name."""
        return {name: version for stage in self.stages for name, version in stage.libraries().items()}

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready description: each stage's name and all its parameters that are not defaults."""
        return {"stages": [{"name": stage.name, "params": stage.params()} for stage in self.stages]}

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> Pipeline:
        """Return the pipeline that `to_dict` described.

        Raises
        ------
        SpecError, ParameterError
            If the description is not one.
        """
        try:
            stages = arguments.mapping("config", config)["stages"]
            described = [(stage["name"], stage.get("params", {})) for stage in stages]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SpecError("a codec description is {'stages': [{'name': ..., 'params': {...}}, ...]}") from None
        return _assemble([registry.make(name, params) for name, params in described])

    def takes(self, dtype: np.dtype[Any]) -> bool:
        """Return whether samples of a type can be encoded by these stages as they are."""
        return self.stages[0].takes(arguments.dtype("dtype", dtype).newbyteorder("="))

    def suited(self, dtype: np.dtype[Any]) -> Pipeline:
        """Return this pipeline, or one with the transform ``integers`` in front where samples are of a type that calls for it.

        Raises
        ------
        SpecError
            If there is no room for another stage.
        """
        return self if self.takes(dtype) else _assemble([registry.make("integers", {}), *self.stages])

    def knowing(self, widths: bytes) -> Pipeline:
        """Return this pipeline with code widths at hand, as `n1codec.learn_widths` gives them."""
        widths = arguments.data("widths", widths)
        return _assemble([*self.transforms, self.coder.knowing(widths)]) if widths else self

    def transform(self, samples: Samples) -> tuple[Samples, tuple[bytes, ...]]:
        """Apply the transforms alone.

        Returns
        -------
        samples : ndarray of int
            What the coder will see.
        sides : tuple of bytes
            Each transform's side information.
        """
        return chain.transform(self.transforms, chain.taken(self.stages[0], arguments.samples("samples", samples)))

    def encode(self, samples: ArrayLike, *, threads: int = 1) -> bytes:
        """Encode samples.

        Parameters
        ----------
        samples : array_like, shape (n_samples,) or (n_samples, n_channels)
            Integers, floats of 2, 4 or 8 bytes or truth values, in either byte order and with any strides; may be empty. What
            the first stage does not take goes through the transform ``integers`` first.
        threads : int
            How many threads the coder may use.

        Returns
        -------
        bytes
            An envelope that `decode` needs nothing else for.

        Raises
        ------
        UnsupportedError
            If the dtype or shape is none of these.
        CodecError
            If a wrapped library fails.
        LimitError
            If the samples are more than one envelope may hold.

        Warns
        -----
        ShapeWarning
            If the array looks as if its shape were (n_channels, n_samples).
        """
        array, threads = arguments.samples("samples", samples), arguments.threads(threads)
        envelope.check_shape(array.shape)
        warn_of_channels_first(array, stacklevel=2)
        suited = self.suited(array.dtype)
        hashes: list[int] = []

        def take_hash() -> None:
            hashes.append(envelope.hash_samples(array))

        if array.nbytes < LONG:  # before a coder may have written into them
            take_hash()
        sides, payload = chain.encode(suited.transforms, suited.coder, array, threads, None if hashes else take_hash)
        if not hashes:  # nothing was left to code
            take_hash()
        header = envelope.Header(array.dtype, array.shape, suited.wire_spec, sides)
        return envelope.pack(header, payload, hashes[0], threads=threads)

    def encode_payload(self, samples: Samples, *, threads: int = 1) -> tuple[tuple[bytes, ...], bytes]:
        """Encode samples to what stands inside an envelope: each transform's side information, and the payload.

        Whoever stores these keeps dtype, shape and `wire_spec` too, and guards all of it: nothing in them shows damage.
        """
        array, threads = arguments.samples("samples", samples), arguments.threads(threads)
        sides, payload = chain.encode(self.transforms, self.coder, array, threads)
        return sides, b"".join(payload)

    def decode_payload(
        self, sides: tuple[bytes, ...], payload: bytes, layout: Layout, *, threads: int = 1, max_bytes: int
    ) -> Samples:
        """Undo `encode_payload`: the samples of `layout`, or an error of the kinds that `n1codec.decode` raises."""
        payload, sides = arguments.data("payload", payload), arguments.sequence("sides", sides, arguments.data)
        layout, max_bytes = arguments.instance("layout", layout, Layout), arguments.integer("max_bytes", max_bytes, 0)
        return chain.decode(self.transforms, self.coder, payload, sides, layout, arguments.threads(threads), max_bytes)

    def decode(
        self, data: bytes | bytearray | memoryview, *, threads: int = 1, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> Samples:
        """Decode what any pipeline encoded: the data itself says how. The same as `n1codec.decode`."""
        return decode(data, threads=threads, max_bytes=max_bytes)


def get(spec: str) -> Pipeline:
    """Return the codec that a specification string names.

    Parameters
    ----------
    spec : str
        Transforms and a coder joined by ``+``, such as ``"lattice+delta+zstd:level=19"``, or one of the names of the
        original comparison, such as ``"delta_bz2"`` (see `n1codec.registry.ORIGINAL`).

    Raises
    ------
    SpecError
        If the text is malformed or names something unknown.
    ParameterError
        If a parameter is out of range.
    MissingDependencyError
        If the package behind a stage is not installed.
    """
    parse(spec)  # first of all: it refuses what is no text
    return _get(registry.expand(spec))


def named(codec: str | Pipeline) -> Pipeline:
    """Return a pipeline as it is, or the one that a specification string names; the errors are those of `get`."""
    return get(codec) if isinstance(codec, str) else arguments.instance("codec", codec, Pipeline)


@lru_cache(maxsize=256)
def _get(spec: str) -> Pipeline:
    return _assemble([registry.make(name, params) for name, params in parse(spec)])


def encode(samples: ArrayLike, codec: str | Pipeline = "n1", *, threads: int = 1) -> bytes:
    """Encode samples; `decode` gives them back.

    Parameters
    ----------
    samples : array_like, shape (n_samples,) or (n_samples, n_channels)
        Integers, floats of 2, 4 or 8 bytes or truth values, in either byte order and with any strides; may be empty.
    codec : str or Pipeline
        As `get` takes it, such as ``"n1:level=9"``.
    threads : int
        How many threads the coder may use; the bytes do not depend on it.

    Returns
    -------
    bytes
        They name their codec, and the dtype and shape of the samples.

    Raises
    ------
    SpecError, ParameterError, MissingDependencyError
        As `get` does.
    UnsupportedError, CodecError, LimitError
        As `Pipeline.encode` does.
    """
    return named(codec).encode(samples, threads=threads)


def decode(
    data: bytes | bytearray | memoryview, *, threads: int = 1, max_bytes: int = DEFAULT_MAX_BYTES, widths: bytes = b""
) -> Samples:
    """Decode an envelope: the exact samples that were encoded.

    Parameters
    ----------
    data : bytes-like
        A whole envelope.
    threads : int
        How many threads the coder may use.
    max_bytes : int
        Refuse envelopes whose samples take more bytes than this.
    widths : bytes
        What `n1codec.learn_widths` returned, if the encoder had it.

    Returns
    -------
    ndarray
        The samples, with the dtype (byte order included), shape and values of those encoded.

    Raises
    ------
    TruncatedError, CorruptError
        If the data is cut short, damaged, or no envelope.
    LimitError
        If the samples would take more than `max_bytes`.
    MissingDependencyError
        If the package behind the envelope's codec is not installed.
    """
    data, threads = arguments.data("data", data), arguments.threads(threads)
    max_bytes, widths = arguments.integer("max_bytes", max_bytes, 0), arguments.data("widths", widths)
    header, payload, samples_hash = envelope.unpack(data, threads=threads)
    layout = Layout(header.dtype.newbyteorder("="), header.shape)
    if layout.nbytes > max_bytes:
        raise LimitError(f"envelope holds {layout.nbytes} bytes of samples, more than the limit of {max_bytes}")
    try:
        pipeline = _get(header.spec).knowing(widths)
    except (SpecError, ParameterError) as error:
        raise CorruptError(f"the envelope names a codec this build does not know: {error}") from None
    found = envelope.SamplesHash()
    samples = chain.decode(
        pipeline.transforms, pipeline.coder, payload, header.sides, layout, threads, max_bytes, found.watch
    )
    if found.value(samples) != samples_hash:
        raise CorruptError("hash mismatch: the decoded samples are not those that were encoded")
    samples = samples.astype(header.dtype, copy=False)
    return samples if samples.flags.writeable else samples.copy()


def _assemble(stages: list[Stage]) -> Pipeline:
    if not stages:
        raise SpecError("a codec has at least one stage, its coder")
    *transforms, coder = stages
    chain: tuple[Transform, ...] = ()
    if not isinstance(coder, Coder):
        raise SpecError(f"a codec ends in a coder, such as 'delta+bz2'; {coder.name} is a transform")
    for stage in transforms:
        if not isinstance(stage, Transform):
            raise SpecError(f"only the last stage of a codec may be a coder; {stage.name} is one")
        chain += (stage,)
    return Pipeline(chain, coder)
