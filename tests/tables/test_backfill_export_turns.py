"""A backfill on many machines whose keys come from an export: the same turns, over files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from cutover.errors import InterlockRefused
from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.backfill_task import Outcome
from cutover.tables.export_keys import ExportedTable
from cutover.tables.items import to_json
from cutover.tables.patience import DAMAGED
from cutover.tables.ports import ScannableTable, TableFault
from tests.fakes.backfill import Hand, Killed
from tests.fakes.tables import item, key
from tests.fakes.turns import RUN, Machines, begun
from tests.tables.test_backfill_engines import fail_after, on_one_machine

FILES = 5
EXPORT = "arn:aws:dynamodb:eu-west-1:111122223333:table/source/export/1"


@dataclass
class Exported:
    """An export of so many files, ten items each, of a source that has changed since."""

    machines: Machines = field(default_factory=Machines)
    damaged: set[int] = field(default_factory=set)
    run: Run = field(default_factory=lambda: replace(RUN, segments=FILES, keys_from=EXPORT))

    def __post_init__(self) -> None:
        self.machines.world.ledger.save_run(self.run)
        self.machines.exported = self.table
        for number in range(10 * FILES):
            if number % 7:
                self.machines.world.source.put(item(f"k{number}", "new" if number % 3 else "old"))
        self.machines.world.source.scan = None  # type: ignore[method-assign, assignment]

    def lines(self, number: int) -> Iterator[bytes]:
        for at in range(10 * number, 10 * number + 10):
            yield json.dumps({"Item": to_json(item(f"k{at}", "old"))}).encode()
        if number in self.damaged:
            raise TableFault(f"file {number}", DAMAGED)

    def table(self, _run: Run) -> ScannableTable:
        return ExportedTable(self.machines.world.source, FILES, self.lines, 4)

    def places_done(self) -> set[int]:
        places = self.machines.world.ledger.places(RUN.run_id).values()
        return {place.segment for place in places if place.done}


def test_an_execution_copies_every_file_and_the_source_wins() -> None:
    export = Exported()
    end = export.machines.execute()
    (run,) = export.machines.world.ledger.runs()
    assert end["outcome"] == "done", end
    assert export.machines.world.equal
    assert (run.state, run.items, run.keys_from) == (RunState.DONE, 50, EXPORT)
    assert export.machines.world.ledger.page_rows == {}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_turn_that_is_killed_at_any_call_loses_nothing(after: bool) -> None:
    for at in range(0, 200, 7):
        export = Exported()
        state = begun(export.machines)
        hand = Hand(at, after)
        with suppress(Killed):
            export.machines.turn("copy", slot=0, hand=hand, **state)
        export.machines.world.source.delete(key("k1"))
        export.machines.world.mirror(key("k1"))
        assert export.machines.execute()["outcome"] == "done"
        assert export.machines.world.equal
        assert export.machines.world.ledger.page_rows == {}
        if not hand.dead:
            return
    raise AssertionError("a turn makes more calls than were tried")


def near_after(answers: int) -> Callable[[], Callable[[], bool]]:
    def turn() -> Callable[[], bool]:
        left = iter(range(answers))
        return lambda: next(left, None) is None

    return turn


@pytest.mark.parametrize("answers", [5, 9, 14])
def test_turns_that_are_cut_off_within_pages_come_to_the_end(answers: int) -> None:
    export = Exported()
    export.machines.near_end_of_turn = near_after(answers)
    assert export.machines.execute()["outcome"] == "done"
    assert export.machines.world.equal


def test_many_machines_go_on_with_the_files_of_one_machine() -> None:
    export = Exported()
    world = export.machines.world
    world.target.before_write = fail_after(6)
    with pytest.raises(TableFault):
        on_one_machine(world, export.run, source=export.table(export.run))
    assert world.ledger.page_rows
    world.target.before_write = lambda _: None
    assert export.machines.execute()["outcome"] == "done"
    assert world.equal


def test_one_machine_goes_on_with_the_files_of_many_machines() -> None:
    export = Exported()
    world = export.machines.world
    state = begun(export.machines)
    export.machines.turn("copy", slot=0, **state)
    done = export.places_done()
    assert 0 < len(done) < FILES
    export.machines.leases.row = None
    opened: list[int] = []

    def lines(number: int) -> Iterator[bytes]:
        opened.append(number)
        return export.lines(number)

    (run,) = world.ledger.runs()
    end = on_one_machine(world, run, source=ExportedTable(world.source, FILES, lines, 4))
    assert (end.state, world.equal) == (RunState.DONE, True)
    assert set(opened) == set(range(FILES)) - done


def test_a_damaged_file_is_not_done_and_not_waited_for() -> None:
    export = Exported(damaged={2})
    end = export.machines.execute()
    assert (end["outcome"], end["error"], end["waited"]) == ("failed", DAMAGED, 0)
    assert "file 2" in str(end["why"])
    assert 2 not in export.places_done()


def test_an_export_that_is_not_at_hand_fails_before_anything_is_taken() -> None:
    export = Exported()

    def unfit(_: Run) -> ScannableTable:
        raise InterlockRefused("export_unfit", "the keys cannot be taken", cause="it is another")

    export.machines.exported = unfit
    turn = export.machines.turn("begin")
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "export_unfit")
    assert "another" in turn.why
    assert export.machines.leases.row is None


def test_a_bucket_that_may_not_be_read_fails_at_once() -> None:
    export = Exported()

    def denied(_: Run) -> ScannableTable:
        raise TableFault("s3://exports/x", "AccessDenied")

    export.machines.exported = denied
    turn = export.machines.turn("begin")
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "AccessDenied")


def test_the_folder_is_handed_on_to_the_map() -> None:
    export = Exported()
    assert export.machines.turn("begin", keys_from="s3://exports/x").data()["keys_from"] == "s3://exports/x"
