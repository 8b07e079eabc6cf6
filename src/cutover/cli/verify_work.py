"""One pair's verify at work, and its repair."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.verify_ledger import save_verified
from cutover.cli.options import Invocation
from cutover.cli.verify_repair import repair_pair
from cutover.errors import Declined, Interrupted, UsageError
from cutover.tables.backfill_plan import default_segments
from cutover.tables.patience import Patience, Stopped
from cutover.tables.recheck import Probing
from cutover.tables.suspects import SuspectFile
from cutover.tables.table_facts import default_paces
from cutover.tables.verify import Verification, verify
from cutover.tables.verify_report import Verified
from cutover.tables.verify_scan import Scanning


@dataclass(frozen=True)
class VerifyPlan:
    """What is going to be compared, and how. `lag` is the mirror's, in seconds, where it is known."""

    opened: OpenedPair
    workers: int
    probes: int
    spacing: float
    lag: float | None
    read_units: float | None
    consistent: bool
    most_keys: int
    repair: bool
    patience: float

    @property
    def mode(self) -> str:
        return "consistent" if self.consistent else "live"

    def default_pace(self) -> str:
        default = default_paces(self.opened.source_facts, self.opened.target_facts)
        source, target = default.source_read or 0, default.target_read or 0
        return f"{source:,.0f} and {target:,.0f} read units/s by default"

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pair": self.opened.pair.id,
            "mode": self.mode,
            "source_items_estimate": self.opened.source_facts.items,
            "target_items_estimate": self.opened.target_facts.items,
            "workers": self.workers,
            "probes": self.probes,
            "spacing_seconds": self.spacing,
            "mirror_lag_seconds": self.lag,
            "read_units": self.read_units,
            "repair": self.repair,
        }


def verify_pair(invocation: Invocation, plan: VerifyPlan) -> Verified:
    """Verifies, repairs where that is wanted and agreed to, and leaves the result in the ledger.

    Raises AwsUnavailable through TableFault, PartlyDone and InterlockRefused from a repair, Interrupted.
    """
    began, stop = int(time.time()), threading.Event()
    probing = _probing(invocation, plan, stop)
    repairable = SuspectFile(_open_file)
    with _interruptible(invocation, plan):
        result = _compare(invocation, plan, probing, repairable, stop)
        repaired = None
        if plan.repair and repairable.count and _agreed(invocation, plan, repairable.count):
            repaired, result = repair_pair(invocation, plan.opened, probing, repairable, result, stop)
    verified = Verified(
        pair_id=plan.opened.pair.id,
        mode=plan.mode,
        started_at=began,
        finished_at=int(time.time()),
        spacing=plan.spacing,
        probes=plan.probes,
        result=result,
        repaired=repaired,
    )
    Patience(say=invocation.render.say)(lambda: save_verified(plan.opened.ledger, verified))
    return verified


def _agreed(invocation: Invocation, plan: VerifyPlan, count: int) -> bool:
    """A no leaves what was found: it took long enough to find it."""
    try:
        invocation.confirm(f"{plan.opened.pair.id}: converge {count:,} missing and different items now?")
    except (Declined, UsageError) as error:
        invocation.render.say(f"not repaired: {error.message}")
        return False
    return True


@contextmanager
def _interruptible(invocation: Invocation, plan: VerifyPlan) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, Stopped):
        raise Interrupted(
            f"verify of {plan.opened.pair.id} was stopped",
            cause="nothing is kept of a verify that did not come to its end",
            fix="start it again; --read-units makes it gentler",
            next_command=invocation.command("verify", "--pair", plan.opened.pair.id),
        ) from None


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
        probes=plan.probes,
        spacing=plan.spacing,
        ttl_attribute=opened.source_facts.ttl_attribute,
    )


def _compare(
    invocation: Invocation,
    plan: VerifyPlan,
    probing: Probing,
    repairable: SuspectFile,
    stop: threading.Event,
) -> Verification:
    opened = plan.opened
    default = default_paces(opened.source_facts, opened.target_facts)
    opened.paces.source_read.change(plan.read_units or default.source_read)
    opened.paces.target_read.change(plan.read_units or default.target_read)

    def halt() -> None:
        stop.set()
        for pace in opened.paces.all():
            pace.release()

    total = opened.source_facts.items + opened.target_facts.items
    with invocation.render.progress(f"verify {opened.pair.id}", total or None) as bar:
        scanning = Scanning(
            source=opened.source,
            target=opened.target,
            workers=plan.workers,
            segments=default_segments(plan.workers, opened.source_facts.bytes),
            consistent=plan.consistent,
            stop=stop.is_set,
            halt=halt,
            scanned=lambda items: bar.advance(items, note=opened.paces.source_read.why()),
        )
        return verify(
            scanning,
            probing,
            most_keys=plan.most_keys,
            repairable=repairable,
            looked=lambda left: bar.advance(0, note=f"{left:,} suspects left" if left else ""),
        )
