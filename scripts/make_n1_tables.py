"""Print the constant tables of the n1 coder, each a file of core/src.

Usage::

    python scripts/make_n1_tables.py laws      > core/src/predict/law_tables.c
    python scripts/make_n1_tables.py functions > core/src/base/tables.c
    python scripts/make_n1_tables.py pieces    > core/src/modes/piecewise/piece_tables.c
    python scripts/make_n1_tables.py packets   > core/src/modes/packet/packet_tables.c
    python scripts/make_n1_tables.py quantiles > core/src/modes/packet/packet_quantile_table.c
    python scripts/make_n1_tables.py nlink [--recordings FOLDER] > core/src/converter/nlink_widths.c

All but the last follow from formulas. The widths of the codes of the N1's converter are measured: they are kept in
scripts/n1_code_widths.csv, and with `--recordings` learned anew (scripts/fit_n1_widths.py) from a folder of the N1's
WAV files. A fit need not give the kept widths again: see there.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Final

HERE: Final = Path(__file__).resolve().parent
CODES: Final = 1024
LAWS: Final = ((0.0, 4.0), (1 / 64, 6.0), (1 / 16, 8.0), (3 / 16, 8.0))
"""Of the forward mode: mass of the wide part, and reach in sigmas."""
PIECES: Final = 32
STEPS: Final = 64


def rows(values: Sequence[int], each: int, indent: str = "    ") -> str:
    return ",\n".join(indent + ", ".join(map(str, values[at : at + each])) for at in range(0, len(values), each))


def widths(column: str, recordings: Path | None) -> list[int]:
    """Return a column of the measured widths: `sixteenths` (forward) or `sixty_fourths` (the others) of the mean width."""
    if recordings is not None:
        from fit_n1_widths import fit

        return fit(column, recordings)
    with (HERE / "n1_code_widths.csv").open(newline="") as file:
        return [int(row[column]) for row in csv.DictReader(file)]


def pieces(wide: float, reach: float) -> list[tuple[int, int, int]]:
    """Return c0, c1, c2 of each piece: the law at t = 64 piece + f is c0 + (f (c1 + f c2) >> 8).

    The law is (1 - wide) Phi(z) + wide Phi(z / 3), 1024 / reach steps to a sigma. A piece passes through it at f = 0, 32
    and 64, rounded. A slope of 1/8 a step is added, so that rounding never makes a law fall.
    """

    def law(t: int) -> float:
        z = (t - 1024) * reach / 1024
        value = (1 - wide) * 0.5 * (1 + math.erf(z / math.sqrt(2))) + wide * 0.5 * (1 + math.erf(z / 3 / math.sqrt(2)))
        return (2**20 - 256) * value + t / 8

    out = []
    for piece in range(PIECES):
        a, m, b = (law(STEPS * piece + f) for f in (0, STEPS // 2, STEPS))
        c2 = round(256 * (b - 2 * m + a) / 2 / (STEPS // 2) ** 2)
        out.append((round(a), round((256 * (b - a) - c2 * STEPS * STEPS) / STEPS), c2))
    return out


def check_rising(law: Iterable[tuple[int, int, int]]) -> None:
    """Stop if the law, scaled to leave one count for each of any number of codes, falls or leaves its range."""
    law = list(law)
    for codes in range(1, 4097):
        last = 0
        for c in law:
            c0, c1, c2 = ((v * (2**20 - codes)) >> 20 for v in c)
            for f in range(STEPS):
                value = c0 + ((f * (c1 + f * c2)) >> 8)
                if not last <= value <= 2**20 - codes:
                    raise SystemExit(f"a law falls with {codes} codes")
                last = value


def law_tables() -> Iterable[str]:
    yield """\
/* The laws of the forward mode, made by scripts/make_n1_tables.py.
 *
 * n1_law_tables: distribution functions of total 2^20 over +-reach sigmas in 32 pieces c0 + (f * (c1 + f * c2) >> 8),
 * f = 0 .. 63. Law 0 is normal, reach 4; laws 1 to 3 add a normal law three times as wide, of mass 1/64, 1/16, 3/16,
 * reach 6, 8, 8.
 */
