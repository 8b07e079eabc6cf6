"""Where a mirror's lag is heading: caught up when, or records lost when, and what to do about it.

A record that is not mirrored gets older by a second each second. Two ages end it: at the first the mapping
gives a batch up and puts it, whole, into the failure bucket; at the second the stream itself has forgotten
the record (a table's stream after 24 hours, a Kinesis stream when its retention says). Times are epoch
seconds and ages seconds, both by AWS's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cutover.control.spelling import spell

KEEPING_UP = 30.0
"""A lag below it is none: a batch waits up to a second and is worked off in seconds."""
LEVEL = 0.02
"""A change by less than so many seconds a second is none: it takes an hour to make a minute."""
STALE = 180.0
"""A last datapoint older than this says nothing of now: CloudWatch has one a minute, a minute or two late."""
RUNNING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})


class Trend(StrEnum):
    """UNKNOWN: no datapoint. IDLE: enabled, and no change arrived. LEVEL: keeps up, or stays behind.
    SHRINKING and GROWING: by the rate. STANDING: nothing is worked off. GIVING_UP: batches go to the failure
    bucket. LOST: what the stream forgot was never read."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    LEVEL = "level"
    SHRINKING = "shrinking"
    GROWING = "growing"
    STANDING = "standing"
    GIVING_UP = "giving up"
    LOST = "lost"


@dataclass(frozen=True)
class Reading:
    """The age of the oldest record of a batch, the greatest of the minute that began at `at`."""

    at: float
    age: float


@dataclass(frozen=True)
class Looked:
    """What one look found of one pair's mirror. `readings` are of the last minutes, and where there are none
    the last one that there ever was, as long as the stream keeps records. `shared`: they are of all pairs of
    the function together, so this pair's age is at most theirs."""

    at: float
    readings: tuple[Reading, ...] = ()
    shared: bool = False
    mapping: str | None = "Enabled"
    problem: str = ""
    held: str | None = None
    """Why the pair is paused; None where it is not."""
    gives_up: float = 79200.0
    """The age at which the mapping gives a batch up; infinite where it never does."""
    keeps: float = 86400.0
    """The age at which the stream forgets a record."""
    unsent: int = 0
    """Changes that DynamoDB did not put into the Kinesis stream, so that the mirror never sees them."""

    @property
    def polled(self) -> bool:
        return self.mapping in RUNNING and not self.problem

    @property
    def stands(self) -> bool:
        return not self.polled or self.held is not None


@dataclass(frozen=True)
class Outlook:
    """`age` is of the oldest record that waits; `at_most` says that it may be younger. `rate` is how many
    seconds it gains a second. `left` is the time to what `what` names, None where nothing is coming."""

    trend: Trend
    age: float | None = None
    at_most: bool = False
    rate: float | None = None
    left: float | None = None
    what: str = ""
    fix: str = ""

    @property
    def alarming(self) -> bool:
        return self.trend in {Trend.GROWING, Trend.STANDING, Trend.GIVING_UP, Trend.LOST}


def outlook(looked: Looked) -> Outlook:
    """What will come of it if all goes on as it does."""
    if not looked.readings:
        return _unmeasured(looked)
    if looked.stands:
        return _standing(looked)
    last = looked.readings[-1]
    if looked.at - last.at > STALE:
        return _idle(looked, last)
    return _moving(looked, last)


def rate_of(readings: Sequence[Reading]) -> float | None:
    """Seconds of age gained a second, by least squares; None from less than two minutes of readings. Never
    above 1: nothing ages faster than the clock, whatever a jump from one shard's batch to another's says."""
    if len(readings) < 2 or readings[-1].at - readings[0].at < 120:
        return None
    middle = sum(one.at for one in readings) / len(readings)
    mean = sum(one.age for one in readings) / len(readings)
    spread = sum((one.at - middle) ** 2 for one in readings)
    return min(sum((one.at - middle) * (one.age - mean) for one in readings) / spread, 1.0)


