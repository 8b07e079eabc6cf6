"""`kill -9` again and again, as soon as a verify has kept something: the next one goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.tables.verify_process import DIFFERENT, ITEMS, MISSING, NATIVE

ROOT = Path(__file__).parents[2]
KILLS = 5
PATIENCE = 60.0


def start(folder: Path) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    command = [sys.executable, "-m", "tests.tables.verify_process", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


def kill_once_it_has_kept_more(folder: Path, process: subprocess.Popen[str]) -> bool:
    """False where it came to its end before."""
    document = folder / "verify.json"
    before = document.stat().st_mtime_ns if document.exists() else 0
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if document.exists() and document.stat().st_mtime_ns != before:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.005)
    return False


def test_a_verify_that_is_killed_again_and_again_ends_as_if_it_never_was(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    kills = sum(kill_once_it_has_kept_more(folder, start(folder)) for _ in range(KILLS))
    last = start(folder)
    out, _ = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0
    assert kills >= KILLS - 1, "the tables are too small for so many kills"
    found = json.loads(out)
    assert found["counts"] == {
        "missing": len(MISSING),
        "different": len(DIFFERENT),
        "native": len(NATIVE),
    }
    held = ITEMS - len(MISSING) + len(NATIVE)
    assert found["items"] == [ITEMS, held, ITEMS + len(NATIVE)]
    assert found["resumed"]
