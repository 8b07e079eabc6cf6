"""The repair at the end of a verify."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.writer_work import writer_work
from cutover.cli.options import Invocation
from cutover.cli.pair_options import forward_epoch, resumable
from cutover.cli.writer_lease import writer_lease
from cutover.tables.backfill_run import BEAT_SECONDS
from cutover.tables.kinds import Kind
from cutover.tables.ports import TableFault
from cutover.tables.recheck import Probing, recheck
from cutover.tables.repair import repair
from cutover.tables.suspects import SuspectFile
from cutover.tables.threads import attend
from cutover.tables.verification import Verification
from cutover.tables.writer_work import WriterWork


def repair_pair(
    invocation: Invocation,
    opened: OpenedPair,
    probing: Probing,
    repairable: SuspectFile,
    stop: threading.Event,
) -> int:
    """Converges: how many items it wrote or deleted.

    Raises PartlyDone, InterlockRefused, Stopped.
    """
    epoch = forward_epoch(invocation, opened)
    command = invocation.command("verify", "--repair", "--pair", opened.pair.id)
    with (
        resumable("repair", opened.pair.id, command),
        writer_lease(invocation, opened, "verify --repair") as lease,
    ):
        work = writer_work(opened, epoch, lease, stop, probing.patience)
        with ThreadPoolExecutor(1, thread_name_prefix="repair") as pool:
            future = pool.submit(repair, work.copying, repairable)
            attend([future], halt=work.halt, tick=lambda: _tick(work, invocation), seconds=BEAT_SECONDS)
    return future.result()


def look_again(probing: Probing, repairable: SuspectFile, before: Verification) -> Verification:
    """What is wrong after a repair."""
    after = before.without_repairable()
    recheck(repairable, probing, lambda kind, suspect, _: after.found(_again(kind), suspect.key))
    return after


def _again(kind: Kind) -> Kind:
    """What is extra after a repair was proven to be the mirror's before it."""
    return Kind.MIRRORED if kind is Kind.NATIVE else kind


def _tick(work: WriterWork, invocation: Invocation) -> None:
    try:
        work.tick()
    except TableFault as fault:
        invocation.render.say(f"the ledger does not answer: {fault}")
