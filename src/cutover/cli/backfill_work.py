"""One pair's backfill at work: the lease, the beat, the bar."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.writer_work import writer_work
from cutover.cli.options import Invocation
from cutover.cli.pair_options import resumable
from cutover.cli.progress import Bar
from cutover.cli.writer_lease import writer_lease
from cutover.errors import Interrupted, PartlyDone
from cutover.tables.backfill_plan import BackfillPlan
from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.backfill_run import Crew, run_backfill
from cutover.tables.copying import Progress
from cutover.tables.governor import Governor
from cutover.tables.leasing import HeldLease
from cutover.tables.patience import Patience, Stopped


@dataclass(frozen=True)
class Job:
    """A pair, and what is to be done to it."""

    opened: OpenedPair
    plan: BackfillPlan
    epoch: int
    mirror_problem: str
    patience: float
    """Seconds to wait for a table that fails."""
    again: tuple[str, ...]
    """The words that a command which goes on with it needs."""
    keys_from: str = ""
    """The folder of the export that the keys come from."""
    typed_pace: Mapping[str, Any] = field(default_factory=dict)
    """The fields of a BackfillPace that were typed."""

    def set_pace(self) -> None:
        """What was not typed stays as the ledger has it now, which may be newer than the plan.

        Raises TableFault.
        """
        book = self.opened.pace_book
        before = book.read()
        after = replace(before, **self.typed_pace)
        if after != before:
            book.save(after)


def work_off(invocation: Invocation, job: Job) -> Run:
    """Does what the plan says. Raises PartlyDone, InterlockRefused or Interrupted, with what to run next."""
    plan = job.plan
    command = invocation.command("backfill", "--pair", plan.pair_id, *job.again)
    stop = threading.Event()
    with (
        resumable("backfill", plan.pair_id, command),
        writer_lease(invocation, job.opened, "backfill") as lease,
    ):
        job.set_pace()
        for old in plan.superseded:
            job.opened.backfill_ledger.save_run(replace(old, state=RunState.SUPERSEDED))
        try:
            left = max(plan.estimate - plan.items_done, 0)
            with invocation.render.progress(plan.pair_id, left or None) as bar:
                return _run(invocation, job, lease, stop, bar)
        except (KeyboardInterrupt, Stopped):
            kind = PartlyDone if lease.stop_asked else Interrupted
            raise kind(
                f"backfill of {plan.pair_id} was stopped",
                cause="its place and the keys about to be written are in the ledger",
                fix="go on whenever you like",
                next_command=command,
            ) from None


def _run(invocation: Invocation, job: Job, lease: HeldLease, stop: threading.Event, bar: Bar) -> Run:
    say = invocation.render.say

    def report(governor: Governor, progress: Progress) -> None:
        bar.advance(progress.items, note=governor.why())

    patience = Patience(job.patience, stop.is_set, say)
    work = writer_work(job.opened, job.epoch, lease, stop, patience, report)

    def beat(run: Run) -> None:
        work.tick()
        bar.advance(0, note=work.governor.why())
        word = {"why": work.governor.why(), "why_at": int(time.time())}
        work.copying.ledger.save_run(replace(run, **word))  # type: ignore[arg-type]

    crew = Crew(
        workers=job.plan.workers,
        stop=stop,
        release=work.governor.release,
        beat=beat,
        say=say,
        rng=random.Random(),  # noqa: S311 - an order, not a secret
    )
    run = replace(job.plan.run, execution="", why="", error="")
    return run_backfill(work.copying, run, crew)
