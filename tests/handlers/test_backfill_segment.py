"""Turns of a backfill through the real handler, called as the state machine calls it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cutover.aws.backfill_ledger import DynamoBackfillLedger, DynamoPaceBook
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.pair_workers import PairWorkers
from cutover.errors import UsageError
from cutover.handlers import backfill_segment
from cutover.handlers.backfill_log import Unforeseen
from cutover.tables.backfill_rows import BackfillPace, Run, RunState
from tests.handlers.table_world import REGION, LambdaContext, World, event, table_world

PAIR = "orders=orders-new"
RUN = Run("20261126T120000Z-a1b2c3", 7, 1_795_694_400)
MINUTES = 15 * 60 * 1000


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        made.put("orders", *({"order": {"S": f"o{number}"}, "v": {"S": "secret"}} for number in range(30)))
        ledger(made).save_run(RUN)
        yield made


def ledger(world: World) -> DynamoBackfillLedger:
    return DynamoBackfillLedger(LedgerTable(boto3.client("dynamodb", region_name=REGION), world.ledger), PAIR)


def turn(phase: str, left: int = MINUTES, **state: Any) -> dict[str, Any]:
    happened = event(f"backfill_{phase}")
    happened["state"] |= state
    answer: dict[str, Any] = backfill_segment.handler(happened, LambdaContext(left))
    return answer


def test_its_turns_copy_the_table(world: World) -> None:
    begun = turn("begin")
    assert (begun["outcome"], begun["slots"], begun["epoch"]) == ("done", [0, 1], 0)
    assert [turn("copy", slot=slot)["outcome"] for slot in begun["slots"]] == ["done", "done"]
    assert turn("end", turn=begun)["outcome"] == "done"
    assert len(world.items("orders-new")) == 30
    (run,) = ledger(world).runs()
    assert (run.state, run.items, run.written) == (RunState.DONE, 30, 30)


def test_a_paused_pair_is_waited_for_by_the_state_machine(world: World) -> None:
    world.pause(PAIR, "maintenance")
    answer = turn("begin")
    assert (answer["outcome"], answer["wait"]) == ("wait", 5)
    assert "maintenance" in answer["why"]


def test_a_paused_backfill_holds_no_other_writer_and_says_why_in_the_ledger(world: World) -> None:
    begun = turn("begin")
    book = DynamoPaceBook(LedgerTable(boto3.client("dynamodb", region_name=REGION), world.ledger), PAIR)
    book.save(BackfillPace(paused=True, reason="lunch peak"))
    assert turn("copy", turn=begun)["outcome"] == "wait"
    assert "lunch peak" in ledger(world).runs()[0].why


def test_a_turn_ends_before_its_invocation_is_cut_off(world: World) -> None:
    turn("begin")
    left = iter([MINUTES, MINUTES])

    class Late(LambdaContext):
        def get_remaining_time_in_millis(self) -> int:
            return next(left, 80_000)

    happened = event("backfill_copy")
    assert backfill_segment.handler(happened, Late())["outcome"] == "more"
    assert world.items("orders-new") == []
    assert backfill_segment.handler(happened, LambdaContext(MINUTES))["outcome"] == "done"


def test_nothing_is_written_once_the_target_rules(world: World) -> None:
    turn("begin")
    world.rule(PAIR, "target", "reverse", 1)
    answer = turn("copy")
    assert (answer["outcome"], answer["error"]) == ("failed", "authority")
    assert world.items("orders-new") == []


def test_a_table_that_is_not_there_fails_at_once(world: World) -> None:
    turn("begin")
    world.dynamodb.delete_table(TableName="orders-new")
    answer = turn("copy", pair=PAIR)
    assert (answer["outcome"], answer["error"]) == ("failed", "ResourceNotFoundException")


@pytest.mark.parametrize(
    "change",
    [
        {"phase": "undo"},
        {"execution": None, "state": None},
        {"state": {"pair": PAIR, "concurrency": 1}},
        {"state": {"pair": PAIR, "run": RUN.run_id, "concurrency": 0}},
        {"state": {"pair": PAIR, "run": RUN.run_id, "concurrency": 10_000}},
        {"state": {"pair": PAIR, "run": RUN.run_id, "concurrency": "4"}},
    ],
    ids=["phase", "state", "run", "no limit", "too wide", "text"],
)
def test_what_the_state_machine_does_not_send_is_refused(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        backfill_segment.handler(event("backfill_begin") | change, LambdaContext())


def test_a_pair_that_the_stack_does_not_have_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="no table pair"):
        turn("begin", pair="a=b")


def test_what_nobody_foresaw_is_told_without_the_value_that_it_met(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Step Functions keeps the text for 90 days."""
    row = {
        "pk": {"S": f"backfill#{PAIR}"},
        "sk": {"S": "run#broken"},
        "segments": {"S": "a secret of an item"},
    }
    world.dynamodb.put_item(TableName=world.ledger, Item=row)
    with pytest.raises(Unforeseen) as raised:
        turn("begin")
    told = f"{raised.value}{raised.value.__cause__}{capsys.readouterr().out}"
    assert "KeyError backfill_row_forms.py" in told
    assert "secret" not in told


def test_the_answer_is_small_and_holds_no_key_and_no_value(world: World) -> None:
    turn("begin")
    text = json.dumps([turn("copy"), turn("end")])
    assert len(text) < 1000
    assert "secret" not in text
    assert '"o1' not in text


def test_under_a_limit_of_the_pair_the_mirror_hears_of_it(world: World) -> None:
    turn("begin")
    workers = PairWorkers(boto3.client("dynamodb", region_name=REGION), world.ledger)
    assert not workers.read(PAIR, time.time())[0].backfill
    world.pace(PAIR, write_units=1000)
    turn("copy")
    assert workers.read(PAIR, time.time())[0].backfill
    assert len(world.items("orders-new")) > 0
