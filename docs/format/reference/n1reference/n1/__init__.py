"""The coder n1 (docs/format/n1.md and the pages n1-backward, -wide, -mixed, -piecewise, -contexts, -predicted)."""
