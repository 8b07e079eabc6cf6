"""rehearse --sample: the real source, before and after its transform, and nothing written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.moto_calls import moto_calls
from tests.cli.table_world import PAIR, STACK, TableWorld, table_world
from tests.cli.verbs import Ran, Shell

JSON = ("--output", "json")
TRANSFORMS = """
def greet(item):
    name = item["k"]["S"]
    if name == "k000":
        return None
    if name == "k001":
        raise ValueError(item["v"]["S"])
    if name == "k002":
        return {**item, "pad": {"S": "x" * 410000}}
    return {"k": item["k"], "v": {"S": "hello"}, "new": {"N": "1"}}


def keep(item):
    return item


def lose(item):
    return {**item, "v": {"S": "lost"}} if "v" in item else item
"""


@pytest.fixture
def calls() -> Iterator[list[str]]:
    with moto_calls() as called:
        yield called


@pytest.fixture
def world(calls: list[str]) -> Iterator[TableWorld]:
    with table_world(5) as world:
        calls.clear()
        yield world


@pytest.fixture
def greeting(world: TableWorld, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """With transforms of the user's beside the command line. The shell stands in an empty folder."""
    folder = Path.cwd()
    (folder / "ours_to_rehearse.py").write_text(TRANSFORMS)
    monkeypatch.syspath_prepend(str(folder))
    deploy(world, transform="ours_to_rehearse:greet")
    yield shell
    sys.modules.pop("ours_to_rehearse", None)


def deploy(world: TableWorld, **steps: object) -> None:
    world.deploy(Tables=json.dumps([{"source": "old-orders", "target": "new-orders", **steps}]))


def sample(shell: Shell, *words: str, number: int = 10) -> Ran:
    return shell.run("rehearse", "--sample", str(number), *words, *STACK)


def pair_of(ran: Ran) -> Mapping[str, Any]:
    (pair,) = ran.envelope["data"]["pairs"]
    found: Mapping[str, Any] = pair
    return found


def items(ran: Ran) -> dict[str, Mapping[str, Any]]:
    return {item["before"]["k"]["S"]: item for item in pair_of(ran)["items"]}


def test_each_item_is_shown_before_and_after(greeting: Shell) -> None:
    found = items(sample(greeting, *JSON))
    assert found["k003"]["before"] == {"k": {"S": "k003"}, "v": {"S": "v"}}
    assert found["k003"]["after"] == {"k": {"S": "k003"}, "v": {"S": "hello"}, "new": {"N": "1"}}
    assert (found["k003"]["problems"], found["k003"]["dropped"], found["k003"]["moves"]) == ([], False, False)


def test_what_is_left_out_fails_or_grows_too_large_is_said(greeting: Shell) -> None:
    found = items(sample(greeting, *JSON))
    assert (found["k000"]["dropped"], found["k000"]["after"]) == (True, None)
    assert found["k001"]["problems"] == [{"problem": "fails", "detail": "raised ValueError"}]
    assert [one["problem"] for one in found["k002"]["problems"]] == ["too_large"]


def test_an_item_that_could_not_go_over_ends_with_three(greeting: Shell) -> None:
    ran = sample(greeting, *JSON)
    assert (ran.code, ran.envelope["ok"]) == (3, False)
    counts = pair_of(ran)["counts"]
    assert (counts["items"], counts["faulty"], counts["dropped"], counts["changed"]) == (5, 2, 1, 3)


def test_items_that_all_go_over_end_with_zero(shell: Shell, world: TableWorld) -> None:
    ran = sample(shell, *JSON)
    assert (ran.code, ran.envelope["ok"], pair_of(ran)["counts"]["changed"]) == (0, True, 0)


def test_the_screen_puts_both_side_by_side_with_what_is_equal_marked(greeting: Shell) -> None:
    out = sample(greeting).out
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in out.splitlines() if "│" in line]
    assert ["v", '{"S": "v"}', '{"S": "hello"}'] in rows
    assert ["k", '{"S": "k003"}', "="] in rows
    assert ["new", "-", '{"N": "1"}'] in rows
    assert "fails: raised ValueError: 1" in out
    assert f"{PAIR}: 5 items; 3 changed" in out


