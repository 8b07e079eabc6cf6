"""What the mirror and the retry tell the operator: counts and reasons, never a key or an item."""

from __future__ import annotations

from cutover.handlers.pairs_log import source_name
from cutover.handlers.telemetry import count, kind_and_place, logger, seconds
from cutover.tables.mirror import MirrorReport, PairReport
from cutover.tables.retry import NotYet, RetryReport


def report_mirror(report: MirrorReport) -> None:
    """One line and the metrics of a batch."""
    if report.strangers:
        logger.error("records of no table pair are held", extra={"records": report.strangers})
        count("MirrorStrangers", report.strangers)
    for pair in report.pairs:
        _report_pair(pair)


def _report_pair(pair: PairReport) -> None:
    write = logger.warning if pair.stopped else logger.info
    write(
        "mirror batch",
        extra={
            "pair": pair.pair,
            "converged": pair.converged,
            "parked": dict(pair.parked),
            "dropped": pair.dropped,
            "stopped": pair.stopped,
            "lag_seconds": pair.lag,
            "paced_seconds": round(pair.held.seconds, 3),
            "pace": pair.held.why,
        },
    )
    if pair.converged:
        count("MirrorKeysConverged", pair.converged, pair=pair.pair)
    for reason, keys in pair.parked.items():
        count("MirrorKeysParked", keys, pair=pair.pair, reason=str(reason))
    if pair.dropped:
        count("MirrorOldEpochDropped", pair.dropped, pair=pair.pair)
    if pair.stopped:
        count("MirrorBatchHeld", pair=pair.pair)
    if pair.held.seconds:
        seconds("MirrorPacedSeconds", pair.held.seconds, pair=pair.pair)
    if pair.lag is not None:
        seconds("MirrorLagSeconds", pair.lag, pair=pair.pair)
        seconds("MirrorLagSeconds", pair.lag, table=source_name(pair.pair))


def report_retry(report: RetryReport) -> None:
    """One line and the metrics of a message that leaves the queue."""
    logger.info("retry", extra={"pair": report.pair, "verdict": str(report.verdict), "keys": report.keys})
    names = {"write": "RetryKeysConverged", "drop": "MirrorOldEpochDropped", "hold": "RetryKeysHeld"}
    count(names[str(report.verdict)], report.keys, pair=report.pair)
    seconds("RetryAgeSeconds", report.age, pair=report.pair)


def report_waiting(error: NotYet, message_id: str) -> None:
    """One line and one count for a message that stays."""
    logger.warning(
        "retry message stays", extra={"message_id": message_id, "why": str(error), "pause": error.pause}
    )
    count("RetryMessagesKept")


def report_unforeseen(error: BaseException, message_id: str) -> None:
    """One line for a message that fails for a reason nobody thought of; it stays as well."""
    logger.error("retry message fails", extra={"message_id": message_id, "why": kind_and_place(error)})
    count("RetryMessagesKept")
