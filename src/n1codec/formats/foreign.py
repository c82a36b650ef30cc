"""Files of other systems, known by their first bytes or their names, so that they are refused by name and not decoded as noise.

None of them is read here: the refusal says what the file is and what leads on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from n1codec.errors import FormatError

START_BYTES: Final = 528
"""How many bytes are looked at."""

_SPIKEINTERFACE: Final = "read it with SpikeInterface or Neo and save its samples as .npy or .raw"
_UNPACK: Final = "unpack it first"

# (offset, first bytes, what it is, what leads on)
_MAGIC: Final[tuple[tuple[int, bytes, str, str], ...]] = (
    (0, b"\x89N1C", "an .n1c file", "it is encoded already; n1codec.open reads it"),
    (0, b"\x02\x27\x91\xc6", "an Intan RHD recording", _SPIKEINTERFACE),
    (0, b"\xac\x27\x91\xd6", "an Intan RHS recording", _SPIKEINTERFACE),
    (0, b"NEURALSG", "a Blackrock .nsx recording", _SPIKEINTERFACE),
    (0, b"NEURALCD", "a Blackrock .nsx recording", _SPIKEINTERFACE),
    (0, b"BRSMPGRP", "a Blackrock .nsx recording", _SPIKEINTERFACE),
    (0, b"NEURALEV", "a Blackrock .nev file of events", "the samples are in the .ns1 to .ns6 beside it"),
    (0, b"BREVENTS", "a Blackrock .nev file of events", "the samples are in the .ns1 to .ns6 beside it"),
    (0, b"0       ", "an EDF recording", "export its samples as .npy or .raw, with MNE or pyedflib for instance"),
    (0, b"\xffBIOSEMI", "a BDF recording", "export its samples as .npy or .raw, with MNE or pyedflib for instance"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (as NWB and MATLAB 7.3 are)", "export its data set as .npy, with h5py"),
    (512, b"\x89HDF\r\n\x1a\n", "an HDF5 file (as NWB and MATLAB 7.3 are)", "export its data set as .npy, with h5py"),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB file", "export its array as .npy: scipy.io.loadmat, numpy.save"),
    (0, b"header.format = 'Open Ephys", "an Open Ephys .continuous file", _SPIKEINTERFACE),
    (0, b"PLEX", "a Plexon recording", _SPIKEINTERFACE),
    (0, b"######## Neuralynx", "a Neuralynx file", _SPIKEINTERFACE),
    (0, b"MCSSTRM ", "a Multi Channel Systems recording", _SPIKEINTERFACE),
    (0, b"ABF ", "an Axon ABF recording", _SPIKEINTERFACE),
    (0, b"ABF2", "an Axon ABF recording", _SPIKEINTERFACE),
    (2, b"(C) CED 87", "a Spike2 recording", _SPIKEINTERFACE),
    (0, b"GDF ", "a GDF recording", "export its samples as .npy or .raw"),
    (0, b"XDF:", "an XDF recording", "export its samples as .npy, with pyxdf"),
    (0, b"Brain Vision Data Exchange", "a BrainVision header", "the samples are in the .eeg or .dat beside it"),
    (0, b"fLaC", "a FLAC file", "decode it with `flac -d`"),
    (0, b"OggS", "an Ogg file", "decode it to .wav, with ffmpeg for instance"),
    (0, b"FORM", "an AIFF or another IFF file", "convert it to .wav, with sox for instance"),
    (0, b"caff", "a Core Audio file", "convert it to .wav, with ffmpeg for instance"),
    (0, b".snd", "a Sun audio file", "convert it to .wav, with sox for instance"),
    (0, b"riff\x2e\x91\xcf\x11", "a Wave64 file", "convert it to .wav (RF64), with `sndfile-convert` or ffmpeg"),
    (0, b"wvpk", "a WavPack file", "decode it with `wvunpack`"),
    (0, b"RIFF", "a RIFF or WAV file", "give it a name that ends in .wav"),
    (0, b"RF64", "an RF64 or WAV file", "give it a name that ends in .wav"),
    (0, b"\x93NUMPY", "an .npy file", "give it a name that ends in .npy"),
    (0, b"PK\x03\x04", "a zip archive (as .npz is)", "export its array as .npy, or unpack it"),
    (0, b"\x1f\x8b\x08", "a gzip file", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    (0, b"BZh91AY&SY", "a bzip2 file", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"PAR1", "a Parquet file", "export its columns as .npy"),
)

_NAMES: Final = {
    ".n1c": ("named as an .n1c file and is none", "n1codec.recover may find more"),
    ".ch": ("the description of a recording that mtscomp compressed", "the samples are in the .cbin beside it"),
    ".nwb": ("named as an NWB file", "export its data set as .npy, with h5py"),
    ".mat": ("named as a MATLAB file", "export its array as .npy: scipy.io.loadmat, numpy.save"),
    ".npz": ("named as an archive of arrays", "export one as .npy: numpy.load, numpy.save"),
    ".smrx": ("a Spike2 recording", _SPIKEINTERFACE),
    ".pl2": ("a Plexon recording", _SPIKEINTERFACE),
    ".tev": ("a TDT recording", _SPIKEINTERFACE),
    ".sev": ("a TDT recording", _SPIKEINTERFACE),
    ".oebin": ("the description of an Open Ephys recording", "the samples are in its continuous.dat"),
}

_OEBIN: Final = "structure.oebin"
_MAX_OEBIN_BYTES: Final = 1 << 22


def recognized(path: Path, start: bytes) -> FormatError | None:
    """Return the refusal of a file of another system, or None if it is not known as one.

    Parameters
    ----------
    path : Path
        Its name.
    start : bytes
        Its first `START_BYTES` bytes, or all.
    """
    for offset, magic, what, way_on in _MAGIC:
        if start[offset : offset + len(magic)] == magic:
            return FormatError(str(path), f"is {what}, which is not read: {way_on}")
    if path.suffix.lower() in _NAMES:
        what, way_on = _NAMES[path.suffix.lower()]
        return FormatError(str(path), f"is {what}, which is not read: {way_on}")
    return None


def hint(path: Path) -> str:
    """Return what files around a headerless one tell of it, to be added to the message that asks for it."""
    found = _open_ephys(path)
    if found is not None:
        channels, rate = found
        return f"; {_OEBIN} says --dtype int16 --channels {channels} --rate {rate:.10g}"
    if path.with_suffix(".cbin").is_file():
        return f"; {path.with_suffix('.cbin').name} beside it is the recording as mtscomp compresses it, which is read"
    return ""


def _open_ephys(path: Path) -> tuple[int, float] | None:
    """Return channels and rate of a ``continuous.dat`` as the ``structure.oebin`` of its recording states them."""
    folder = path.absolute().parent
    for above in list(folder.parents)[:3]:
        described = above / _OEBIN
        try:
            if not described.is_file() or described.stat().st_size > _MAX_OEBIN_BYTES:
                continue
            streams: Any = json.loads(described.read_bytes())["continuous"]
            for stream in streams:
                if Path(str(stream["folder_name"])).name == folder.name:
                    return int(stream["num_channels"]), float(stream["sample_rate"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return None
