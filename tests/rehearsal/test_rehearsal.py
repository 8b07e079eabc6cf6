"""The whole rehearsal, small; and how it ends when somebody stops it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.rehearsal.processes import left_behind, nothing_left, read_until, start_rehearsal

pytestmark = [
    pytest.mark.local_stack,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks processes up in /proc"),
]
SMALL = ("--people", "60", "--items", "120")


def test_every_check_holds_while_iam_is_enforced_and_nothing_is_left(tmp_path: Path) -> None:
    process = start_rehearsal(tmp_path, *SMALL, "--enforce-iam", "--output", "json")
    out, said = process.communicate(timeout=300)
    envelope = json.loads(out)
    wrong = [row for row in envelope["data"]["checks"] if not row["ok"]]
    assert (process.returncode, wrong, envelope["ok"]) == (0, [], True), said
    assert left_behind(tmp_path) == ([], [])


@pytest.mark.parametrize("scene", ["The old world", "People sign in", "cutover backfill"])
def test_ctrl_c_at_any_scene_leaves_nothing_behind(tmp_path: Path, scene: str) -> None:
    process = start_rehearsal(tmp_path, *SMALL)
    read_until(process, scene)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert nothing_left(tmp_path)


@pytest.mark.parametrize("seconds", [0.6, 1.0, 1.4])
def test_ctrl_c_while_the_stack_starts_leaves_nothing_behind(tmp_path: Path, seconds: float) -> None:
    process = start_rehearsal(tmp_path, *SMALL)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert nothing_left(tmp_path)


def test_a_rehearsal_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    process = start_rehearsal(tmp_path, *SMALL)
    read_until(process, "People sign in")
    process.kill()
    process.communicate(timeout=30)
    assert nothing_left(tmp_path)


def test_a_kept_stack_is_told_of_and_stops_as_told(tmp_path: Path) -> None:
    process = start_rehearsal(tmp_path, *SMALL, "--keep", "--output", "json")
    out, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    stack = json.loads(out)["data"]["stack"]
    assert left_behind(tmp_path)[0] != []
    verb, pid = stack["stop"].split()
    assert verb == "kill"
    os.kill(int(pid), signal.SIGTERM)
    assert nothing_left(tmp_path)
