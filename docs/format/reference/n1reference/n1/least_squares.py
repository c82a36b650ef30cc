"""Normal equations in integers (docs/format/n1-backward.md, "Least squares")."""

from __future__ import annotations

from typing import Final

from n1reference.n1.fixed import clamp, quotient

COEF_Q: Final = 16
"""Solutions are in 2^-16."""
TOP: Final = 30
L_Q: Final = 20
RIDGE: Final = TOP - 17
L_MAX: Final = (1 << 26) - 1
Y_MAX: Final = (1 << 30) - 1
X_MAX: Final = 1 << 24


def _scaled(value: int, shift: int) -> int:
    if shift < 0:
        return value >> min(62, -shift)
    shift = min(40, shift)
    return clamp(value, -((1 << TOP) >> shift), (1 << TOP) >> shift) << shift


def solve(sums: list[list[int]], target: list[int]) -> list[int] | None:
    """Solve sums * x = target.

    Parameters
    ----------
    sums : list of list of int
        Lower triangle, row by row.
    target : list of int
        Right-hand side.

    Returns
    -------
    list of int or None
        x in 2^-16; None if there is nothing to solve.
    """
    n = len(target)
    if any(sums[i][i] <= 0 for i in range(n)) or not any(target):
        return None
    shift = [(TOP - sums[i][i].bit_length()) >> 1 for i in range(n)]
    right = TOP - max(abs(target[i]).bit_length() + shift[i] for i in range(n) if target[i])
    u: list[list[int]] = []
    lower: list[list[int]] = []
    d: list[int] = []
    y: list[int] = []
    for i in range(n):
        ui: list[int] = []
        li: list[int] = []
        for j in range(i):
            value = _scaled(sums[i][j], shift[i] + shift[j]) - (sum(ui[k] * lower[j][k] for k in range(j)) >> L_Q)
            ui.append(clamp(value, -(1 << TOP), 1 << TOP))
            up = TOP + 1 - d[j].bit_length()
            inverse = (1 << 61) // (d[j] << up)
            li.append(clamp(ui[j] * inverse >> (61 - L_Q - up), -L_MAX, L_MAX))
        value = _scaled(sums[i][i], 2 * shift[i]) + (1 << RIDGE) - (sum(ui[k] * li[k] for k in range(i)) >> L_Q)
        d.append(max(value, 1 << RIDGE - 1))
        value = _scaled(target[i], shift[i] + right) - (sum(li[k] * y[k] for k in range(i)) >> L_Q)
        y.append(clamp(value, -Y_MAX, Y_MAX))
        u.append(ui)
        lower.append(li)
    z = [0] * n
    for i in reversed(range(n)):
        value = quotient(y[i] << L_Q, d[i]) - (sum(lower[k][i] * z[k] for k in range(i + 1, n)) >> L_Q)
        z[i] = clamp(value, -Y_MAX, Y_MAX)
    return [_unscaled(z[i], shift[i] - right + COEF_Q - L_Q) for i in range(n)]


def _unscaled(z: int, shift: int) -> int:
    if shift >= 0:
        return clamp(z << min(27, shift), -X_MAX, X_MAX)
    down = min(62, -shift)
    return clamp(z + (1 << down - 1) >> down, -X_MAX, X_MAX)
