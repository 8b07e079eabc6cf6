"""Whether a pair stands still: what has to be so before and after a certificate is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.control.refusals import Refusal
from cutover.tables.authority import Ruler

MOST_LAG = 10.0
"""Seconds that the mirror may have been behind in the last five minutes: a batch's window and a few polls."""


@dataclass(frozen=True)
class FreezeFacts:
    """What is known of one pair. `owed` are keys by reason; `writer` is the verb that holds the lease;
    `counters` are the mirror's own; `lag` is None where it had nothing to do in the last five minutes."""

    pair: str
    ruler: str = Ruler.SOURCE
    epoch: int = 0
    paused: str | None = None
    mirror_problem: str = ""
    lag: float | None = None
    lag_problem: str = ""
    owed: Mapping[str, int] = field(default_factory=dict)
    failures_waiting: bool = False
    unfinished: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    pending_pages: int = 0
    writer: str | None = None
    counters: Mapping[str, int] = field(default_factory=dict)


def refusals(facts: FreezeFacts) -> list[Refusal]:
    """Why no certificate can be made of the pair now."""
    return [*_mirror(facts), *_owed(facts), *_writers(facts)]


def _mirror(facts: FreezeFacts) -> list[Refusal]:
    found = []
    if facts.ruler not in {Ruler.SOURCE, Ruler.NOBODY}:
        found.append(
            Refusal(
                "authority",
                f"the target of {facts.pair} has a life of its own",
                f"{facts.ruler} rules the pair",
                "a certificate is for the time before the switch",
            )
        )
    if facts.paused is not None:
        found.append(
            Refusal(
                "paused", f"the mirror of {facts.pair} is paused", facts.paused, "let it go on, and drain"
            )
        )
    if facts.mirror_problem:
        found.append(
            Refusal(
                "mirror_not_running",
                f"no mirror follows the source of {facts.pair}: a write could not be noticed",
                facts.mirror_problem,
                "enable the mapping, and let it drain the stream",
            )
        )
    if facts.lag_problem:
        found.append(
            Refusal(
                "mirror_behind",
                f"nobody knows whether the mirror of {facts.pair} is behind",
                facts.lag_problem,
                "grant cloudwatch:GetMetricStatistics",
            )
        )
    elif facts.lag is not None and facts.lag > MOST_LAG:
        found.append(
            Refusal(
                "mirror_behind",
                f"the mirror of {facts.pair} was behind",
                f"by {facts.lag:.0f} s at most in the last five minutes",
                "stop the writes, and wait until it was level for five minutes",
            )
        )
    return found


def _owed(facts: FreezeFacts) -> list[Refusal]:
    found = []
    if any(facts.owed.values()):
        words = ", ".join(f"{number:,} {reason}" for reason, number in sorted(facts.owed.items()) if number)
        found.append(
            Refusal(
                "owed",
                f"keys are owed to the target of {facts.pair}",
                words,
                "cutover redrive; what is settled already goes with a full verify that finds the pair equal",
            )
        )
    if facts.failures_waiting:
        found.append(
            Refusal(
                "failures_waiting",
                "the failure bucket holds batches that nobody has taken in",
                "the mirror gave up on them",
                "cutover redrive",
            )
        )
    return found


def _writers(facts: FreezeFacts) -> list[Refusal]:
    found = []
    if facts.unfinished:
        found.append(
            Refusal(
                "backfill_unfinished",
                f"a backfill of {facts.pair} has not come to its end",
                f"run {', '.join(facts.unfinished)}",
                "cutover backfill",
            )
        )
    if facts.pending_pages:
        found.append(
            Refusal(
                "pages_pending",
                f"keys of {facts.pair} may have been written and were not looked at again",
                f"{facts.pending_pages:,} pages are pending in the ledger",
                "cutover backfill, or verify --repair",
            )
        )
    if facts.writer is not None:
        found.append(
            Refusal(
                "lease_held",
                f"somebody may be writing the target of {facts.pair}",
                f"{facts.writer} holds the lease",
                "wait for its end",
            )
        )
    return found


def moved(before: FreezeFacts, after: FreezeFacts) -> str:
    """What says that the pair did not stand still between the two; empty where nothing does."""
    if (before.ruler, before.epoch) != (after.ruler, after.epoch):
        return "who rules the pair has changed meanwhile"
    if before.counters != after.counters:
        return "the mirror has worked on changes of the source meanwhile"
    if before.runs != after.runs:
        return "a backfill has run meanwhile"
    return ""
