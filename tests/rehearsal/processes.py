"""What a run left behind: everything that it starts inherits the folder of its temporary files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.rehearsal.probes import until

RUN = "import sys; from cutover.cli import main; sys.exit(main())"


def start_rehearsal(folder: Path, *words: str) -> subprocess.Popen[str]:
    """`cutover rehearse WORDS` with its temporary files in `folder`."""
    environment: Mapping[str, str] = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, "rehearse", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_behind(folder: Path) -> tuple[list[str], list[str]]:
    """Processes that know the folder, and files in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if str(folder).encode() in environment and state != "Z":
            found.append(entry.name)
    return found, [path.name for path in folder.iterdir()]


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says on standard error up to the line with `words`."""
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended before it said {words!r}:\n{said}")


def nothing_left(folder: Path) -> bool:
    return until(lambda: left_behind(folder) == ([], []), seconds=20)
