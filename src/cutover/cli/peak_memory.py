"""The most memory that this process has held so far."""

from __future__ import annotations

import resource
import sys


def peak_memory_bytes() -> int:
    """`ru_maxrss`, which Linux counts in kilobytes and macOS in bytes.

    https://man7.org/linux/man-pages/man2/getrusage.2.html
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
