"""Write docs/groups.md: what each codec does, where it comes from, and how it did in a run of the benchmark.

What a codec does is its docstring, why it wins or fails is what the report says, and every number is one of the run's.

Usage: ``python scripts/make_groups.py results.json [more.json ...] > docs/groups.md``; `docs/results.md` is to hold the same runs.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from n1codec import registry
from n1codec.report import groups, load
from n1codec.report.merge import merge
from n1codec.report.model import GROUP_ORDER, Row, Study

HEAD = """# The groups of codecs

Made by `python scripts/make_groups.py {files}`, from the docstrings of the codecs and from a run of the benchmark; do not edit.

The original comparison had six groups, and so has this one: dictionary, predictive, entropy, run-length, audio and Blosc codecs. Beside them
stand `n1`, numeric codecs, which are newer, and a baseline. A codec here is a pipeline, and belongs to the group of its coder; prediction
before an entropy coder makes it *predictive*.

The numbers below are of {recordings} recordings, {megabytes:.1f} MB, each restored and compared byte for byte; the run stands in
[the results](results.md) with its command and its machine, and [the benchmark](bench.md) tells what is counted. Speeds compare within this page
only.
What is said of winning is said of them. On recordings of [other devices](results.md#other-devices) other codecs win.

Left out are True Audio: the encoder that PyAV brings, FFmpeg's, ends the process on signals with bursts (of the 22 recordings of other
devices, where it came through, it was smaller than FLAC and WavPack on 6, and smaller than all peers on 2, by 0.8 % and 0.6 %). MPEG-4 ALS and
Monkey's Audio: FFmpeg only decodes them, and we know of no package that encodes them. OptimFROG: its program is closed.
"""

SOURCES = {
    "delta": "Differential coding: C. C. Cutler, US patent 2,605,361, 1952.",
    "lpc": "J. Makhoul, \"Linear prediction: a tutorial review\", Proceedings of the IEEE 63, 1975; as a part of lossless codecs: T. Robinson, \"SHORTEN\", Cambridge CUED/F-INFENG/TR.156, 1994.",
    "wavelet": "D. Le Gall and A. Tabatabai, \"Sub-band coding of digital images using symmetric short kernel filters\", ICASSP 1988; ITU-T T.800 (JPEG 2000), annex F.",
    "integers": "This package: [format of its side information](format/integers.md).",
    "lattice": "This package: [format of its side information](api.md#transforms).",
    "channel": "Differential and common average references of electrophysiology, made causal and exact for this package.",
    "zigzag": "The signed varints of Protocol Buffers.",
    "byteshuffle": "The shuffle filter of HDF5.",
    "bitshuffle": "K. Masui et al., \"A compression scheme for radio data in high performance computing\", Astronomy and Computing 12, 2015.",
    "bitpack": "Frame of reference: J. Goldstein, R. Ramakrishnan and U. Shaft, \"Compressing relations and indexes\", ICDE 1998.",
    "n1": "This package.",
    "zstd": "Y. Collet and M. Kucherawy, RFC 8878, 2021.",
    "lz4": "Y. Collet, LZ4 block format, 2011.",
    "lz4hc": "Y. Collet, LZ4 block format, 2011.",
    "gzip": "P. Deutsch, RFC 1951 and RFC 1952, 1996.",
    "zlib": "P. Deutsch and J.-L. Gailly, RFC 1950 and RFC 1951, 1996.",
    "bz2": "M. Burrows and D. J. Wheeler, \"A block-sorting lossless data compression algorithm\", DEC SRC report 124, 1994; J. Seward, bzip2, 1996.",
    "lzma": "I. Pavlov, LZMA SDK; the .xz file format of the Tukaani project.",
    "brotli": "J. Alakuijala and Z. Szabadka, RFC 7932, 2016.",
    "bzip3": "K. Szewczyk, bzip3, 2022; the sort is that of Burrows and Wheeler.",
    "numcodecs_zstd": "RFC 8878, through numcodecs.",
    "mtscomp": "C. Rossant et al., International Brain Laboratory, 2019.",
    "huffman": "D. A. Huffman, \"A method for the construction of minimum-redundancy codes\", Proceedings of the IRE 40, 1952.",
    "arithmetic": "G. N. N. Martin, \"Range encoding: an algorithm for removing redundancy from a digitised message\", 1979.",
    "rans": "J. Duda, \"Asymmetric numeral systems\", arXiv:1311.2540, 2013.",
    "rice": "S. W. Golomb, \"Run-length encodings\", IEEE Transactions on Information Theory 12, 1966; R. F. Rice, \"Some practical universal noiseless coding techniques\", JPL 79-22, 1979.",
    "rle": "PackBits, Apple Computer, 1984.",
    "flac": "RFC 9639, 2024.",
    "wavpack": "D. Bryant, WavPack file format, since 1998.",
    "alac": "Apple Lossless, 2004; its source was opened in 2011.",
    "blosc": "F. Alted, \"Why modern CPUs are starving and what can be done about it\", Computing in Science and Engineering 12, 2010; C-Blosc2.",
    "pcodec": "M. Loncaric, N. Jeppesen and B. Zinberg, \"Pcodec: better compression for numerical sequences\", arXiv:2502.06112, 2025.",
    "openzl": "Y. Collet et al., \"OpenZL: a graph-based model for compression\", arXiv:2510.03203, 2025.",
}  # fmt: skip
"""Where each comes from: the paper or the specification."""

CHAINS = ("delta", "lattice", "lattice+delta", "lattice+lpc")
"""Transforms whose worth is shown before each coder."""


def prose(line: registry.Entry) -> str:
    """Return what a codec's summary and its docstring say before parameters, in Markdown."""
    text = inspect.getdoc(line.load()) or ""
    text = text.split("\nParameters\n")[0].split("\nNotes\n")[0].replace("``", "`").strip()
    summary = f"{line.summary[:1].upper()}{line.summary[1:]}."
    return f"{summary} {text}" if len(text) > len(summary) else summary


