"""The constant tables of the format, from tables.json (docs/format/n1.md, "Tables")."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

TABLES: Final[dict[str, Any]] = json.loads(files("n1codec.reference").joinpath("tables.json").read_text("ascii"))
