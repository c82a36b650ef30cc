"""Help texts: the prose of a command's docstring, and its examples."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


def help_text(command: Callable[..., Any], examples: Sequence[str]) -> str:
    """Return what ``--help`` says of a command.

    Parameters
    ----------
    command : callable
        Its docstring is the prose; line breaks within paragraphs go, for terminals are wide or narrow.
    examples : sequence of str
        Command lines.
    """
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    prose = [" ".join(paragraph.split()) for paragraph in paragraphs]
    return "\n\n".join([*prose, "\n".join(["Examples:", *(f"  {line}" for line in examples)])])
