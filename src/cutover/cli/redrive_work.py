"""One pair's redrive at work, and its reconcile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.reconcile_ledger import DynamoReconcileBook
from cutover.aws.table_parts import unique_text
from cutover.aws.writer_work import writer_work
from cutover.cli.options import Invocation
from cutover.cli.pair_options import resumable
from cutover.cli.progress import Bar
from cutover.cli.writer_lease import writer_lease
from cutover.errors import Interrupted
from cutover.tables.authority import Authority, Direction, Ruler
from cutover.tables.backfill_plan import default_segments
from cutover.tables.backfill_run import BEAT_SECONDS
from cutover.tables.copying import Progress
from cutover.tables.governor import Governor
from cutover.tables.leasing import HeldLease
from cutover.tables.owed import OwedSummary
from cutover.tables.patience import Patience, Stopped
from cutover.tables.ports import Key, TableFault
from cutover.tables.reconcile import SOURCE, TARGET, Reconcile, Reconciled
from cutover.tables.redrive import Batches, Redrive
from cutover.tables.redriven import Redriven
from cutover.tables.settle_keys import settle_pending
from cutover.tables.threads import attend
from cutover.tables.writer_work import WriterWork


@dataclass(frozen=True)
class RedrivePlan:
    """A pair, what it owes, and what is to be done about it."""

    opened: OpenedPair
    epoch: int
    owed: OwedSummary
    reasons: tuple[str, ...]
    reconcile: bool
    workers: int
    patience: float
    again: tuple[str, ...]
    """The words of a command that goes on with it."""

    @property
    def pair_id(self) -> str:
        return self.opened.pair.id

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pair": self.pair_id,
            "owed": dict(self.owed.keys),
            "exact": self.owed.exact,
            "oldest": self.owed.oldest,
            "reasons": list(self.reasons),
            "reconcile": self.reconcile,
            "workers": self.workers,
        }


@dataclass(frozen=True)
class PairRedriven:
    """What became of one pair; `left` is what it owes at the end."""

    plan: RedrivePlan
    redriven: Redriven
    reconciled: Reconciled | None
    extras: tuple[Key, ...]
    left: OwedSummary


def redrive_pair(invocation: Invocation, plan: RedrivePlan, most_keys: int) -> PairRedriven:
    """Does what the plan says. Raises PartlyDone, InterlockRefused or Interrupted, with what to run next."""
    stop = threading.Event()
    command = invocation.command("redrive", "--pair", plan.pair_id, *plan.again)
    with (
        resumable("redrive", plan.pair_id, command),
        writer_lease(invocation, plan.opened, "redrive") as lease,
    ):
        try:
            return _Pair(invocation, plan, lease, stop, most_keys).run()
        except (KeyboardInterrupt, Stopped):
            raise Interrupted(
                f"redrive of {plan.pair_id} was stopped",
                cause="what has converged is owed no more, and everything else still is",
                fix="go on whenever you like",
                next_command=command,
            ) from None


@dataclass(frozen=True)
class _Pair:
    invocation: Invocation
    plan: RedrivePlan
    lease: HeldLease
    stop: threading.Event
    most_keys: int

    def run(self) -> PairRedriven:
        opened, plan = self.plan.opened, self.plan
        with self.invocation.render.progress(f"redrive {plan.pair_id}", plan.owed.total or None) as bar:
            work = self._work(bar)
            redrive = self._redrive(work)
            self._together(work, [lambda: settle_pending(work.copying)])
            batches = Batches(redrive, plan.reasons or (None,))
            self._together(work, [batches.work_off] * plan.workers)
        reconciled, extras = self._reconcile() if plan.reconcile else (None, ())
        left = opened.owed.summary(plan.pair_id)
        return PairRedriven(plan, redrive.done, reconciled, extras, left)

    def _redrive(self, work: WriterWork) -> Redrive:
        opened = self.plan.opened
        return Redrive(
            work=work.copying,
            book=opened.owed,
            send=opened.retry_queue.park,
            unique=unique_text,
            authority=Authority(Ruler.SOURCE, Direction.FORWARD, self.plan.epoch),
            subs=opened.new_subs,
            count=opened.rows.count,
        )

    def _reconcile(self) -> tuple[Reconciled, tuple[Key, ...]]:
        opened, extras = self.plan.opened, list[Key]()

        def unproven(key: Key) -> None:
            if len(extras) < self.most_keys:
                extras.append(key)

        total = opened.source_facts.items + opened.target_facts.items
        with self.invocation.render.progress(f"reconcile {self.plan.pair_id}", total or None) as bar:
            work = self._work(bar)
            book = DynamoReconcileBook(opened.ledger, self.plan.pair_id)
            reconcile = Reconcile(
                work.copying, opened.target, book, opened.pair.inverse is not None, unproven
            )
            segments = reconcile.begin(default_segments(self.plan.workers, opened.source_facts.bytes))
            for side in (SOURCE, TARGET):
                queue = reconcile.queue(side, segments, random.shuffle)
                share = partial(reconcile.run, side, segments, queue)
                self._together(work, [share] * self.plan.workers)
            work.copying.patience(book.end)
        return reconcile.done, tuple(extras)

    def _work(self, bar: Bar) -> WriterWork:
        def report(governor: Governor, progress: Progress) -> None:
            bar.advance(progress.items, note=governor.why())

        patience = Patience(self.plan.patience, self.stop.is_set, self.invocation.render.say)
        return writer_work(self.plan.opened, self.plan.epoch, self.lease, self.stop, patience, report)

    def _together(self, work: WriterWork, shares: list[Callable[[], Any]]) -> None:
        def tick() -> None:
            try:
                work.tick()
            except TableFault as fault:
                self.invocation.render.say(f"the ledger does not answer: {fault}")

        with ThreadPoolExecutor(len(shares), thread_name_prefix="redrive") as pool:
            attend([pool.submit(share) for share in shares], halt=work.halt, tick=tick, seconds=BEAT_SECONDS)
