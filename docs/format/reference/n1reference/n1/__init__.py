"""The coder n1 (docs/format/n1.md, n1-realtime.md, n1-best.md)."""
