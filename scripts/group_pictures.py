"""The two pictures of each group on docs/groups.md, and that of Blosc's threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import svg
from n1codec.report.model import Row

STEP: Final = 20
LEFT: Final = 250
MOST: Final = 14
"""Rows of a picture."""


def chosen(ranked: Sequence[str]) -> list[str]:
    """Return, of specifications with the best first, the best of each coder and each coder alone, then others as far as there is room."""
    coders = dict.fromkeys(coder_of(spec) for spec in ranked)
    first = [next(spec for spec in ranked if coder_of(spec) == coder) for coder in coders]
    alone = [spec for spec in ranked if spec in coders]
    kept = list(dict.fromkeys([*first, *alone, *ranked]))[: max(MOST, len({*first, *alone}))]
    return [spec for spec in ranked if spec in kept]


def coder_of(spec: str) -> str:
    """Return the name of a specification's coder."""
    return spec.rpartition("+")[2].partition(":")[0]


def speeds(group: str, rows: Sequence[Row]) -> str:
    """Draw ratio, as bars, and both speeds, as dots on a logarithmic axis; return what it shows in words."""
    names = {row.result.spec: row for row in rows}
    shown = [names[spec] for spec in chosen(list(names))]
    ratio = svg.Scale(0.0, 4.0, LEFT, LEFT + 250)
    speed = svg.Scale(1.0, 10_000.0, LEFT + 310, LEFT + 530, log=True)
    bottom = 40 + STEP * len(shown)
    parts = [svg.at(LEFT, 16, "ratio", "t"), svg.at(LEFT + 310, 16, "MB/s: encode ●  decode ○", "t")]
    for mark in (1, 10, 100, 1_000, 10_000):
        parts += [
            svg.path(f"M{speed(mark):.1f},26V{bottom}", "g"),
            svg.at(speed(mark), bottom + 14, f"{mark:,}", "m", "middle"),
        ]
    for index, row in enumerate(shown):
        y = 36 + STEP * index
        one = row.result
        parts += [
            svg.at(LEFT - 8, y + 5, row.label, anchor="end"),
            svg.bar(LEFT, y - 6, ratio(one.ratio or 0.0) - LEFT, 12, "p"),
            svg.at(ratio(one.ratio or 0.0) + 5, y + 5, f"{one.ratio:.3f}"),
        ]
        for value, kind in ((one.encode_mb_s, "b"), (one.decode_mb_s, "h")):
            if value:
                parts.append(svg.dot(speed(min(max(value, 1.0), 10_000.0)), y, kind))
    words = f"Ratio and speeds of {len(shown)} codecs; the best is {shown[0].label} with {shown[0].result.ratio:.3f}"
    svg.write(f"group-{group}", svg.document(LEFT + 550, bottom + 22, words, parts))
    return words


def entropies(group: str, codecs: dict[str, Any]) -> str:
    """Draw, for each specification, the entropy of what the coder is given, the bits that it takes, and the entropy of its bytes."""
    ranked = sorted(codecs, key=lambda spec: codecs[spec]["bits"])
    shown = chosen(ranked)
    bits = svg.Scale(3.0, 17.0, LEFT, LEFT + 400)
    bottom = 56 + STEP * len(shown)
    before = next(iter(codecs.values()))["samples"]
    parts = [
        svg.at(LEFT, 16, "bits a sample: taken by the coder ●, order-0 entropy of what it is given |", "t"),
        svg.at(LEFT + 412, 40, "entropy of its bytes", "m"),
        svg.path(f"M{bits(before):.1f},46V{bottom}", "a"),
        svg.at(bits(before), 40, f"samples: {before:.2f}", "m", "middle"),
    ]
    for mark in range(4, 17, 2):
        parts += [
            svg.path(f"M{bits(mark):.1f},46V{bottom}", "g"),
            svg.at(bits(mark), bottom + 14, str(mark), "m", "middle"),
        ]
    for index, spec in enumerate(shown):
        y = 56 + STEP * index
        one = codecs[spec]
        given, taken = bits(one["given"]), bits(min(one["bits"], 16.6))
        parts += [
            svg.at(
                LEFT - 8,
                y + 5,
                spec if len(spec) < 38 else spec.replace("cname=", "").replace("shuffle=", "").replace("clevel=", ""),
                anchor="end",
            ),
            svg.path(f"M{given:.1f},{y}H{taken:.1f}", "a"),
            svg.path(f"M{given:.1f},{y - 7}V{y + 7}", "u"),
            svg.dot(taken, y, "b"),
            svg.at(LEFT + 412, y + 5, f"{one['bytes']:.3f} of 8", "m"),
        ]
    words = f"Order-0 entropy of the samples {before:.2f} bits, of what each coder is given, and the bits it takes"
    svg.write(f"entropy-{group}", svg.document(LEFT + 550, bottom + 22, words, parts))
    return words


def threads(lines: Sequence[dict[str, Any]]) -> str:
    """Draw Blosc's speeds by threads."""
    specs = list(dict.fromkeys(line["codec"] for line in lines))
    high = max(max(line["encode_mb_s"], line["decode_mb_s"]) for line in lines)
    step = 26
    bottom = 40 + step * len(specs)
    parts = []
    for column, (way, title) in enumerate((("encode_mb_s", "encode, MB/s"), ("decode_mb_s", "decode, MB/s"))):
        left = LEFT + 30 + 260 * column
        scale = svg.Scale(10.0, 10_000.0 if high < 10_000 else 100_000.0, left, left + 220, log=True)
        parts.append(svg.at(left, 16, title, "t"))
        for mark in (10, 100, 1_000, 10_000):
            parts += [
                svg.path(f"M{scale(mark):.1f},26V{bottom}", "g"),
                svg.at(scale(mark), bottom + 14, f"{mark:,}", "m", "middle"),
            ]
        for index, spec in enumerate(specs):
            y = 40 + step * index
            ones = [line for line in lines if line["codec"] == spec]
            if column == 0:
                parts.append(svg.at(LEFT + 22, y + 5, spec.replace("cname=", "").replace("shuffle=", ""), anchor="end"))
            places = [scale(max(line[way], 10.0)) for line in ones]
            parts.append(svg.path(f"M{places[0]:.1f},{y}H{places[-1]:.1f}", "a"))
            for line, place in zip(ones, places, strict=True):
                parts.append(svg.dot(place, y, "h" if line["threads"] == 1 else "b", 2.0 + 1.3 * line["threads"]))
    words = "Blosc's speeds with 1 (ring), 2 and 4 threads (larger dots)"
    svg.write("blosc-threads", svg.document(LEFT + 550, bottom + 22, words, parts))
    return words
