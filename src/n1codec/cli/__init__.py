"""The command line: parse, call, print.

Exit codes: 0 done; 1 something failed (a file, a codec, a comparison), or the reader of the output went away; 2 a mistake in
the command line; 130 interrupted, by Ctrl-C or SIGTERM (128 and its number by another signal). Errors are one line on standard
error; with ``N1CODEC_DEBUG=1`` in the environment they come with a traceback. Typer and Rich are imported when a command line
is run, not before.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

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
    from n1codec.cli.interrupt import signals_as_interrupts
    from n1codec.cli.streams import standard_streams

    arguments = list(sys.argv[1:] if arguments is None else arguments)
    with standard_streams(), signals_as_interrupts() as stop:
        code = _guarded(arguments)
        return stop.exit_code if code == EXIT_INTERRUPTED else code


def _guarded(arguments: list[str]) -> int:
    """Run a command line; whatever goes wrong is said in one line and in the exit code."""
    from n1codec.cli.streams import finish_stdout

    try:
        code = _run(arguments)
        try:
            finish_stdout()
        except BrokenPipeError:
            raise
        except OSError as error:
            # What has failed already has been said.
            return complain(error) if code == 0 else code
    except BrokenPipeError:
        return EXIT_FAILURE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except (SpecError, ParameterError) as error:
        return complain(error, code=EXIT_USAGE)
    except Exception as error:
        return complain(error)
    return code


def _run(arguments: list[str]) -> int:
    if any(not word or (word.startswith("--") and word.endswith("=")) for word in arguments):
        raise ParameterError(
            "an argument is empty: an unset variable of the shell, perhaps"
        )  # as a path it would be "."
    from n1codec.cli.app import app_for

    try:
        return app_for(arguments)(args=arguments, prog_name="n1codec", obj=arguments, standalone_mode=False) or 0
    except SystemExit as done:
        if isinstance(done.code, str):
            return _print_error(done.code, EXIT_FAILURE)
        return done.code or 0
    except Exception as error:
        if not hasattr(
            error, "format_message"
        ):  # of what reads the command line: another module by the version of Typer
            raise
        text = _mistake(error)
        return _print_error(text, EXIT_USAGE) if text else EXIT_USAGE  # without a text, help has been printed


def _mistake(error: Any) -> str:
    """Return in one line what is wrong with a command line, and where its right form is told."""
    context = getattr(error, "ctx", None)
    text: str = error.format_message().strip().removesuffix(".")
    if context is None or not text:
        return text
    command = context.command_path
    where = f"{command.removeprefix('n1codec ')}: " if " " in command else ""
    more = context.get_usage() if text.startswith("Missing") else f"`{command} -h` tells more"
    return f"{where}{text}; {more}"


def complain(error: Exception, name: str | None = None, code: int = EXIT_FAILURE) -> int:
    """Print an error in one line and return the exit code.

    Parameters
    ----------
    error : Exception
        What went wrong.
    name : str, optional
        The file it is about, if the error does not say so itself.
    code : int
        What to return.
    """
    if os.environ.get("N1CODEC_DEBUG") == "1":
        raise error
    if isinstance(error, N1Error):
        text = str(error)
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        text = f"{where}{error.strerror or error}"
    elif isinstance(error, MemoryError):
        text = "not enough memory"
    elif isinstance(error, RuntimeError) and "start new thread" in str(error):
        text = "not enough memory for another thread, or too many processes: --threads 1 needs fewest"
    else:
        text = f"unexpected {type(error).__name__}: {error}; set N1CODEC_DEBUG=1 for the whole story"
    return _print_error(text if name is None or name in text else f"{name}: {text}", code)


def one_line(text: str) -> str:
    """Return a text without line breaks, and without what a terminal would obey instead of showing."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in " ".join(text.split())
    )


def _print_error(text: str, code: int) -> int:
    with contextlib.suppress(OSError):  # where nobody can be told, the exit code still tells
        print(f"n1codec: {one_line(text)}", file=sys.stderr)
    return code
