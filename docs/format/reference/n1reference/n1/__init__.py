"""The coder n1 (docs/format/n1.md, n1-backward.md, n1-mixed.md, n1-piecewise.md, n1-contexts.md)."""
