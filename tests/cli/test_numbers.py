"""`nan`, `inf` and less than no keys are no numbers to any verb: nothing is done, and the answer is usage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.table_world import PAIR, STACK, TableWorld, equal_tables
from tests.cli.verbs import Shell


@pytest.fixture(scope="module")
def world() -> Iterator[TableWorld]:
    with equal_tables() as world:
        yield world


@pytest.mark.parametrize("number", ["nan", "inf"])
@pytest.mark.parametrize(
    "words",
    [
        ["pace", *STACK[:4], "--yes", "--write-units"],
        ["backfill", *STACK, "--yes", "--pace-only", "--read-units"],
        ["backfill", *STACK, "--yes", "--patience"],
        ["verify", *STACK, "--spacing"],
        ["verify", *STACK, "--read-units"],
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_what_is_no_number_is_refused(shell: Shell, world: TableWorld, words: list[str], number: str) -> None:
    ran = shell.run(*words, number, "--output", "json")
    assert ran.code == 2, ran.err
    assert "is not a number" in ran.envelope["data"]["message"]
    assert "Traceback" not in ran.err
    assert world.rows(f"pair#{PAIR}") == []


@pytest.mark.parametrize("number", ["1e300", "1e-300"])
@pytest.mark.parametrize(
    "words",
    [["pace", *STACK[:4], "--yes", "--write-units"], ["backfill", *STACK, "--yes", "--read-units"]],
    ids=lambda words: words[0],
)
def test_what_the_ledger_takes_for_no_number_is_refused(
    shell: Shell, world: TableWorld, words: list[str], number: str
) -> None:
    ran = shell.run(*words, number, "--output", "json")
    assert ran.code == 2, ran.err
    assert world.rows(f"pair#{PAIR}") == []


@pytest.mark.parametrize("verb", ["verify", "redrive"])
def test_less_than_no_keys_is_refused(shell: Shell, world: TableWorld, verb: str) -> None:
    ran = shell.run(verb, *STACK, "--dry-run", "--keys", "-1")
    assert ran.code == 2, ran.err
    assert "--keys" in ran.err
