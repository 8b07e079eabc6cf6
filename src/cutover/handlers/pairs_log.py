"""How the logs and metrics call a pair's table, and what is said of pairs that cannot be read again."""

from __future__ import annotations

from cutover.handlers.telemetry import count, logger


def source_name(pair_id: str) -> str:
    """The name of a pair's source table, by which the template's alarms know it: they know no pair."""
    return pair_id.partition("=")[0].rsplit("/", 1)[-1]


def report_unread_pairs(why: str) -> None:
    """The parameter was changed to what cannot be read; the pairs of before go on."""
    logger.error("the table pairs cannot be read again; those of before go on", extra={"why": why})
    count("TablePairsUnread")
