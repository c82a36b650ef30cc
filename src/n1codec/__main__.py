"""``python -m n1codec``: the same as the command ``n1codec``."""

import sys

from n1codec.cli import main

if __name__ == "__main__":
    sys.exit(main())
