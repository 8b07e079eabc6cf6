"""What the `pace` verb would change for a pair, and what that costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cutover.tables.tuning import TUNING

IN_FORCE = (
    "the mirror goes by it from its next batch on, at the latest after two minutes; a backfill within seconds"
)
STREAM_HOURS = 24
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""


@dataclass(frozen=True)
class PairLimits:
    """The ledger's row: units per second (None: no limit), why the pair is paused (None: it runs), and since
    when, in epoch seconds."""

    read_units: float | None = None
    write_units: float | None = None
    paused: str | None = None
    since: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What was typed; None leaves it as it is, 0 units take the limit away."""

    read_units: float | None = None
    write_units: float | None = None
    pause: str | None = None
    resume: bool = False

    @property
    def nothing(self) -> bool:
        return self == Wanted()


@dataclass(frozen=True)
class PacePlan:
    pair_id: str
    before: PairLimits
    after: PairLimits

    @property
    def changes(self) -> bool:
        return self.before != self.after

    def warnings(self) -> list[str]:
        """What the change costs, for whoever agrees to it."""
        said = []
        if self.after.paused is not None and self.before.paused is None:
            said += pause_warnings(self.after)
        if _lower(self.before.read_units, self.after.read_units) or _lower(
            self.before.write_units, self.after.write_units
        ):
            said.append(
                "while the source is written faster than that, the mirror's lag grows: it is traded for the "
                f"capacity; what the stream has held for {_hours(TUNING.record_age)} hours goes to the "
                "failure bucket"
            )
        return said

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pair": self.pair_id,
            "before": asdict(self.before),
            "after": asdict(self.after),
            "changes": self.changes,
            "warnings": self.warnings(),
        }


def plan_pace(pair_id: str, before: PairLimits, wanted: Wanted, now: int) -> PacePlan:
    """Whatever is not named stays as it is."""
    after = before
    if wanted.read_units is not None:
        after = replace(after, read_units=wanted.read_units or None)
    if wanted.write_units is not None:
        after = replace(after, write_units=wanted.write_units or None)
    if wanted.resume:
        after = replace(after, paused=None, since=None)
    elif wanted.pause is not None:
        after = replace(after, paused=wanted.pause, since=before.since or now)
    return PacePlan(pair_id, before, after)


def pause_warnings(limits: PairLimits) -> list[str]:
    """What a pause means, and until when it loses nothing."""
    gone, by = _hours(TUNING.record_age), resume_before(limits)
    return [
        f"the mirror stops; the source's stream keeps the changes for {STREAM_HOURS} hours",
        f"what is {gone} hours old goes to the failure bucket",
        f"resume before {by}: what a longer pause loses needs a redrive, or a new backfill and a verify",
        "parked keys, a backfill and a repair of the pair wait as well",
    ]


def resume_before(limits: PairLimits) -> str:
    """When the first record that was written in the pause is given up, in UTC."""
    return clock(float((limits.since or 0) + TUNING.record_age))


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _lower(before: float | None, after: float | None) -> bool:
    return after is not None and (before is None or after < before)


def _hours(seconds: int) -> int:
    return seconds // 3600