def _unmeasured(looked: Looked) -> Outlook:
    hours = looked.keeps / 3600
    if looked.stands:
        return Outlook(
            Trend.UNKNOWN,
            what=f"{_why(looked)}, and no batch was seen within {hours:,.0f} h: changes may be lost already",
            fix=f"{_cure(looked)}; then cutover redrive --reconcile, and verify",
        )
    return Outlook(
        Trend.UNKNOWN,
        what=f"no batch was seen within {hours:,.0f} h: nothing changes there, or nothing is delivered",
        fix="change an item of the source and look again",
    )


def _idle(looked: Looked, last: Reading) -> Outlook:
    return Outlook(Trend.IDLE, 0.0, looked.shared, what=f"no change arrived for {spell(looked.at - last.at)}")


def _standing(looked: Looked) -> Outlook:
    """The clock runs: what was read last was followed, at once or later, by what waits now."""
    last = looked.readings[-1]
    age = last.age + max(looked.at - last.at, 0.0)
    end, then = _end(looked)
    if age >= end:
        return _over(looked, age)
    return Outlook(
        Trend.STANDING,
        age,
        at_most=not looked.polled or looked.shared,
        rate=1.0,
        left=end - age,
        what=f"{_why(looked)}; {then}",
        fix=_cure(looked),
    )


def _moving(looked: Looked, last: Reading) -> Outlook:
    rate = rate_of(looked.readings)
    end, then = _end(looked)
    if last.age >= end:
        return _over(looked, last.age)
    if last.age < KEEPING_UP:
        return Outlook(Trend.LEVEL, last.age, looked.shared, rate, what="keeps up")
    if rate is None:
        return Outlook(Trend.LEVEL, last.age, looked.shared, what="behind; two more minutes show how it goes")
    if rate < -LEVEL:
        return Outlook(Trend.SHRINKING, last.age, looked.shared, rate, last.age / -rate, "it is caught up")
    if rate > LEVEL:
        return Outlook(Trend.GROWING, last.age, looked.shared, rate, (end - last.age) / rate, then, _FASTER)
    return Outlook(Trend.LEVEL, last.age, looked.shared, rate, what="behind, and stays so", fix=_FASTER)


def _over(looked: Looked, age: float) -> Outlook:
    if looked.polled and looked.gives_up < looked.keeps:
        return Outlook(
            Trend.GIVING_UP,
            age,
            looked.shared,
            what=f"{_why(looked)}; batches go to the failure bucket now",
            fix=f"{_cure(looked)}; then cutover redrive",
        )
    return Outlook(
        Trend.LOST,
        age,
        at_most=True,
        what=f"{_why(looked)}; changes of more than {spell(looked.keeps)} ago are lost",
        fix=f"{_cure(looked)}; then cutover redrive --reconcile, and verify",
    )


def _end(looked: Looked) -> tuple[float, str]:
    """The age that ends it, and what happens then. Where nobody polls, nothing is given to the bucket."""
    if looked.polled and looked.gives_up < looked.keeps:
        return looked.gives_up, "batches go to the failure bucket"
    return looked.keeps, "records are lost"


def _why(looked: Looked) -> str:
    if looked.mapping not in RUNNING:
        return f"the mapping is {(looked.mapping or 'missing').lower()}"
    if looked.problem:
        return looked.problem
    if looked.held is None:
        return "the mirror does not follow"
    return f"paused: {looked.held or 'no reason was given'}"


def _cure(looked: Looked) -> str:
    if looked.mapping not in RUNNING:
        return "deploy with MirrorState on and the stream named"
    if looked.problem:
        return "put right what the mapping complains of"
    return _FASTER if looked.held is None else "end the pause: cutover pace --resume"


_FASTER = "raise what the target takes, the pace (cutover pace) or MirrorParallelization; the log says which"
