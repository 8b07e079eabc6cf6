"""The pace of a verify, gone by what the ledger says as long as it reads."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cutover.cli.options import Invocation
from cutover.cli.verify_plan import VerifyPlan
from cutover.tables.patience import Patience
from cutover.tables.ports import TableFault
from cutover.tables.verify_pace import VerifyPace

BEAT_SECONDS = 2.0


@contextmanager
def paced(
    invocation: Invocation,
    plan: VerifyPlan,
    patience: Patience,
    stop: threading.Event,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[VerifyPace]:
    """For the reads inside. `tell` is told every two seconds why they wait. Raises TableFault and Stopped
    where the ledger cannot be read at all."""
    opened = plan.opened
    pace = VerifyPace(
        opened.pair.id,
        secrets.token_hex(4),
        opened.rows,
        opened.workers,
        opened.paces,
        plan.own_limits(),
        stop=stop.is_set,
    )
    patience(pace.refresh)
    over = threading.Event()
    beat = threading.Thread(
        target=_look_round, args=(invocation, pace, over, tell), name="verify-pace", daemon=True
    )
    beat.start()
    try:
        yield pace
    finally:
        over.set()
        beat.join()
        pace.leave()


def _look_round(
    invocation: Invocation, pace: VerifyPace, over: threading.Event, tell: Callable[[str], None]
) -> None:
    while not over.wait(BEAT_SECONDS):
        try:
            pace.refresh()
        except TableFault as fault:
            invocation.render.say(f"the ledger does not answer: {fault}")
        if why := pace.why():
            tell(why)
