"""Decode an envelope (.n1), a chunk of a store of arrays or a recording (.n1c) without n1codec.

    python -I decode.py FILE > samples
    python -I decode.py --source FILE.n1c > source.wav
    python -I decode.py --widths WIDTHS FILE > samples

writes the samples in C order (sample after sample, of all channels), in the byte order of the array that was encoded, or with
--source the file that they came from. WIDTHS is a file with the code widths that a store's metadata have. Dtype and shape are
said on standard error. The exit code is 1, and nothing is written, for a file that is damaged or that needs another library.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from n1reference import array, envelope
from n1reference.errors import DecodeError
from n1reference.file import decode_recording
from n1reference.n1 import known
from n1reference.restore import restore


def main(arguments: list[str]) -> int:
    """Decode the file that the arguments name."""
    source, widths = arguments[:1] == ["--source"], arguments[:1] == ["--widths"]
    if len(arguments) != 1 + source + 2 * widths or arguments[-1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if widths:
            known.give(Path(arguments[1]).read_bytes())
        data = Path(arguments[-1]).read_bytes()
        if data[:4] == array.MAGIC or data[:2] == envelope.MAGIC:
            chunk = array.decode_array(data)
            decoded, content = chunk.decoded, chunk.to_bytes()
        else:
            decoded = decode_recording(data)
            content = decoded.to_bytes()
        if source:
            content = restore(decoded, decoded.restore_bytes)
    except (OSError, DecodeError) as error:
        print(f"{arguments[-1]}: {error}", file=sys.stderr)
        return 1
    print(f"{decoded.layout.dtype.name}, {decoded.order}-endian, shape {decoded.layout.shape}", file=sys.stderr)
    if decoded.doubts:
        print(f"recovered, with doubts {decoded.doubts:#04x}", file=sys.stderr)
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
