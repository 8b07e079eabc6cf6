"""The mirror and the retry at the pace of their pair: it holds, no invocation times out, and it says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from cutover.tables.authority import PairState
from cutover.tables.governor import Paces
from cutover.tables.mirror import MirrorReport, mirror
from cutover.tables.pace import BURST_SECONDS, Pace
from cutover.tables.pair_pace import AT_WORK, PairPace
from cutover.tables.pairs import TablePair
from cutover.tables.parking import RetryMessage
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import Item, Key, KeyId, WriteOutcome
from cutover.tables.retry import RetryReport, retry
from cutover.tables.shares import COUNT_SECONDS
from cutover.tables.transform import IDENTITY
from cutover.tables.tuning import TUNING
from tests.fakes.clocks import HandClock
from tests.fakes.owed import FakeOwedBook
from tests.fakes.tables import FakeLedger, FakeQueue, FakeTable, item, key
from tests.fakes.workers import FakeWorkers
from tests.tables.test_mirror import ALL, PAIR, record

TIMEOUT = float(TUNING.function_timeout)


class PacedTable(FakeTable):
    """One unit for each key of a read or a write, paid after the call as the real table does."""

    def __init__(self, clock: HandClock, reads: Pace, writes: Pace, units: float, **options: Any) -> None:
        super().__init__(**options)
        self.clock, self.pace_read, self.pace_write, self.units = clock, reads, writes, units
        self.used = 0.0

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        found = super().get(keys)
        self._pay(self.pace_read, len(keys))
        return found

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        outcome = super().write(puts, deletes)
        self._pay(self.pace_write, len(puts) + len(deletes))
        return outcome

    def _pay(self, pace: Pace, keys: int) -> None:
        self.clock.sleep(0.01)
        self.used += keys * self.units
        pace.take(keys * self.units)


@dataclass
class Environment:
    """One Lambda environment; `workers` and `ledger` are shared by several."""

    clock: HandClock = field(default_factory=HandClock)
    workers: FakeWorkers = field(default_factory=FakeWorkers)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    queue: FakeQueue = field(default_factory=FakeQueue)
    units: float = 1.0
    name: str = "one"

    def __post_init__(self) -> None:
        self.paces = Paces(*(Pace(None, self.clock, self.clock.sleep, of=of) for of in ("old", "new", "new")))
        self.source = PacedTable(self.clock, self.paces.source_read, Pace(None), self.units, name="old")
        self.target = PacedTable(
            self.clock, self.paces.target_read, self.paces.target_write, self.units, name="new"
        )
        pace = PairPace(PAIR.id, self.paces, self.workers, self.name, self.clock)
        self.tables = OpenPair(self.source, self.target, IDENTITY, pace)

    def parts(self) -> TableParts:
        return TableParts(
            (PAIR,),
            self.ledger,
            self._open,
            self.queue.park,
            lambda *_: True,
            self.clock,
            owed=FakeOwedBook(),
            sleep=self.clock.sleep,
            rng=lambda: 0.5,
        )

    def _open(self, _pair: TablePair, _state: PairState) -> OpenPair:
        return self.tables

    def deadline(self) -> Any:
        began = self.clock.now
        return lambda: began + TIMEOUT - self.clock.now < TUNING.deadline_margin

    def mirror(self, records: Sequence[dict[str, Any]]) -> MirrorReport:
        return mirror(records, self.parts(), stop=self.deadline())

    def changes(self, count: int) -> list[dict[str, Any]]:
        names = [f"{number:04}" for number in range(count)]
        for name in names:
            self.source.put(item(name, "v"))
        return [record(number, name, "v") for number, name in enumerate(names)]


def left(records: list[dict[str, Any]], report: MirrorReport) -> list[dict[str, Any]]:
    """What Lambda delivers again: everything from the lowest number that was named."""
    named = [int(one["itemIdentifier"]) for one in report.response["batchItemFailures"]]
    return [one for one in records if named and int(one["dynamodb"]["SequenceNumber"]) >= min(named)]


@pytest.mark.parametrize("units", [1.0, 400.0], ids=["small items", "items of 400 KB"])
@pytest.mark.parametrize("rate", [0.25, 1.0, 2.5, 3.0, 20.0])
def test_however_low_the_pace_no_invocation_times_out_and_all_keys_get_there(
    rate: float, units: float
) -> None:
    here = Environment(units=units)
    here.ledger.states[PAIR.id] = PairState(write_units=rate)
    records = here.changes(12 if units > 1 else 100)
    began = here.clock.now
    for _ in range(2000):
        start = here.clock.now
        report = here.mirror(records)
        assert here.clock.now - start < TIMEOUT - TUNING.deadline_margin / 2
        records = left(records, report)
        if not records:
            break
    assert records == []
    assert len(here.target.items) == (12 if units > 1 else 100)
    written = sum(map(len, here.target.writes)) * units
    slice_ = here.tables.pace.slice_keys(100) * units
    assert written - slice_ <= rate * (here.clock.now - began + BURST_SECONDS)


def test_a_slice_is_cut_to_what_can_be_paid_for() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(write_units=0.5)
    here.mirror(here.changes(100))
    assert max(map(len, here.target.writes)) == 5


def test_without_limits_the_whole_slice_goes_at_once_and_the_ledger_is_not_written() -> None:
    here = Environment()
    report = here.mirror(here.changes(100))
    assert report.response == ALL
    assert [len(keys) for keys in here.target.writes] == [100]
    assert (report.pairs[0].held.seconds, report.pairs[0].held.why) == (0, "")
    assert here.workers.members == {}


def test_the_lag_that_is_traded_for_a_read_ceiling_is_said() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(read_units=2)
    report = here.mirror(here.changes(300)).pairs[0]
    assert report.stopped == "held to 2 read units/s by its pace"
    assert report.held.why == "held to 2 read units/s by its pace"
    assert report.held.seconds > 60
    assert here.workers.notes == [(report.held.why, report.held.seconds)]


def test_a_table_that_throttles_slows_the_mirror_without_any_limit() -> None:
    here = Environment()
    for _ in range(20):
        here.paces.target_write.take(10)
        here.clock.sleep(0.5)
    here.paces.target_write.throttled()
    report = here.mirror(here.changes(300)).pairs[0]
    assert report.converged == 300
    assert report.held.seconds > 1
    assert "target writes throttled by new, down to" in report.held.why


def test_invocations_that_run_side_by_side_take_equal_parts() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(write_units=8)
    here.workers.members[PAIR.id] = dict.fromkeys(("two", "three", "four"), here.clock.now + AT_WORK)
    report = here.mirror(here.changes(100)).pairs[0]
    assert report.held.why == "held to 8 write units/s by its pace, shared by 4"
    assert here.paces.target_write.limit == 2
    assert here.workers.members[PAIR.id].keys() == {"two", "three", "four"}


def test_who_died_is_no_longer_counted_after_a_while() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(write_units=4)
    here.workers.members[PAIR.id] = {"dead": here.clock.now + 20}
    report = here.mirror(here.changes(200)).pairs[0]
    assert "shared" not in report.held.why


def message(*names: str) -> str:
    return RetryMessage(PAIR.id, "forward", 0, tuple(map(key, names)), 90.0, "unsettled").body()


def test_a_parked_message_that_the_pace_leaves_no_time_for_goes_back_and_uses_up_no_receive() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(write_units=0.1)
    here.changes(50)
    stop = here.deadline()

    def work(*names: str) -> RetryReport:
        return retry(message(*names), 11, here.parts(), stop=stop)

    assert work(*(f"{number:04}" for number in range(25))).verdict == "write"
    assert work(*(f"{number:04}" for number in range(25, 50))).verdict == "hold"
    assert here.clock.now - 100.0 < TIMEOUT
    ((parked, delay),) = here.queue.parked
    assert (len(parked.keys), delay) == (25, TUNING.unsettled_delay)
    assert len(here.target.items) == 25


def test_a_pause_is_no_storm_of_invocations() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(paused=True, reason="lunch")
    records = here.changes(3)
    began, invocations = here.clock.now, 0
    while here.clock.now - began < 3600:
        report = here.mirror(records).pairs[0]
        invocations += 1
    assert report.stopped == "held: lunch"
    assert invocations <= 1800
    assert here.target.items == {}


def test_what_an_invocation_still_owes_at_its_end_goes_on_counting_for_others() -> None:
    here = Environment()
    began = here.clock.now
    with here.tables.pace.governs(PairState(write_units=2), lambda: here.clock.now >= began + 10):
        here.tables.pace.ready()
        here.paces.target_write.take(100)
    assert here.clock.now == pytest.approx(began + 10, abs=1)
    assert here.workers.members[PAIR.id]["one"] == pytest.approx(began + 50, abs=1)


def test_what_would_take_days_to_pay_counts_no_longer_than_one_who_died() -> None:
    here = Environment()
    with here.tables.pace.governs(PairState(write_units=0.01), lambda: True):
        here.paces.target_write.take(1000)
    assert here.workers.members[PAIR.id]["one"] == here.clock.now + AT_WORK


def test_who_waits_for_long_goes_on_counting() -> None:
    """One call of a large item may wait for minutes; who comes meanwhile is noticed within five seconds."""
    here = Environment()
    parts: list[float | None] = []
    with here.tables.pace.governs(PairState(write_units=10), lambda: here.clock.now >= 160):
        assert here.tables.pace.ready()

        def sleep(seconds: float) -> None:
            here.clock.sleep(seconds)
            if here.clock.now > 120:
                here.workers.members[PAIR.id]["two"] = here.clock.now + AT_WORK
            parts.append(here.paces.target_write.limit)

        here.paces.target_write._sleep = sleep  # noqa: SLF001 - the nap in which another one comes
        here.paces.target_write.take(500)
    assert parts[0] == 10
    assert parts[-1] == 5
    assert parts.count(10) <= 2 * (20 + COUNT_SECONDS) + 2


def test_with_a_backfill_the_mirror_says_with_whom_it_shares() -> None:
    here = Environment()
    here.ledger.states[PAIR.id] = PairState(write_units=8)
    here.workers.join_backfill(PAIR.id, here.clock.now + 600, here.clock.now)
    report = here.mirror(here.changes(100)).pairs[0]
    assert report.held.why == "held to 8 write units/s by its pace, shared with a backfill"


def test_a_ledger_that_does_not_answer_leaves_a_newcomer_a_quarter() -> None:
    here = Environment()
    here.workers.silent = True
    with here.tables.pace.governs(PairState(write_units=8), lambda: False):
        assert here.paces.target_write.limit == 2
