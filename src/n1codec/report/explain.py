"""Why the codecs of a group win or fail on what was measured: sentences whose numbers, and whose drift, come from the rows.

Each function takes a study and the exact codecs of a group, best ratio first, and says nothing where it has no numbers.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from n1codec.report.model import Row, Study
from n1codec.report.text import brief, fixed, percent, plural, times


def standing(study: Study, best: Row) -> str:
    """Return where the best codec of a group stands among all."""
    rank = study.exact.index(best) + 1
    leader = study.exact[0]
    words = (
        f"Best here: {best.marked}, ratio {fixed(best.result.ratio)} ({fixed(best.result.bits_per_sample)} bits "
        f"a sample)"
    )
    words += f", encoding {brief(best.result.encode_mb_s)} and decoding {brief(best.result.decode_mb_s)} MB/s. "
    if leader is best:
        others = len(study.exact) - 1
        return words + (f"None of the {plural(others, 'other codec')} makes smaller files." if others else "")
    larger = (best.result.bits_per_sample or 0) / (leader.result.bits_per_sample or 1) - 1
    return words + f"Number {rank} of {len(study.exact)}: files {percent(larger)} larger than those of {leader.marked}."


def dictionary(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what repeats and sorting by context bring."""
    said = []
    matchers = [
        row for name in ("zstd:level=19", "lzma", "brotli", "zstd", "gzip") for row in rows if row.result.spec == name
    ]
    if matchers and matchers[0].result.entropy_in:
        best = min(matchers, key=lambda row: row.result.bits_per_sample or 0)
        taken, ideal = best.result.bits_per_sample or 0, best.result.entropy_in or 0
        rest = (
            "noise hardly repeats, so searching for repeats brings nothing over a plain entropy code, and costs time"
            if taken >= ideal
            else f"repeats and contexts bring {fixed(ideal - taken, 2)} bits over a plain entropy code"
        )
        said.append(
            f"Of those that search for repeats, {best.marked} does best on samples as they are stored: "
            f"{fixed(taken)} bits, where their order-0 entropy is {fixed(ideal)}: {rest}."
        )
    sorters = [row for row in rows if row.coder in ("bz2", "bzip3") and not row.chain]
    if sorters and matchers:
        ahead = (sorters[0].result.ratio or 0) > max(row.result.ratio or 0 for row in matchers)
        said.append(
            f"Sorting by context (bz2, bzip3) makes a statistic of what precedes a value instead of looking "
            f"for equal strings: {sorters[0].marked} reaches "
            f"{fixed(sorters[0].result.ratio)}, {'more than any of those' if ahead else 'no more than those'}."
        )
    return [*said, *_lattice(study, rows), *_delta(study, rows)][:3]


