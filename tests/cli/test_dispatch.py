"""The command line before any verb runs: help, version, completion, and no more loaded than needed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cutover import __version__
from cutover.cli.main import VERBS
from tests.cli.verbs import Shell


def test_help_names_every_verb(shell: Shell) -> None:
    ran = shell.run("--help")
    assert ran.code == 0
    assert [verb for verb in VERBS if verb not in ran.out] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_every_one_knows_json(shell: Shell, verb: str) -> None:
    ran = shell.run(verb, "--help")
    assert ran.code == 0
    assert "--output" in ran.out


def test_no_verb_is_a_usage_error_that_shows_the_help(shell: Shell) -> None:
    ran = shell.run()
    assert ran.code == 2
    assert "status" in ran.out


def test_the_version_is_the_packages(shell: Shell) -> None:
    ran = shell.run("--version")
    assert (ran.code, ran.out) == (0, f"cutover, version {__version__}\n")


def test_a_misspelt_verb_is_a_usage_error(shell: Shell) -> None:
    ran = shell.run("statsu")
    assert ran.code == 2
    assert "next: cutover --help" in ran.err


def test_a_misspelt_option_gets_a_suggestion(shell: Shell) -> None:
    assert "Did you mean" in shell.run("status", "--ouput", "json").err


def in_a_process(program: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, **environment},
    ).stdout


def test_a_verb_loads_only_its_own_file() -> None:
    program = (
        "import sys; from cutover.cli.main import main; main(['status', '--help']);"
        "print(sorted(name for name in sys.modules if name.startswith(('cutover.rehearsal', 'ministack'))))"
    )
    assert in_a_process(program).splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_the_shell_can_complete_verbs(shell_name: str) -> None:
    program = "from cutover.cli.main import main; main([])"
    script = in_a_process(program, _CUTOVER_COMPLETE=f"{shell_name}_source")
    assert "_CUTOVER_COMPLETE" in script


def test_a_begun_verb_is_completed() -> None:
    program = "from cutover.cli.main import main; main([])"
    words = {"_CUTOVER_COMPLETE": "bash_complete", "COMP_WORDS": "cutover sta", "COMP_CWORD": "1"}
    assert in_a_process(program, **words) == "plain,status\n"
