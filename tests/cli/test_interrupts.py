"""Ctrl-C once and twice, in a real process whose verb has threads that do not end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import click
from cutover.cli.main import main

@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1)
def verb(words):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, float(words[1]))
        print("ready", flush=True)
        time.sleep(60)

sys.exit(main(sys.argv[1:], verbs=verb))
"""
ARGUMENTS = ("backfill", "--yes", "--pair", "a=b c")


def start(seconds: str, *, ignored: bool = False) -> subprocess.Popen[str]:
    def ignore() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, ARGUMENTS[0], seconds, *ARGUMENTS[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ignore if ignored else None,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    _, talk = process.communicate(timeout=20)
    return process.returncode, talk.splitlines()


STARTING = """
import os, signal, sys

module = sys.argv[1]

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from cutover.__main__ import main
sys.argv[1:] = ["status", "--no-such-option"]
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["rich_click", "cutover.cli", "cutover.cli.status"])
def test_one_that_comes_while_the_command_line_loads_ends_in_order(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STARTING, module], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout) == (130, "")
    assert "error: interrupted" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_first_one_waits_for_what_is_under_way() -> None:
    process = start("0.5")
    process.send_signal(signal.SIGINT)
    code, talk = ended(process)
    assert code == 130
    assert "error: interrupted" in talk
    assert "Traceback" not in "\n".join(talk)


@pytest.mark.parametrize("apart", [0.0, 0.3], ids=["quick", "slow"])
def test_the_second_one_ends_at_once_with_one_line_that_says_how_to_go_on(apart: float) -> None:
    process = start("30")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(apart or 0.02)  # two of one kind that nobody has taken yet are one
    process.send_signal(signal.SIGINT)
    code, talk = ended(process)
    assert code == 130
    assert time.monotonic() - began < 10
    (line,) = filter(None, talk)
    assert line.startswith("ended at once: keys and a lease may be left in the ledger")
    assert line.endswith("; go on with cutover backfill 30 --yes --pair 'a=b c'")


def test_who_ignores_it_goes_on_ignoring_it() -> None:
    process = start("0", ignored=True)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.kill()
    process.communicate()
