"""A backfill on many machines in memory: the real turns, called as the state machine calls them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cutover.tables.authority import Direction
from cutover.tables.backfill_hand import Desk
from cutover.tables.backfill_rows import Run
from cutover.tables.backfill_task import Outcome, Task, Turn
from cutover.tables.backfill_turn import take_turn
from cutover.tables.copying import Progress
from cutover.tables.governor import Governor, Paces
from cutover.tables.lease import EXECUTION_SECONDS
from cutover.tables.leasing import Claimant, HeldLease, Permits
from cutover.tables.limits import Defaults
from cutover.tables.pace import Pace
from cutover.tables.patience import Patience
from cutover.tables.ports import ScannableTable
from cutover.tables.writer_work import WriterWork
from tests.fakes.backfill import FakeLeaseBook, FakePaceBook, Hand, World
from tests.fakes.tables import FakeLedger, item

PAIR = "source=target"
RUN = Run("run-1", 12, 1_700_000_000)
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:backfill:run-1-aa"
EPOCH_SECONDS = 1_700_000_000.0
MOST_TURNS = 200


def never() -> bool:
    return False


def no_export(run: Run) -> ScannableTable:
    raise AssertionError(f"{run.run_id} scans")


@dataclass
class Machines:
    """Tables, ledger, lease and pace of one pair; `now` passes by sleeping."""

    world: World = field(default_factory=World)
    leases: FakeLeaseBook = field(default_factory=FakeLeaseBook)
    paces: FakePaceBook = field(default_factory=FakePaceBook)
    rows: FakeLedger = field(default_factory=FakeLedger)
    now: float = 0.0
    said: list[str] = field(default_factory=list)
    shares: list[float | None] = field(default_factory=list)
    made: list[Paces] = field(default_factory=list)
    near_end_of_turn: Callable[[], Callable[[], bool]] = lambda: never
    enough_of_turn: Callable[[], Callable[[], bool]] = lambda: never
    changes: dict[str, Any] = field(default_factory=dict)
    """Of every `Copying`."""
    exported: Callable[[Run], ScannableTable] = no_export

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def claimant(self, owner: str) -> Claimant:
        return Claimant(
            PAIR,
            "backfill",
            owner,
            self.said.append,
            EXECUTION_SECONDS,
            clock=lambda: EPOCH_SECONDS + self.now,
            monotonic=lambda: self.now,
            sleep=self.sleep,
        )

    def turn(
        self,
        phase: str,
        *,
        owner: str = EXECUTION,
        enough: Callable[[], bool] | None = None,
        hand: Hand | None = None,
        **state: Any,
    ) -> Turn:
        """One invocation, by a process in `hand`."""
        event = {
            "phase": phase,
            "execution": owner,
            "state": {"pair": PAIR, "run": RUN.run_id, "concurrency": 2, **state},
        }
        hand = hand or Hand()

        def work(
            epoch: int,
            lease: HeldLease,
            stop: threading.Event,
            patience: Patience,
            report: Callable[[Governor, Progress], None],
            *,
            share: float,
        ) -> WriterWork:
            return self.work(epoch, lease, stop, report, share, hand)

        desk = Desk(
            leases=self.leases,
            rows=self.rows,
            ledger=hand.on(self.world.ledger),
            work=work,
            exported=self.exported,
            near_end=self.near_end_of_turn(),
            enough=enough or self.enough_of_turn(),
            claimant=self.claimant(owner),
            threads=2,
            beat_seconds=0.01,
            patience_seconds=0,
        )
        return take_turn(Task.of(event), lambda: desk)

    def work(
        self,
        epoch: int,
        lease: HeldLease,
        stop: threading.Event,
        report: Callable[[Governor, Progress], None],
        share: float,
        hand: Hand,
    ) -> WriterWork:
        paces = Paces(Pace(None), Pace(None), Pace(None))
        governor = Governor(
            PAIR,
            epoch,
            self.rows,
            self.paces,
            paces,
            Defaults(),
            stop=stop.is_set,
            say=self.said.append,
            sleep=lambda _: None,
            share=share,
        )
        governor.refresh()
        self.shares.append(paces.source_read.rate)
        self.made.append(paces)
        copying = self.world.copying(
            hand,
            epoch=epoch,
            permit=Permits((self.rows.permit(PAIR, Direction.FORWARD, epoch), lease)),
            gate=governor,
            report=lambda progress: report(governor, progress),
            **self.changes,
        )
        return WriterWork(copying, governor, lease, stop)

    def execute(self, owner: str = EXECUTION, workers: int = 2, **given: Any) -> dict[str, Any]:
        """The state machine of template.yaml: begin, the map over slots, end, and again where it says so."""
        carried: dict[str, Any] = {}
        while True:
            begun = self._phase("begin", {"turn": carried}, owner, given)
            if begun["outcome"] != "done":
                return begun
            slots = begun.get("slots", [])

            def copy(slot: int, begun: dict[str, Any] = begun) -> dict[str, Any]:
                state = {"epoch": begun["epoch"], "slot": slot, "keys_from": begun["keys_from"]}
                return self._phase("copy", state, owner, given)

            with ThreadPoolExecutor(workers) as pool:
                ends = list(pool.map(copy, slots))
            failed = [end for end in ends if end["outcome"] == "failed"]
            if len(failed) * 100 > 5 * len(ends):
                return failed[0]
            carried = self._phase("end", {"turn": begun}, owner, given)
            if carried["outcome"] != "again":
                return carried

    def _phase(self, phase: str, state: dict[str, Any], owner: str, given: dict[str, Any]) -> dict[str, Any]:
        for _ in range(MOST_TURNS):
            turn = self.turn(phase, owner=owner, **given, **state).data()
            if turn["outcome"] not in {"more", "wait"}:
                return turn
            self.now += int(turn["wait"])  # type: ignore[call-overload]
            state = {**state, "turn": {**state.get("turn", {}), **turn}}
        raise AssertionError(f"{phase} comes to no end: {turn}")


def with_items(count: int = 60, **changes: Any) -> Machines:
    """So many items in the source, and the run planned."""
    machines = Machines(changes=changes)
    for number in range(count):
        machines.world.source.put(item(f"k{number}", "v"))
    machines.world.ledger.save_run(RUN)
    return machines


def begun(machines: Machines) -> dict[str, object]:
    turn = machines.turn("begin")
    assert turn.outcome is Outcome.DONE
    return {"epoch": turn.epoch}