def predictive(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what predictions bring."""
    said = []
    chains = {
        row.transforms: row.result for row in reversed(rows) if row.result.entropy_coded and row.result.entropy_in
    }
    if chains:
        chain = min(chains, key=lambda name: chains[name].entropy_coded or 0)
        before, after = chains[chain].entropy_in or 0, chains[chain].entropy_coded or 0
        said.append(
            f"Neighbouring samples are alike, so what a prediction misses is smaller than the sample: `{chain}` "
            f"takes the order-0 entropy from {fixed(before)} to {fixed(after)} bits, "
            f"worth a factor of {before / max(after, 1e-9):.2f}."
        )
    if "lattice+delta" in chains and "lattice+lpc" in chains:
        gain = (chains["lattice+delta"].entropy_coded or 0) - (chains["lattice+lpc"].entropy_coded or 0)
        left = (chains["lattice+delta"].entropy_in or 0) - (chains["lattice+delta"].entropy_coded or 0)
        word = "more" if gain > 0 else "less"
        reason = ": the last sample tells most of what the past knows" if abs(gain) < left / 4 else ""
        said.append(
            f"A fitted linear prediction (lpc) is worth {fixed(abs(gain), 3)} bits {word} than the plain "
            f"difference{reason}."
        )
    elif "delta" in chains and "lattice+delta" in chains:
        gain = (chains["delta"].entropy_coded or 0) - (chains["lattice+delta"].entropy_coded or 0)
        said.append(f"Undoing the lattice first is worth {fixed(gain)} bits to the difference.")
    fastest = max(rows, key=lambda row: row.result.encode_mb_s or 0)
    if fastest is not rows[0]:
        said.append(
            f"{fastest.marked} encodes "
            f"{times((fastest.result.encode_mb_s or 0) / (rows[0].result.encode_mb_s or 1))} as fast as "
            f"{rows[0].marked}, at ratio {fixed(fastest.result.ratio)}."
        )
    return said


def entropy(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return how far entropy coders get alone."""
    said = []
    known = next((row for row in rows if row.result.entropy_in), None)
    if known is not None and known.result.entropy_in:
        width = (
            8 * known.result.recordings[0].sample_bytes / max(known.result.recordings[0].samples, 1)
            if known.result.recordings
            else 16.0
        )
        said.append(
            f"A coder that sees each sample alone cannot know that its neighbour is alike: at "
            f"{fixed(known.result.entropy_in)} bits of order-0 entropy its ratio ends near "
            f"{width / known.result.entropy_in:.2f}. They win behind a prediction, not instead of one."
        )
    huffman, arithmetic = (study.find(name) for name in ("huffman", "arithmetic"))
    if huffman and arithmetic and huffman.result.entropy_in:
        over = (huffman.result.bits_per_sample or 0) - huffman.result.entropy_in
        words = (
            f"Huffman stays within {fixed(abs(over), 3)} bits of the entropy, its table counted; the arithmetic "
            f"coder takes {fixed(arithmetic.result.bits_per_sample)} bits"
        )
        if (arithmetic.result.bits_per_sample or 0) < huffman.result.entropy_in:
            words += ", below it: it adapts, and so follows what changes along a recording"
        said.append(
            words + f". Huffman decodes "
            f"{times((huffman.result.decode_mb_s or 0) / (arithmetic.result.decode_mb_s or 1))} as fast."
        )
    rice = study.find("rice")
    if rice and rows[0] is not rice:
        said.append(
            f"Rice codes count bits of magnitude: on samples as they are stored they reach "
            f"{fixed(rice.result.ratio)}, against {fixed(rows[0].result.ratio)} for {rows[0].marked}."
        )
    return said


def run_length(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return where runs are found."""
    said = []
    plain = study.find("rle")
    if plain:
        gain = (plain.result.ratio or 1) - 1
        said.append(
            f"Recordings are noise all the way down, with hardly two equal samples in a row: alone it reaches "
            f"{fixed(plain.result.ratio)}."
            if gain < 0.1
            else f"There are runs in these recordings: alone it reaches {fixed(plain.result.ratio)}."
        )
    planes = next((row for row in rows if any(stage.startswith("bitshuffle") for stage in row.chain)), None)
    if planes and plain and (planes.result.ratio or 0) > 1.2 * (plain.result.ratio or 1):
        said.append(
            f"Differences that are turned into bit planes have upper planes that are nearly empty: there it "
            f"finds its runs, and {planes.marked} reaches {fixed(planes.result.ratio)}."
        )
    return said


def audio(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what audio codecs see in samples, and what effort buys."""
    said = _lattice(study, rows)
    plain, mapped = (next((row for row in rows if bool(row.chain) is has), None) for has in (False, True))
    if plain and mapped and (mapped.result.ratio or 0) > 1.3 * (plain.result.ratio or 1):
        said.append(
            "They predict well, then count bits of magnitude: a converter's few codes, spread over 16 bits, "
            "look like large numbers to them. On the codes themselves they are what they should be."
        )
    slowest = min(rows, key=lambda row: row.result.encode_mb_s or float("inf"))
    fastest = max(
        (row for row in rows if (row.result.ratio or 0) > 0.97 * (rows[0].result.ratio or 0)),
        key=lambda row: row.result.encode_mb_s or 0,
    )
    if slowest is not fastest and fastest is not rows[0]:
        said.append(
            f"Effort buys little: {fastest.marked} is within "
            f"{percent(1 - (fastest.result.ratio or 0) / (rows[0].result.ratio or 1))} of the best at "
            f"{brief(fastest.result.encode_mb_s)} MB/s; "
            f"the slowest, {slowest.marked}, takes {brief(slowest.result.encode_mb_s)} MB/s."
        )
    return said[:3]


def blosc(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what shuffles, speed and transforms bring."""
    said = []
    said += _shuffles(rows)
    smaller = [row for row in rows if (row.result.ratio or 0) > 1.05] or list(rows)
    fastest = max(smaller, key=lambda row: row.result.decode_mb_s or 0)
    threads = plural(fastest.result.threads, "thread")
    said.append(
        f"It is built for speed: {fastest.marked} decodes {brief(fastest.result.decode_mb_s)} MB/s with "
        f"{threads}, at ratio {fixed(fastest.result.ratio)}."
    )
    transformed = next((row for row in rows if row.chain), None)
    plain = next((row for row in rows if not row.chain), None)
    if transformed and plain and rows[0] is transformed:
        said.append(
            f"It knows neither the converter's lattice nor a prediction: behind `{transformed.transforms}`, "
            f"{transformed.marked} reaches {fixed(transformed.result.ratio)} instead of {fixed(plain.result.ratio)} "
            f"({plain.marked})."
        )
    return said


def _shuffles(rows: Sequence[Row]) -> list[str]:
    """Say what shuffling bits does to each coder inside Blosc, those of the best plain ratio first."""
    plain: dict[tuple[str, str], float] = {}
    for row in rows:
        params = dict(row.params)
        if not row.chain and set(params) == {"cname", "shuffle"}:
            plain[params["cname"], params["shuffle"]] = row.result.ratio or 0.0
    names = sorted(
        (name for name, shuffle in plain if shuffle == "none" and (name, "bit") in plain),
        key=lambda name: -plain[name, "none"],
    )
    changes = {name: (plain[name, "none"], plain[name, "bit"]) for name in names}
    told = {name: f"{name} from {before:.2f} to {after:.2f}" for name, (before, after) in changes.items()}
    hurt = [name for name, (before, after) in changes.items() if after < 0.995 * before]
    helped = [name for name, (before, after) in changes.items() if after > 1.005 * before]
    if not hurt and not helped:
        return []
    best = ", best without it" if hurt == names[: len(hurt)] else ""
    said = []
    if hurt:
        ratios = ", ".join(told[name] for name in hurt)
        said.append(f"Shuffling bits makes files larger with {_listed(hurt)}{best}: {ratios}.")
    if helped:
        ratios = ", ".join(told[name] for name in helped)
        said.append(
            f"{'It makes them' if hurt else 'Shuffling bits makes files'} smaller with {_listed(helped)}: {ratios}."
        )
    if hurt and helped:
        said.append(
            "A coder with an entropy stage knows the histogram of whole bytes already; one without needs its runs made."
        )
    return [" ".join(said)]


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def numeric(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what the codecs of numbers bring."""
    said = _lattice(study, rows)
    fastest = max(
        (row for row in rows if (row.result.ratio or 0) > 0.95 * (rows[0].result.ratio or 0)),
        key=lambda row: row.result.decode_mb_s or 0,
    )
    said.append(
        f"They know that samples are numbers, and code them many at a time: {fastest.marked} keeps "
        f"{percent((fastest.result.ratio or 0) / (rows[0].result.ratio or 1))} of the group's best ratio "
        f"and decodes {brief(fastest.result.decode_mb_s)} MB/s."
    )
    return said


def baseline(study: Study, rows: Sequence[Row]) -> list[str]:
    """Return what leaving out unused bits brings."""
    packed = next((row for row in rows if any(stage.startswith("bitpack") for stage in row.chain)), None)
    if packed is None:
        return []
    return [
        f"Leaving out the bits that no sample uses is worth {fixed(packed.result.ratio)} without any model of the "
        f"signal ({packed.marked}): what a codec should be measured against."
    ]


def _lattice(study: Study, rows: Sequence[Row]) -> list[str]:
    """Say what undoing the converter's lattice brings the plain codecs of a group."""
    pairs = [(row, other) for row, other in study.pairs("lattice", rows) if not row.chain]
    if not pairs:
        return []
    gains = {row: (other.result.ratio or 0) / (row.result.ratio or 1) for row, other in pairs}
    most, least = max(gains, key=lambda row: gains[row]), min(gains, key=lambda row: gains[row])
    if most == least:
        return [
            f"Mapping stored values to the converter's codes first (lattice) multiplies its ratio by {gains[most]:.2f}."
        ]
    return [
        f"Mapping stored values to the converter's codes first (lattice) multiplies the ratio by "
        f"{gains[least]:.2f} ({least.marked}) to {gains[most]:.2f} ({most.marked})."
    ]


def _delta(study: Study, rows: Sequence[Row]) -> list[str]:
    """Say what a difference brings the plain codecs of a group."""
    gains = [
        (other.result.ratio or 0) / (row.result.ratio or 1)
        for row, other in study.pairs("delta", rows)
        if not row.chain
    ]
    if not gains:
        return []
    middle = statistics.median(gains)
    return [
        f"A difference before them changes ratios by a factor of {middle:.2f} in the median, on samples as "
        f"they are stored."
    ]
