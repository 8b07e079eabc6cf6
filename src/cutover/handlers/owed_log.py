"""The watch's looks at the tables, and what they tell: counts by pair and reason, never a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from cutover.aws.watch_tables import TablesWatch
from cutover.handlers.telemetry import count, logger, seconds
from cutover.tables.ingest import Ingested
from cutover.tables.owed import OwedSummary
from cutover.tables.parking import Reason
from cutover.tables.second_look import Looks
from cutover.tables.sweep import Sweep


def looks(
    make: Callable[[], TablesWatch], ends: Callable[[], bool], clock: Callable[[], float]
) -> list[Callable[[], None]]:
    """`make` is called once for all of them; between two runs the pairs may have changed."""
    watch = cache(make)
    return [
        lambda: sent_again(watch().send_again(ends)),
        lambda: taken_in(watch().take_in(ends)),
        lambda: swept(watch().sweep(ends)),
        lambda: owed(watch().owed(), clock()),
    ]


def taken_in(done: Ingested) -> None:
    """A count in any case, so that the alarm ends by itself."""
    count("LostBatches", done.batches)
    if done.batches or done.strangers:
        logger.error("batches of the stream were given up", extra={"lost": vars(done)})
    if done.unreadable:
        count("LostUnreadable", done.unreadable)
    if done.strangers:
        count("LostStrangers", done.strangers)


def swept(done: Iterable[tuple[str, Sweep]]) -> None:
    for pair, sweep in done:
        if sweep.mapped:
            count("WaitingKeysCome", sweep.mapped, pair=pair)
        if sweep.dropped:
            count("MirrorOldEpochDropped", sweep.dropped, pair=pair)
        told = {"pair": pair, "looked": sweep.looked, "come": sweep.mapped, "left": sweep.left}
        logger.info("sweep", extra=told)


def sent_again(done: Iterable[tuple[str, Looks]]) -> None:
    for pair, looks in done:
        if looks.sent:
            logger.info("second look", extra={"pair": pair, "rows": looks.read, "messages": looks.sent})


def owed(found: Iterable[tuple[str, OwedSummary]], now: float) -> None:
    """By pair, and for the alarm the oldest of all pairs: 0 where nothing is owed."""
    oldest = 0.0
    for pair, summary in found:
        age = 0.0 if summary.oldest is None else max(now - summary.oldest, 0.0)
        oldest = max(oldest, age)
        waiting = summary.keys.get(Reason.UNMAPPED, 0)
        count("OwedKeys", summary.total - waiting, pair=pair)
        count("WaitingKeys", waiting, pair=pair)
        seconds("OwedOldestSeconds", age, pair=pair)
        if summary.total:
            told = {"pair": pair, "owed": dict(summary.keys), "oldest_seconds": age, "exact": summary.exact}
            logger.warning("keys are owed", extra=told)
    seconds("OwedOldestSeconds", oldest)