#include "predict/axis.h"
"""
    yield "const int32_t n1_law_tables[N1_LAWS][3][N1_LAW_PIECES] = {"
    blocks = []
    for wide, reach in LAWS:
        law = pieces(wide, reach)
        lines = ["        {" + rows([piece[j] for piece in law], 8, "         ").lstrip() + "}" for j in range(3)]
        blocks.append("    {\n" + ",\n".join(lines) + "\n    }")
    yield ",\n".join(blocks) + "\n};"


def table(ctype: str, name: str, values: Sequence[int], note: str) -> str:
    return f"/* {note} */\nconst {ctype} {name}[{len(values)}] = {{\n{rows(values, 10)},\n}};\n"


def function_tables() -> Iterable[str]:
    normal = NormalDist()
    yield '/* Functions as tables, each below its formula; made by scripts/make_n1_tables.py. */\n#include "base/tables.h"\n'
    yield table(
        "uint32_t",
        "N1_NORMAL",
        [round(2**28 * normal.cdf((i - 2048) / 256)) for i in range(4097)],
        "N1_NORMAL[i] = round(2^28 * Phi((i - 2048) / 256)), Phi the normal law's distribution function",
    )
    yield table(
        "int16_t",
        "N1_NORMAL_INV",
        [max(-2047, min(2047, round(256 * normal.inv_cdf((i + 0.5) / 1024)))) for i in range(1024)],
        "N1_NORMAL_INV[i] = round(256 * PhiInverse((i + 0.5) / 1024))",
    )
    yield table(
        "uint16_t",
        "N1_LOG2",
        [round(4096 * math.log2(1 + (i + 0.5) / 2048)) for i in range(2049)],
        "N1_LOG2[i] = round(4096 * log2(1 + (i + 0.5) / 2048)); the last is never used: vectors read pairs",
    )
    yield table(
        "uint32_t",
        "N1_INV_SIGMA",
        [round(2**24 / 2 ** (i / 32)) for i in range(512)],
        "N1_INV_SIGMA[i] = round(256 * 65536 / sigma), sigma = 2^(i/32) voltage units",
    )
    yield table(
        "uint16_t",
        "N1_SQUASH",
        [min(65535, round(65536 / (1 + math.exp(-(i - 768) / 64)))) for i in range(1537)],
        "N1_SQUASH[i] = round(65536 / (1 + exp(-(i - 768) / 64))), at most 65535",
    )


SHAPES: Final[tuple[tuple[str, Callable[[float], float]], ...]] = (
    ("normal", lambda y: math.exp(-(y**2))),
    ("exp(-|y|^1.4)", lambda y: math.exp(-(y**1.4))),
    ("logistic", lambda y: math.exp(-y) / (1 + math.exp(-y)) ** 2),
    ("Laplace", lambda y: math.exp(-y)),
    ("Student t, 3 degrees", lambda y: (1 + y * y / 3) ** -2),
    ("exp(-|y|^0.8)", lambda y: math.exp(-(y**0.8))),
)
"""Of the piecewise mode: densities, not scaled; the lighter tails first."""
STEP: Final = 1 / 1024


def tail(density: Callable[[float], float]) -> list[int]:
    """Return the mass beyond i / 64 mean deviations, of 2^20, by the trapezoidal rule."""
    masses = [density(i * STEP) for i in range(200 * 1024 + 1)]
    total = math.fsum(masses) - masses[0] / 2
    deviation = math.fsum(m * i * STEP for i, m in enumerate(masses)) / total
    beyond, inside, at = [], 0.0, 0
    for i in range(1026):
        end = i / 64 * deviation / STEP
        while at + 1 <= end:
            inside += (masses[at] + masses[at + 1]) / 2
            at += 1
        part = (end - at) * (masses[at] + (masses[at + 1] - masses[at]) * (end - at) / 2)
        beyond.append(round(2**19 * max(0.0, 1 - (inside + part) / total)))
    return beyond


def corrected(scale: int) -> int:
    """Return the scale of the law, rounding taken off, of codes whose mean distance is 2^(scale / 32) 64ths of a code."""
    normal = math.sqrt(math.pi / 2)
    sigma = 2 ** (scale / 32) / 64 * normal
    variance = max(sigma**2 - 1 / 12, sigma**2 / 10, 0.004)
    return max(0, round(32 * math.log2(math.sqrt(variance) / normal * 64)))


def piece_tables() -> Iterable[str]:
    yield "/* The laws of the piecewise mode, made by scripts/make_n1_tables.py. */"
    yield '#include "modes/piecewise/piece_law.h"\n'
    yield "/* Mass beyond i / 64 mean deviations on one side, of 2^20. */"
    yield "const uint32_t n1_piece_laws[N1_PIECE_LAWS][N1_PIECE_STEPS + 2] = {"
    for name, density in SHAPES:
        yield f"    {{ /* {name} */\n{rows(tail(density), 14, '        ')}\n    }},"
    yield "};\n"
    yield table("uint32_t", "n1_piece_powers", [round(2 ** (30 + i / 32)) for i in range(32)], "round(2^30 2^(i / 32))")
    yield table(
        "uint16_t",
        "n1_piece_corrected",
        [corrected(i) for i in range(320)],
        "s: mean distance 2^(i / 32), normal; v = max(s^2 - 1/12, s^2 / 10, 0.004) of codes; then as i is to s",
    )


def nlink_tables(recordings: Path | None) -> Iterable[str]:
    yield "/* Widths of the codes of the N1's ADC, measured; made by scripts/make_n1_tables.py. */"
    yield '#include "converter/nlink.h"\n'
    yield "/* In sixteenths of the mean width, from 150 recordings: the forward mode's. */"
    yield (
        "const uint8_t n1_nlink_sixteenths[N1_NLINK_CODES] = {\n" + rows(widths("sixteenths", recordings), 29) + "};\n"
    )
    yield "/* In 64ths, from 99 recordings: where they are but what learning begins with. */"
    yield "const uint8_t n1_nlink_sixty_fourths[N1_NLINK_CODES] = {"
    yield rows(widths("sixty_fourths", recordings), 10) + ",\n};"


ESCAPE: Final = 16
"""Mass, of 2^16, of what a packet's law gives none."""


