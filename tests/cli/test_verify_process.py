"""`cutover verify` as an operator runs it: a process that is killed, stopped, and run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.cli.table_world import STACK, table_world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
ITEMS = 300
RUN = "import sys; from cutover.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Two tables of 300 items of 9 KB, of which the target lacks one."""
    with table_world(0) as world:
        for number in range(ITEMS):
            for table in ("old-orders", "new-orders")[: 1 if number == 7 else 2]:
                world.put(table, f"k{number:03}", "x" * 9_000)
        server = ThreadedMotoServer(port=0)
        server.start()
        _, port = server.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
        server.stop()


def start(endpoint: str, state: Path) -> subprocess.Popen[str]:
    words = ["verify", *STACK, "--endpoint-url", endpoint, "--state", str(state), "--output", "json"]
    words += ["--spacing", "2", "--workers", "2", "--read-units", "40"]
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environ = {**os.environ, **keys, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stopped(process: subprocess.Popen[str], state: Path, how: signal.Signals) -> tuple[int, str]:
    """By a signal, once it has kept something more."""
    began, until = time.time(), time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if any(path.stat().st_mtime > began for path in state.glob("*/verify.json")):
            break
        time.sleep(0.02)
    process.send_signal(how)
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err


def test_it_goes_on_after_a_kill_and_after_a_termination(endpoint: str, tmp_path: Path) -> None:
    assert stopped(start(endpoint, tmp_path), tmp_path, signal.SIGKILL)[0] == -signal.SIGKILL
    code, err = stopped(start(endpoint, tmp_path), tmp_path, signal.SIGTERM)
    assert code == 130, err
    assert "goes on with the verify that began at" in err
    assert f"--state {tmp_path}" in err
    last = start(endpoint, tmp_path)
    out, err = last.communicate(timeout=PATIENCE)
    assert last.returncode == 3, err
    (pair,) = json.loads(out)["data"]["pairs"]
    assert (pair["resumed"], pair["missing"], pair["differences"]) == (True, 1, 1)
    assert (pair["source_items"], pair["target_items"]) == (ITEMS, ITEMS - 1)
    assert list(tmp_path.iterdir()) == []
