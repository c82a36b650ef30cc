"""How the codec of this package did: what its model is worth, what its levels do, and where it loses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, percent, times

LITTLE: Final = 0.01
"""Part of the size below which a saving is called little."""


def flagship(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what the model of this package's codec is worth, what its levels do, and where it loses."""
    others = [row for row in study.exact if row.group != FLAGSHIP]
    best, fastest = rows[0], max(rows, key=lambda row: row.result.encode_mb_s or 0)
    said = []
    plain = next((row for name in ("lattice+lpc+rans", "lattice+lpc+arithmetic") if (row := study.find(name))), None)
    if plain:
        gain = (plain.result.bits_per_sample or 0) - (fastest.result.bits_per_sample or 0)
        said.append(
            f"A linear prediction and a good entropy coder alone, {plain.marked}, take "
            f"{fixed(plain.result.bits_per_sample)} bits a sample: what {fastest.marked} knows beyond them is worth "
            f"{fixed(gain)} bits{'' if gain > 0 else ', so it does not help here'}."
        )
    if best is not fastest:
        less = 1 - (best.result.bits_per_sample or 0) / (fastest.result.bits_per_sample or 1)
        slower = (fastest.result.encode_mb_s or 0) / (best.result.encode_mb_s or 1)
        slower_back = (fastest.result.decode_mb_s or 0) / (best.result.decode_mb_s or 1)
        said.append(
            f"Levels trade time for {'little' if less < LITTLE else 'size'}: {best.marked} makes files "
            f"{percent(less, 2)} smaller than {fastest.marked}, and takes {times(slower)} the time to encode, "
            f"{times(slower_back)} to decode."
        )
    if not others:
        return said
    rival = others[0]
    ahead = [
        row
        for row in rows
        if (row.result.ratio or 0) > (rival.result.ratio or 0)
        and (row.result.encode_mb_s or 0) >= (rival.result.encode_mb_s or 0)
    ]
    words = f"The best of the others is {rival.marked}, ratio {fixed(rival.result.ratio)} at "
    words += f"{brief(rival.result.encode_mb_s)} MB/s"
    if ahead:
        words += (
            f"; {ahead[0].marked} makes files "
            f"{percent(1 - (rival.result.ratio or 0) / (ahead[0].result.ratio or 1), 2)} smaller and is quicker"
        )
    elif (best.result.ratio or 0) > (rival.result.ratio or 0):
        words += "; no level is smaller and quicker than that"
    faster = [row for row in others if (row.result.encode_mb_s or 0) > (fastest.result.encode_mb_s or 0)]
    readers = [
        row for row in others if (row.result.decode_mb_s or 0) > max(one.result.decode_mb_s or 0 for one in rows)
    ]
    lost = [
        f"{found[0].marked} {verb}s faster than any level, at ratio {fixed(found[0].result.ratio)}"
        if len(found) == 1
        else f"{len(found)} others {verb} faster than any level, at ratios up to {fixed(found[0].result.ratio)} "
        f"({found[0].marked})"
        for found, verb in ((faster, "encode"), (readers, "decode"))
        if found
    ]
    return [*said, f"{words}. {'; '.join(lost) or 'None of them is faster than any level'}."]
