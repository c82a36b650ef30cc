"""What is said of each group: what it does, what it is good for, and why it wins or fails on what was measured.

What an algorithm does stays true; everything about this run is computed from it, and said only where its numbers are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from n1codec.report import explain, explain_n1
from n1codec.report.model import Row, Study

Explain = Callable[[Study, Sequence[Row]], list[str]]


@dataclass(frozen=True)
class GroupText:
    """The words on a group.

    Parameters
    ----------
    idea : str
        What its codecs do.
    use : str
        What they are best used for.
    explain : callable
        Gives points on why they win or fail in a study, from their rows, the best first.
    """

    idea: str
    use: str
    explain: Explain


def text_of(group: str) -> GroupText:
    """Return the words on a group; on one from another package, only what the numbers say."""
    return _TEXTS.get(
        group, GroupText("Codecs that another package brings.", "What its package says.", lambda study, rows: [])
    )


def points(study: Study, group: str) -> list[str]:
    """Return the points on a group: where its best codec stands, then why."""
    rows = study.in_group(group)
    if not rows:
        return ["No codec of this group gave every recording back in this run."]
    return [explain.standing(study, rows[0]), *text_of(group).explain(study, rows)]


_TEXTS: Final = {
    "n1": GroupText(
        "Models what a recording is made of: a linear prediction in voltage, a noise law around it, and the "
        "uneven widths of the converter's codes; then an entropy coder spends what each code is worth, no more.",
        "Recordings of electrodes like those it was made for (the N1, Neuropixels, tetrodes), at whichever level "
        "suits the machine; recordings of other devices once it was measured on them.",
        explain_n1.flagship,
    ),
    "dictionary": GroupText(
        "Replace what came before by a reference to it (LZ77), or sort by context so that alike comes to lie "
        "beside alike (Burrows-Wheeler), then entropy-code the rest. They know bytes, not samples.",
        "Metadata, spike tables, headers; recordings behind transforms, and, by sorting, signals that repeat or take "
        "few values.",
        explain.dictionary,
    ),
    "predictive": GroupText(
        "Replace each sample by what a prediction from its past missed (a difference, a fitted linear "
        "predictor, a wavelet), and entropy-code that.",
        "Recordings where a codec has to be simple: in hardware, on a microcontroller, in a page of code.",
        explain.predictive,
    ),
    "entropy": GroupText(
        "Give frequent values short codes: whole bits (Huffman, Rice) or fractions of bits (arithmetic, rANS).",
        "The last stage of a pipeline, after a prediction.",
        explain.entropy,
    ),
    "run-length": GroupText(
        "Replace a run of equal values by the value and its count.",
        "Masks, event channels, silence, and bit planes.",
        explain.run_length,
    ),
    "audio": GroupText(
        "Linear prediction fitted to each block or adapted sample by sample, with Rice or Golomb codes for "
        "what it misses: made for sampled waveforms.",
        "Archives that many tools should read, once samples are mapped to the converter's codes.",
        explain.audio,
    ),
    "blosc": GroupText(
        "Cut into blocks that fit the cache, shuffle bytes or bits so that alike comes to lie beside alike, "
        "then run a fast dictionary coder on many threads.",
        "Chunked arrays (zarr, HDF5) that are read more often than written, where speed counts more than size.",
        explain.blosc,
    ),
    "numeric": GroupText(
        "Treat samples as numbers, find out how they are distributed or predicted, and code them in batches "
        "with table-driven entropy coders.",
        "Columns and arrays of numbers in general; with transforms, recordings at high speed.",
        explain.numeric,
    ),
    "baseline": GroupText(
        "No model at all: samples as they are, or with unused bits left out.",
        "A yardstick, and the case in which time is everything.",
        explain.baseline,
    ),
}
