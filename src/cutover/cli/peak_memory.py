"""The most memory that this process has held so far."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_bytes() -> int:
    """On Linux `VmHWM`, elsewhere `ru_maxrss`, which macOS counts in bytes and others in kilobytes.

    On Linux `ru_maxrss` may be that of the process that started this one, for it outlives exec; `VmHWM`
    does not: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    if _STATUS.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