def test_it_says_beforehand_what_it_will_read(greeting: Shell) -> None:
    ran = sample(greeting)
    assert f"{PAIR}: reads 10 items of old-orders at most and writes nothing; about " in ran.err
    assert "read units at 25 a second (1 s)" in ran.err


def test_it_waits_for_the_pace_of_its_reads(greeting: Shell) -> None:
    before = greeting.clock.now
    sample(greeting, "--sample-units", "0.5")
    assert greeting.clock.now > before + 1


def test_a_dry_run_is_the_plan_and_reads_no_item(greeting: Shell, calls: list[str]) -> None:
    ran = sample(greeting, "--dry-run", *JSON)
    assert pair_of(ran)["items_at_most"] == 10
    assert "items" not in pair_of(ran)
    assert "Scan" not in calls


def test_it_reads_and_nothing_else(greeting: Shell, calls: list[str], world: TableWorld) -> None:
    calls.clear()
    sample(greeting, *JSON)
    assert set(calls) == {"DescribeStacks", "DescribeTable", "Scan"}
    assert world.items("new-orders") == {}


def test_only_keys_are_shown_where_that_is_asked_for(greeting: Shell) -> None:
    found = items(sample(greeting, "--keys-only", *JSON))
    assert found["k003"]["before"] == found["k003"]["after"] == {"k": {"S": "k003"}}
    assert "hello" not in sample(greeting, "--keys-only").out


def test_masked_items_show_types_and_sizes_alone(greeting: Shell) -> None:
    ran = sample(greeting, "--masked", *JSON)
    shown = [item for item in pair_of(ran)["items"] if item["after"] and "new" in item["after"]]
    assert shown[0]["before"] == {"k": {"type": "S", "bytes": 4}, "v": {"type": "S", "bytes": 1}}
    assert shown[0]["after"]["v"] == {"type": "S", "bytes": 5}
    text = sample(greeting, "--masked")
    assert "hello" not in text.out
    assert "k003" not in text.out


def test_values_stand_in_what_was_asked_for_and_in_no_talk(greeting: Shell) -> None:
    ran = sample(greeting)
    assert "hello" in ran.out
    assert "hello" not in ran.err
    assert "k003" not in ran.err


def test_an_inverse_that_loses_something_is_found(greeting: Shell, world: TableWorld) -> None:
    deploy(world, transform="ours_to_rehearse:keep", inverse="ours_to_rehearse:lose")
    ran = sample(greeting, *JSON)
    assert items(ran)["k003"]["problems"] == [{"problem": "inverse_item", "detail": "differs in v"}]


def test_old_subs_are_looked_up_in_the_ledger(shell: Shell, world: TableWorld) -> None:
    old, new = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    world.put("old-orders", old)
    deploy(world, subs=["k"])
    waiting = items(sample(shell, *JSON))[old]
    assert waiting["problems"] == [{"problem": "unmapped", "detail": "its user has not come over yet"}]
    world.put_row(f"user#{old}", "state", state={"S": "confirmed"}, old_sub={"S": old}, new_sub={"S": new})
    moved = items(sample(shell, *JSON))[old]
    assert (moved["after"]["k"], moved["moves"], moved["problems"]) == ({"S": new}, True, [])


def test_a_terminals_control_sequences_in_an_item_are_shown_and_not_obeyed(
    shell: Shell, world: TableWorld
) -> None:
    world.put("old-orders", "k\x1b[2J\u202e", "[bold]v[/bold]\x07\x9b")
    out = sample(shell).out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)
    assert "[bold]v[/bold]" in out


@pytest.mark.parametrize(
    "words",
    [
        ("--sample", "5", "--keep"),
        ("--sample", "5", "--people", "60"),
        ("--sample", "5", "--keys-only", "--masked"),
        ("--pair", "a=b"),
        ("--stack", "shop"),
        ("--masked",),
        ("--dry-run",),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.run("rehearse", *words, "--output", "json").code == 2


def test_a_pair_that_is_none_is_a_usage_error(shell: Shell, world: TableWorld) -> None:
    assert sample(shell, "--pair", "nobody", *JSON).code == 2


def test_a_target_that_does_not_exist_ends_it_before_an_item_is_read(
    shell: Shell, world: TableWorld, calls: list[str]
) -> None:
    world.dynamodb.delete_table(TableName="new-orders")
    ran = sample(shell, *JSON)
    assert ran.code == 5
    assert "Scan" not in calls
