"""The command line: parse, call, print.

Exit codes: 0 done; 1 something failed (a file, a codec, a comparison), or the reader of the output went away; 2 a mistake in
the command line; 130 interrupted. Errors are one line on standard error; with ``N1CODEC_DEBUG=1`` in the environment they come
with a traceback. Typer and Rich are imported when a command line is run, not before.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from n1codec.errors import N1Error, ParameterError, SpecError

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of this process.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return EXIT_FAILURE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except (SpecError, ParameterError) as error:
        return _complain(str(error), EXIT_USAGE)
    except N1Error as error:
        return _complain(str(error), EXIT_FAILURE)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", EXIT_FAILURE)
    except Exception as error:
        hint = "; set N1CODEC_DEBUG=1 for the whole story"
        return _complain(f"unexpected {type(error).__name__}: {error}{hint}", EXIT_FAILURE)
    return code


def _run(arguments: list[str]) -> int:
    from n1codec.cli.app import app

    try:
        app(args=arguments, prog_name="n1codec", obj=arguments)
    except SystemExit as done:
        if isinstance(done.code, str):
            return _complain(done.code, EXIT_FAILURE)
        return done.code or 0
    return 0


def _complain(message: str, code: int) -> int:
    """Print an error in one line and return the exit code."""
    if os.environ.get("N1CODEC_DEBUG") == "1" and sys.exc_info()[0] is not None:
        raise
    with contextlib.suppress(OSError):
        print(f"n1codec: {' '.join(message.split())}", file=sys.stderr)
    return code


def _drop_output() -> None:
    """Point standard output nowhere: whoever read it has gone, and the interpreter flushes it once more at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