def packet_law() -> list[int]:
    """Return the law of packets: of 65535, ESCAPE at the bottom; 128 steps to a sigma, 8 sigmas to each side."""
    normal = NormalDist()

    def law(i: int) -> float:
        z = (i - 1024) / 128
        return 0.996 * normal.cdf(z) + 0.004 * normal.cdf(z / 3)

    low, high = law(0), law(2047)
    return [ESCAPE + round((65535 - ESCAPE) * (law(i) - low) / (high - low)) for i in range(2048)]


def packet_edges() -> list[int]:
    """Return where the N1's codes begin, in 64ths: what no recording shows is made narrower, so that 16 bits suffice."""
    width = widths("sixty_fourths", None)
    seen = next(k for k in range(CODES) if width[k] != 64)
    width[-1] = 64
    excess = sum(width) - 65535
    for k in range(seen):
        width[k] -= excess // seen + (k < excess % seen)
    edges = [0]
    for each in width:
        edges.append(edges[-1] + each)
    assert edges[-1] == 65535
    return edges


def packet_tables() -> Iterable[str]:
    yield "/* What both sides of a packet know, made by scripts/make_n1_tables.py. */"
    yield '#include "modes/packet/packet.h"\n'
    yield table(
        "uint16_t",
        "n1_packet_law",
        packet_law(),
        "16 + 65519 of the law's mass below (i - 1024) / 128 sigmas: 0.996 normal, 0.004 three times as wide; from i = 0 to 2047",
    )
    yield table(
        "uint16_t",
        "n1_packet_inverse",
        [round(128 * 2 ** (-(i % 8) / 8)) << (7 - i // 8) for i in range(64)],
        "2^14 / 2^(i / 8), of 7 or 8 bits: round(128 / 2^((i mod 8) / 8)) 2^(7 - i div 8)",
    )
    yield table(
        "uint16_t",
        "n1_packet_nlink",
        packet_edges(),
        "Where the codes of the N1's converter begin, in 64ths of their mean width",
    )


def quantile_table() -> Iterable[str]:
    law = packet_law()
    at, found = 0, []
    for bucket in range(4096):
        slot = 16 * bucket + 8
        while at < 2046 and law[at + 1] <= slot:
            at += 1
        step = max(1, law[at + 1] - law[at])
        found.append(round(16 * (at - 1024 + min(1.0, max(0.0, (slot - law[at]) / step)))))
    yield "/* The way back through the law of packets, made by scripts/make_n1_tables.py. */"
    yield '#include "modes/packet/packet_decode.h"\n'
    yield table("int16_t", "n1_packet_quantile", found, "16ths of a step at which the law is about 16 i + 8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the constant tables of the n1 coder.")
    parser.add_argument("which", choices=["laws", "functions", "pieces", "packets", "quantiles", "nlink"])
    parser.add_argument("--recordings", type=Path, help="folder of the N1's WAV files: learn the widths anew")
    options = parser.parse_args()
    if options.which == "laws":
        for wide, reach in LAWS:
            check_rising(pieces(wide, reach))
        lines = law_tables()
    elif options.which == "functions":
        lines = function_tables()
    elif options.which == "pieces":
        lines = piece_tables()
    elif options.which == "packets":
        lines = packet_tables()
    elif options.which == "quantiles":
        lines = quantile_table()
    else:
        lines = nlink_tables(options.recordings)
    print("\n".join(lines).rstrip("\n"))


if __name__ == "__main__":
    main()
