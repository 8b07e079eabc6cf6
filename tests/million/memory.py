"""The most memory that a process has held, looked up from outside: a killed one can no longer say it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Peaks:
    """MB by the name of the part; the greatest of all its processes.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html; elsewhere than on Linux nothing is known.
    """

    megabytes: dict[str, float] = field(default_factory=dict)
    _processes: list[tuple[str, int]] = field(default_factory=list)

    def watch(self, part: str, process: int) -> None:
        self._processes.append((part, process))

    def look(self) -> None:
        for part, process in self._processes:
            try:
                status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                peak = int(found[1]) / 1024
                self.megabytes[part] = round(max(self.megabytes.get(part, 0.0), peak), 1)
