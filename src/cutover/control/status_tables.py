"""What the facts of the tables mean: how far behind the mirror is, what is owed, what blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cutover.control.blocker import Blocker
from cutover.control.status_facts import Backlog, OwedFacts, PairFacts, TablesFacts, VerifyFacts

LAG_LIMIT_SECONDS = 30.0
"""Above it the mirror counts as behind. A stream loses its records after 24 hours:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""

RETRIED_SECONDS = 3600.0
"""Younger than that, what is owed is the retry's own business: it looks again by itself."""


@dataclass(frozen=True)
class Lag:
    """How far the mirror is behind, in seconds; None where it cannot be told, and `why`."""

    seconds: float | None
    why: str


def lag_of(tables: TablesFacts) -> Lag:
    """The greatest of three ages: the iterator's, that of the oldest parked message, of the oldest owed key.

    The iterator alone reads zero while keys wait; the queue alone forgets after its fourteen days. Keys that
    wait for a user who has not come over are no lag.
    """
    if tables.parked is None:
        return Lag(None, "the retry queue could not be read")
    if any(pair.owed is None for pair in tables.pairs):
        return Lag(None, "what is owed could not be read")
    if tables.iterator_age is None:
        return Lag(None, "no datapoint of the iterator's age in the last five minutes")
    ages = {"iterator age": tables.iterator_age}
    owed = [pair.owed.oldest_age for pair in tables.pairs if pair.owed and pair.owed.oldest_age is not None]
    if owed:
        ages["the oldest owed key"] = max(owed)
    if tables.parked.oldest_age is not None:
        ages["the oldest parked key"] = tables.parked.oldest_age
    elif tables.parked.total and not owed:
        age = f"iterator age {tables.iterator_age:,.1f} s"
        return Lag(None, f"{age}, but the age of the parked keys has no datapoint")
    if len(ages) == 1:
        return Lag(tables.iterator_age, "iterator age; no key is parked")
    which = max(ages, key=lambda name: ages[name])
    return Lag(ages[which], which)


def blockers_of_tables(tables: TablesFacts) -> Iterator[Blocker]:
    """The mirror's first, then each pair's, in the order of what to do about them."""
    yield from _of_mirror(tables)
    for pair in tables.pairs:
        yield from _of_pair(pair, tables.mirror_known)


def _of_mirror(tables: TablesFacts) -> Iterator[Blocker]:
    lag = lag_of(_without_owed(tables)) if tables.mirror_known else Lag(0.0, "")
    if lag.seconds is not None and lag.seconds > LAG_LIMIT_SECONDS:
        yield Blocker(
            "mirror_lag",
            f"the mirror is {lag.seconds:,.0f} s behind ({lag.why}); a stream keeps 24 hours",
            ("status",),
        )
    if tables.dead is not None and tables.dead.total:
        yield Blocker(
            "dead_letters",
            f"{tables.dead.total} messages of keys that would not converge are in the dead-letter queue",
            ("redrive",),
            fix="read the log of the RetryKeys function, put the cause right, then redrive",
        )
    if tables.failures:
        yield Blocker(
            "failed_batches",
            "the failure bucket holds stream batches that were given up",
            ("redrive",),
        )


def _without_owed(tables: TablesFacts) -> TablesFacts:
    """Without what has a blocker of its own: what is owed, and the messages that go with it."""
    owed = any(pair.owed and pair.owed.late for pair in tables.pairs)
    pairs = tuple(replace(pair, owed=OwedFacts()) for pair in tables.pairs)
    return replace(tables, pairs=pairs, parked=Backlog() if owed else tables.parked)


def _of_pair(pair: PairFacts, mirror_known: bool) -> Iterator[Blocker]:
    name = pair.pair
    if mirror_known and pair.mapping != "Enabled":
        state = pair.mapping or "missing"
        yield Blocker(
            "mirror_off",
            f"the mirror of {name} is {state}{': ' if pair.mapping_problem else ''}{pair.mapping_problem}",
            fix="deploy with MirrorState on and the source's stream in SourceStreamArns",
        )
    if pair.paused is not None:
        yield Blocker(
            "paused",
            f"{name} is paused: {pair.paused or 'no reason was given'}",
            ("pace", "--pair", name, "--resume"),
        )
    if pair.owed is not None:
        yield from _of_owed(name, pair.owed)
    if pair.backfill is None or not pair.backfill.done:
        words = ("backfill", "--on", "aws") if pair.backfill and pair.backfill.on_aws else ("backfill",)
        yield Blocker("backfill", f"the backfill of {name} {_halfway(pair)}", words)
    elif pair.verify is None:
        yield Blocker("verify", f"{name} was never verified", ("verify",))
    elif pair.verify.started_at < pair.backfill.started_at:
        yield Blocker("verify", f"{name} was last verified before its newest backfill began", ("verify",))
    elif pair.verify.differences:
        yield _differences(name, pair.verify)


def _of_owed(pair: str, owed: OwedFacts) -> Iterator[Blocker]:
    """What is owed keeps a pair from being equal, whatever its last verify found before."""
    least = "" if owed.exact else "at least "
    if owed.late:
        what = f"the target of {pair} is owed {least}{owed.late:,} keys: {owed.reasons}"
        if (owed.oldest_age or 0.0) < RETRIED_SECONDS:
            yield Blocker("owed", what, fix="the retry looks at them again by itself; wait")
        else:
            yield Blocker(
                "owed", what, ("redrive",), fix="put right what docs/failures.md says, then redrive"
            )
    if owed.waiting:
        yield Blocker(
            "waiting_for_users",
            f"{least}{owed.waiting:,} keys of {pair} wait for users who have not come over",
            fix="they converge when their users do; import-users brings those who never sign in",
        )


def _differences(pair: str, last: VerifyFacts) -> Blocker:
    if last.repairable:
        found = f"{last.missing:,} missing, {last.different:,} different, {last.extra:,} extra"
        return Blocker("differences", f"the last verify of {pair} found {found}", ("verify", "--repair"))
    if last.refused:
        return Blocker(
            "refused_items",
            f"the transform of {pair} refuses {last.refused:,} items of the source",
            fix="verify --report FILE names them; put the transform right, deploy, and verify again",
        )
    return Blocker(
        "extra_items",
        f"the target of {pair} holds {last.extra:,} items that the source does not have",
        fix="verify --report FILE names them; no command of ours deletes what it did not write",
    )


def _halfway(pair: PairFacts) -> str:
    run = pair.backfill
    if run is None:
        return "was never started"
    paused = "" if run.paused is None else f", and is paused: {run.paused or 'no reason was given'}"
    return f"has done {run.segments_done} of {run.segments} segments{paused}"
