"""The console script's entry, and `python -m cutover`: next to nothing loads before a Ctrl-C is caught."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> int:
    """As `cutover.cli.main`, which a Ctrl-C while it loads ends in order too: nothing has begun then."""
    try:
        from cutover.cli import main as run
    except KeyboardInterrupt:
        os.write(sys.stderr.fileno(), b"error: interrupted\n")
        return INTERRUPTED
    return run()


if __name__ == "__main__":
    sys.exit(main())
