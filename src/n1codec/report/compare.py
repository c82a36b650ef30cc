"""A run against an earlier one: what became smaller, larger, faster, slower, new, or is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1codec.bench.results import Measurement, Result
from n1codec.report.merge import Merged, identity
from n1codec.report.model import Row, Study
from n1codec.report.text import plural

SIZE_TOLERANCE: Final = 1e-4
"""Ratios that differ by less than this part are the same: sizes are exact, but libraries stamp versions into headers."""

SPEED_TOLERANCE: Final = 0.15
"""Speeds that differ by less than this part are the same: two runs on a quiet machine differ that much."""


@dataclass(frozen=True)
class Change:
    """One codec, now and before. `before` is None if it is new, `now` if it is gone.

    Parameters
    ----------
    label : str
        The codec.
    now, before : Result or None
        Its results.
    ratio_now, ratio_before : float or None
        Ratios over the recordings that both runs hold.
    encode, decode : float or None
        Speed now over speed before.
    """

    label: str
    now: Result | None
    before: Result | None
    ratio_now: float | None = None
    ratio_before: float | None = None
    encode: float | None = None
    decode: float | None = None

    @property
    def kind(self) -> str:
        """Say in a word or two what happened."""
        if self.before is None:
            return "new"
        if self.now is None:
            return "gone"
        if self.now.lossless != self.before.lossless:
            return "works now" if self.now.lossless else "fails now"
        words = [self._word(self.size, SIZE_TOLERANCE, "smaller files", "larger files")]
        words += [self._word(self.encode, SPEED_TOLERANCE, "faster encoding", "slower encoding")]
        words += [self._word(self.decode, SPEED_TOLERANCE, "faster decoding", "slower decoding")]
        return ", ".join(word for word in words if word) or "same"

    @property
    def size(self) -> float | None:
        """Ratio now over ratio before."""
        if self.ratio_now is None or not self.ratio_before:
            return None
        return self.ratio_now / self.ratio_before

    @staticmethod
    def _word(quotient: float | None, tolerance: float, better: str, worse: str) -> str:
        if quotient is None or abs(quotient - 1) <= tolerance:
            return ""
        return better if quotient > 1 else worse


@dataclass(frozen=True)
class Comparison:
    """All changes, and what makes them doubtful."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    def of(self, row: Row) -> Change | None:
        """Return the change of a codec of this run."""
        return next((one for one in self.changes if one.now is row.result), None)


def compare(study: Study, baseline: Merged) -> Comparison:
    """Compare a study with an earlier run, over the recordings that both hold."""
    now = {identity(info): info.name for info in study.merged.recordings}
    then = {identity(info): info.name for info in baseline.recordings}
    common = now.keys() & then.keys()
    names_now, names_then = ({names[key] for key in common} for names in (now, then))
    old = {(result.codec, result.threads): result for result in baseline.results}
    labels = {(row.result.codec, row.result.threads): row.name for row in study.rows}
    changes = []
    for row in study.rows:
        before = old.get((row.result.codec, row.result.threads))
        changes.append(_change(row.name, row.result, before, names_now, names_then))
    changes += [
        Change(result.codec, None, result, ratio_before=_ratio(result.recordings, names_then))
        for key, result in old.items()
        if key not in labels
    ]
    return Comparison(tuple(changes), tuple(_notes(study.merged, baseline, len(now), len(common))))


def _change(label: str, now: Result, before: Result | None, names_now: set[str], names_then: set[str]) -> Change:
    if before is None:
        return Change(label, now, None, ratio_now=_ratio(now.recordings, names_now))
    return Change(
        label,
        now,
        before,
        _ratio(now.recordings, names_now),
        _ratio(before.recordings, names_then),
        _quotient(now.encode_mb_s, before.encode_mb_s),
        _quotient(now.decode_mb_s, before.decode_mb_s),
    )


def _ratio(measurements: tuple[Measurement, ...], names: set[str]) -> float | None:
    """Return the ratio over some recordings, if all of them came back."""
    chosen = [one for one in measurements if one.recording in names]
    if not chosen or not all(one.lossless and one.bytes_out for one in chosen):
        return None
    return sum(one.bytes_in for one in chosen) / sum(one.bytes_out or 0 for one in chosen)


def _quotient(now: float | None, before: float | None) -> float | None:
    return now / before if now is not None and before else None


def _notes(now: Merged, before: Merged, known: int, common: int) -> list[str]:
    notes = []
    if not common:
        notes.append("The two runs have no recording in common: ratios are not compared.")
    elif common < max(known, len(before.recordings)):
        notes.append(f"Ratios are compared over the {plural(common, 'recording')} that both runs hold.")
    machines = [
        {(one.machine.cpu, one.machine.architecture, one.machine.cores) for one in merged.reports}
        for merged in (now, before)
    ]
    if machines[0] != machines[1]:
        notes.append("The two runs come from different machines: their speeds cannot be compared.")
    copies = [
        next((one.encode_mb_s for one in merged.results if one.group == "yardstick"), None) for merged in (now, before)
    ]
    quotient = _quotient(*copies)
    if quotient is not None and abs(quotient - 1) > SPEED_TOLERANCE:
        notes.append(
            f"A plain copy ran at {quotient:.2f} times the earlier speed: the machine itself was not the same."
        )
    return notes
