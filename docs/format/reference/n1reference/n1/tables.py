"""The constant tables of the format, from tables.json (docs/format/n1.md, "Tables")."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

TABLES: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("tables.json").read_text("ascii"))
