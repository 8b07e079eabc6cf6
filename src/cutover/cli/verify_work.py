"""One pair's verify at work, and its repair."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import BinaryIO, cast

from cutover.aws.verify_ledger import named_by_ledger, save_verified
from cutover.cli.options import Invocation
from cutover.cli.pair_options import resumable
from cutover.cli.peak_memory import peak_memory_bytes
from cutover.cli.progress import Bar
from cutover.cli.verify_folder import VerifyFolder
from cutover.cli.verify_pace import paced
from cutover.cli.verify_plan import VerifyPlan, folder_of
from cutover.cli.verify_repair import look_again, repair_pair
from cutover.errors import Declined, Interrupted, UsageError
from cutover.tables.patience import Patience, Stopped
from cutover.tables.recheck import Probing
from cutover.tables.settle_owed import settle_owed
from cutover.tables.spill import Damaged
from cutover.tables.suspects import SuspectFile
from cutover.tables.verification import Verification
from cutover.tables.verify import verify
from cutover.tables.verify_draw import SampleSize
from cutover.tables.verify_keep import Keep, Unkept
from cutover.tables.verify_pace import VerifyPace
from cutover.tables.verify_report import Verified
from cutover.tables.verify_sample import Sampling, verify_sample
from cutover.tables.verify_scan import Scanning


@dataclass(frozen=True)
class Task:
    """A plan under way. `stop` is set by whoever wants it to end."""

    invocation: Invocation
    plan: VerifyPlan
    probing: Probing
    repairable: SuspectFile
    stop: threading.Event

    def paced(self, tell: Callable[[str], None] = lambda _: None) -> AbstractContextManager[VerifyPace]:
        return paced(self.invocation, self.plan, self.probing.patience, self.stop, tell)

    def halt(self) -> None:
        self.stop.set()
        for pace in self.plan.opened.paces.all():
            pace.release()


def verify_pair(invocation: Invocation, plan: VerifyPlan) -> Verified:
    """Verifies, repairs where that is wanted and agreed to, and leaves the result in the ledger.

    Raises PartlyDone (a table failed; its place is kept), InterlockRefused from a repair, Interrupted, and
    UsageError where what was kept does not fit.
    """
    folder = folder_of(plan)
    if folder is None:
        return _verify(invocation, plan, None)
    with folder.held():
        verified = _verify(invocation, plan, folder)
        folder.forget()
    return verified


def _verify(invocation: Invocation, plan: VerifyPlan, folder: VerifyFolder | None) -> Verified:
    stop = threading.Event()
    began = int(folder.began if folder else time.time())
    again = invocation.command("verify", *plan.again)
    repairable = SuspectFile((lambda: folder.file("repairable")) if folder else _open_file)
    task = Task(invocation, plan, _probing(invocation, plan, stop), repairable, stop)
    kept = resumable("verify", plan.opened.pair.id, again) if folder else nullcontext()
    with _interruptible(plan, folder, again), kept:
        sample = plan.wanted.sample
        result = _sampled(task, sample) if sample else _compared(task, folder or Unkept(_open_file))
        repaired = None
        if plan.wanted.repair and repairable.count and _agreed(invocation, plan, repairable.count):
            repaired = repair_pair(invocation, plan.opened, task.probing, repairable, stop)
            with task.paced():
                result = look_again(task.probing, repairable, result)
        settled = 0 if plan.wanted.sealed else _settle(task, result, began)
        verified = Verified(
            pair_id=plan.opened.pair.id,
            mode=plan.mode,
            started_at=began,
            finished_at=int(time.time()),
            spacing=plan.spacing,
            probes=plan.wanted.probes,
            result=result,
            repaired=repaired,
            resumed=folder is not None and folder.goes_on,
            seed=plan.wanted.sample.seed if plan.wanted.sample else None,
            peak_memory_bytes=peak_memory_bytes(),
            settled=settled,
        )
        Patience(say=invocation.render.say)(lambda: save_verified(plan.opened.ledger, verified))
    return verified


def _settle(task: Task, result: Verification, began: float) -> int:
    """(What comes to be owed while a certificate is made is a reason not to make it.)"""
    opened = task.plan.opened
    with task.paced():
        return settle_owed(opened.owed, opened.pair.id, task.probing, result, began)


def _agreed(invocation: Invocation, plan: VerifyPlan, count: int) -> bool:
    """A no leaves what was found: it took long enough to find it."""
    try:
        invocation.confirm(f"{plan.opened.pair.id}: converge {count:,} keys now?")
    except (Declined, UsageError) as error:
        invocation.render.say(f"not repaired: {error.message}")
        return False
    return True


@contextmanager
def _interruptible(plan: VerifyPlan, folder: VerifyFolder | None, again: str) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, Stopped):
        raise Interrupted(
            f"verify of {plan.opened.pair.id} was stopped",
            cause=f"its place is kept in {folder.path}" if folder else "nothing is kept of it",
            fix=f"{'go on' if folder else 'begin it anew'} whenever you like; --read-units makes it gentler",
            next_command=again,
        ) from None
    except Damaged as error:
        raise UsageError(
            "the verify that was kept cannot be gone on with",
            cause=str(error),
            fix="begin anew with --fresh",
        ) from error


def _open_file() -> BinaryIO:
    """A file without a name, gone with the process."""
    return cast("BinaryIO", tempfile.TemporaryFile(prefix="cutover-"))


def _probing(invocation: Invocation, plan: VerifyPlan, stop: threading.Event) -> Probing:
    opened = plan.opened
    return Probing(
        source=opened.source,
        target=opened.target,
        transform=opened.transform,
        patience=Patience(plan.patience, stop.is_set, invocation.render.say),
        open_file=_open_file,
        probes=plan.wanted.probes,
        spacing=plan.spacing,
        ttl_attribute=opened.source_facts.ttl_attribute,
        inverse_proves=opened.pair.inverse is not None,
    )


@contextmanager
def _bar(task: Task, total: int) -> Iterator[tuple[Bar, VerifyPace]]:
    title = f"verify {task.plan.opened.pair.id}"
    with (
        task.invocation.render.progress(title, total or None) as bar,
        task.paced(lambda why: bar.advance(0, note=why)) as pace,
    ):
        yield bar, pace


def _looked(bar: Bar) -> Callable[[int], None]:
    return lambda left: bar.advance(0, note=f"{left:,} suspects left" if left else "")


def _compared(task: Task, keep: Keep) -> Verification:
    plan, opened = task.plan, task.plan.opened
    with _bar(task, opened.source_facts.items + opened.target_facts.items) as (bar, pace):
        scanning = Scanning(
            source=opened.source,
            target=opened.target,
            workers=plan.workers,
            segments=plan.segments,
            consistent=plan.wanted.consistent,
            sealed=plan.wanted.sealed,
            stop=task.stop.is_set,
            halt=task.halt,
            scanned=lambda items: bar.advance(items, note=pace.why()),
        )
        return verify(
            scanning,
            task.probing,
            most_keys=plan.wanted.most_keys,
            accept_native=plan.wanted.accept_native,
            repairable=task.repairable,
            keep=keep,
            named=lambda: named_by_ledger(opened.owed, opened.backfill_ledger, opened.pair.id),
            looked=_looked(bar),
        )


def _sampled(task: Task, size: SampleSize) -> Verification:
    plan, opened = task.plan, task.plan.opened
    with _bar(task, 0) as (bar, pace):
        sampling = Sampling(
            source=opened.source,
            target=opened.target,
            draws=plan.draws(size),
            workers=plan.workers,
            consistent=plan.wanted.consistent,
            stop=task.stop.is_set,
            halt=task.halt,
            scanned=lambda items: bar.advance(items, note=pace.why()),
        )
        return verify_sample(
            sampling,
            task.probing,
            most_keys=plan.wanted.most_keys,
            accept_native=plan.wanted.accept_native,
            repairable=task.repairable,
            named=lambda: named_by_ledger(opened.owed, opened.backfill_ledger, opened.pair.id),
            looked=_looked(bar),
        )