def source(name: str) -> str:
    """Return where a codec comes from, with the page on it if there is one."""
    told = (Path(__file__).parent.parent / "docs" / "ALGORITHM.md").exists()
    return SOURCES.get(name, "") + (" [How it works](ALGORITHM.md)." if name == "n1" and told else "")


def described(kind: str, group: str) -> list[str]:
    """Return an entry for each line of a group of the registry."""
    lines = []
    for line in registry.entries():
        if (line.kind, line.group) == (kind, group):
            text = prose(line)
            gap = "\n\n" if "\n\n" in text else " "
            origin = f"{gap}*Source:* {source(line.name)}" if source(line.name) else ""
            lines.append(f"**`{line.name}`**: {text}{origin}\n")
    return lines


def figure(value: float | None, digits: int) -> str:
    """Return a number as docs/results.md shows it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 and digits < 3 else f"{value:.{digits}f}"


def table(rows: tuple[Row, ...]) -> list[str]:
    """Return the results of a group."""
    lines = [
        "| codec | ratio | bits/sample | enc MB/s | dec MB/s | latency ms | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        one = row.result
        lines.append(
            f"| `{one.codec}` | {figure(one.ratio, 3)} | {figure(one.bits_per_sample, 3)} | {figure(one.encode_mb_s, 1)} | "
            f"{figure(one.decode_mb_s, 1)} | {figure(one.latency_ms, 1)} | {figure(one.peak_mb, 1)} |"
        )
    return [*lines, ""]


def transforms(study: Study) -> list[str]:
    """Return what transforms before a coder are worth: ratios side by side."""
    lines = [
        f"| coder | alone | {' | '.join(f'`{chain}+`' for chain in CHAINS)} |",
        "|---|---:" + "|---:" * len(CHAINS) + "|",
    ]
    for line in registry.entries():
        found = [study.find(line.name), *(study.find(f"{chain}+{line.name}") for chain in CHAINS)]
        if line.kind == "coder" and found[0] and any(found[1:]):
            ratios = [figure(row.result.ratio, 3) if row else "" for row in found]
            lines.append(f"| `{line.name}` | {' | '.join(ratios)} |")
    return [*lines, ""]


def main() -> None:
    """Print the page."""
    paths = [Path(name) for name in sys.argv[1:]]
    study = Study.of(merge([load(path) for path in paths]))
    size = sum(info.bytes for info in study.merged.recordings)
    files = " ".join(path.name for path in paths)
    print(HEAD.format(files=files, recordings=len(study.merged.recordings), megabytes=size / 1e6))
    for group in GROUP_ORDER:
        title = registry.CODER_GROUPS.get(group, "Predictive codecs")
        words = groups.text_of(group)
        print(
            f"## {title[:1].upper() if group != 'n1' else 'n'}{title[1:]}\n\n{words.idea} *Best used for:* {words.use}\n"
        )
        print("\n".join(described("transform" if group == "predictive" else "coder", group)))
        print("\n".join(f"- {point}" for point in groups.points(study, group)) + "\n")
        print("\n".join(table(study.in_group(group))))
    print("## Other transforms\n\nThey make samples easier to code, and predict nothing.\n")
    print("\n".join(described("transform", "transform")))
    print("What transforms are worth before each coder, as ratios:\n")
    print("\n".join(transforms(study)).rstrip())


if __name__ == "__main__":
    main()
