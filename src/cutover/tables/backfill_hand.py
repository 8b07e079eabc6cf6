"""A turn under way: what it has in hand, and the words that it can end with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from cutover.errors import InterlockRefused
from cutover.tables.backfill_rows import Run, RunState, Word
from cutover.tables.backfill_run import Attend
from cutover.tables.backfill_task import LONGEST_PAUSE, Outcome, Phase, Task, Turn, answer, waiting
from cutover.tables.copying import BackfillLedger, Copying, Progress
from cutover.tables.governor import Governor, PairRows
from cutover.tables.lease import EXECUTION_SECONDS, LeaseBook
from cutover.tables.leasing import Claimant, HeldLease
from cutover.tables.patience import Patience, Stopped
from cutover.tables.ports import ScannableTable, TableFault
from cutover.tables.threads import attend
from cutover.tables.writer_work import WriterWork

THREADS = 4
"""Of one worker: they wait for DynamoDB most of the time."""
BEAT_SECONDS = 5.0
"""Between two looks at lease, pace and pause: so many workers share one row of each."""
PATIENCE_SECONDS = 60.0
LAST_PAGE_SECONDS = 60.0
"""With less than this before the end of an invocation no page is begun: one that is cut off costs twice."""


class MakeWork(Protocol):
    def __call__(
        self,
        epoch: int,
        lease: HeldLease,
        stop: threading.Event,
        patience: Patience,
        report: Callable[[Governor, Progress], None],
        *,
        share: float,
    ) -> WriterWork:
        """Raises TableFault."""


@dataclass(frozen=True)
class Desk:
    """What turns on one pair work with. `near_end` says that the invocation must end, `enough` that it is to
    begin no page any more."""

    leases: LeaseBook
    rows: PairRows
    ledger: BackfillLedger
    work: MakeWork
    exported: Callable[[Run], ScannableTable]
    """The source, its scan being the export that the run takes its keys from. Raises InterlockRefused where
    that is not at hand, TableFault."""
    near_end: Callable[[], bool]
    enough: Callable[[], bool]
    claimant: Claimant
    threads: int = THREADS
    beat_seconds: float = BEAT_SECONDS
    patience_seconds: float = PATIENCE_SECONDS


class Hand:
    """A turn under way."""

    def __init__(self, task: Task, desk: Desk) -> None:
        self.task, self.desk = task, desk
        self.done, self._told = Progress(), Progress()
        self.lease: HeldLease | None = None
        self._work: WriterWork | None = None
        self._lock = threading.Lock()

    def run(self) -> Run:
        """Raises InterlockRefused where the run has come to its end, or was never planned."""
        run = self._found()
        if run is None or run.state is not RunState.RUNNING:
            raise InterlockRefused(
                "run_over",
                f"run {self.task.run_id} cannot be gone on with",
                cause=f"it is {run.state.value}" if run else "the ledger does not know it",
            )
        return run

    def copying(self, work: WriterWork, run: Run) -> Copying:
        """What copies segments of the run. Raises as `Desk.exported` does."""
        if not run.keys_from:
            return work.copying
        return replace(work.copying, source=self.desk.exported(run))

    def has_ended(self) -> bool:
        """Whether this very execution has brought the run to its end. Raises TableFault."""
        run = self._found()
        return run is not None and (run.state, run.execution) == (RunState.DONE, self.task.owner)

    def begin(self, lease: HeldLease, epoch: int, share: float) -> WriterWork:
        """Raises Stopped where nothing may be done now."""
        self.lease, stop = lease, threading.Event()

        def over() -> bool:
            return stop.is_set() or self.desk.near_end()

        patience = Patience(self.desk.patience_seconds, over, self.desk.claimant.say)
        work = self.desk.work(epoch, lease, stop, patience, self._heard, share=share)
        self._work = replace(work, copying=replace(work.copying, stop=over, enough=self.desk.enough))
        if lease.stop_asked or work.governor.paused:
            raise Stopped
        return self._work

    def attend(self, work: WriterWork) -> Attend:
        def halt() -> None:
            if work.governor.paused and not self.desk.near_end():
                work.stop.set()  # what is under way ends, at its pace
            else:
                work.halt()

        def tick() -> None:
            try:
                work.tick()
                self._speak(work.governor.why())
            except TableFault as fault:
                self.desk.claimant.say(f"the ledger does not answer: {fault}")
            if work.governor.paused or self.desk.near_end():
                halt()

        return lambda futures: attend(futures, halt=halt, tick=tick, seconds=self.desk.beat_seconds)

    def stopped(self) -> Turn:
        """Why this turn has ended before its end."""
        if self.lease is not None and self.lease.stop_asked:
            if self.task.phase is not Phase.COPY:
                self.lease.give_back()
            return answer(self.task, Outcome.STOPPED, why="somebody asked it to stop")
        paused = self._work.governor.paused if self._work else ""
        if paused:
            return waiting(self.task, paused, progressed=bool(self.done.items), longest=LONGEST_PAUSE)
        return answer(self.task, Outcome.MORE)

    def tell(self, turn: Turn) -> None:
        """Leaves word of the turn's end, and a lease that lasts until the next one: as far as that goes."""
        if turn.outcome is Outcome.DONE and self.task.phase is Phase.END:
            return
        try:
            self._speak(turn.why, turn.why if turn.outcome is Outcome.FAILED else None)
            if self.lease is not None and turn.outcome not in {Outcome.FAILED, Outcome.STOPPED}:
                self.lease.renew(EXECUTION_SECONDS + turn.wait)
        except TableFault as fault:
            self.desk.claimant.say(f"the ledger does not answer: {fault}")

    def _found(self) -> Run | None:
        return next((run for run in self.desk.ledger.runs() if run.run_id == self.task.run_id), None)

    def _heard(self, _governor: Governor, progress: Progress) -> None:
        with self._lock:
            self.done = Progress(
                items=self.done.items + progress.items,
                written=self.done.written + progress.written,
                parked=self.done.parked + progress.parked,
            )

    def _speak(self, why: str, error: str | None = None) -> None:
        with self._lock:
            done, told = self.done, self._told
        word = Word(
            items=done.items - told.items,
            written=done.written - told.written,
            parked=done.parked - told.parked,
            why=why,
            at=int(self.desk.claimant.clock()),
            error=error,
        )
        self.desk.ledger.tell(self.task.run_id, word)
        self._told = done
