"""The memory that is said is this process's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cutover.cli.peak_memory import peak_memory_bytes

SOURCES = str(Path(__file__).parents[2] / "src")
SAY = "from cutover.cli.peak_memory import peak_memory_bytes; print(peak_memory_bytes())"


def test_what_was_held_once_counts() -> None:
    before = peak_memory_bytes()
    held = bytearray(os.urandom(1)) * (before + 50_000_000)
    del held
    assert peak_memory_bytes() > before + 40_000_000


def test_the_memory_of_who_started_the_process_does_not_count() -> None:
    """A small process, started by a large one."""
    held = bytearray(os.urandom(1)) * 200_000_000
    environ = {**os.environ, "PYTHONPATH": SOURCES}
    said = subprocess.run(
        [sys.executable, "-c", SAY], env=environ, capture_output=True, text=True, check=True
    )
    assert int(said.stdout) < 100_000_000 < len(held)
