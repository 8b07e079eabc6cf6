"""What a table is held to: what was set for the work or follows from the table, and never more than a part of
what was set for the pair."""

from __future__ import annotations

from dataclasses import dataclass, field

from cutover.tables.authority import PairState
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.shares import AtWork


@dataclass(frozen=True)
class Defaults:
    """Units per second where the operator set none (None is no limit), and where each of them comes from."""

    source_read: float | None = None
    target_read: float | None = None
    target_write: float | None = None
    source_read_why: str = field(default="", compare=False)
    target_read_why: str = field(default="", compare=False)
    target_write_why: str = field(default="", compare=False)


@dataclass(frozen=True)
class Limit:
    """Units per second, None for no limit, and for a person where they come from."""

    units: float | None
    because: str = ""

    def part(self, share: float) -> Limit:
        """What one of several processes is held to that go by this limit together."""
        if self.units is None or share == 1.0:
            return self
        because = ", ".join(part for part in (self.because, f"a worker's part of {self.units:g}") if part)
        return Limit(self.units * share, because)


@dataclass(frozen=True)
class Part:
    """Of a limit of the pair, and for a person who has the rest."""

    share: float = 1.0
    others: str = ""


@dataclass(frozen=True)
class Parts:
    reads: Part = Part()
    writes: Part = Part()


WHOLE = Parts()


def others_of(at_work: AtWork, *, verify: bool = False) -> str:
    """Who shares a limit with a backfill, or with a `verify`, for a person."""
    named = (
        ("the mirror", at_work.mirrors),
        ("a backfill", verify and at_work.backfill),
        ("another verify" if verify else "a verify", at_work.verifies > (1 if verify else 0)),
    )
    return " and ".join(name for name, there in named if there)


def limit_of_pair(units: float | None, part: Part) -> Limit:
    if units is None or part.share == 1.0:
        return Limit(units, "set for the pair")
    because = f"{part.share:.0%} of {units:g}, set for the pair"
    return Limit(units * part.share, f"{because}: shared with {part.others}" if part.others else because)


def limits_of(
    state: PairState, own: BackfillPace, default: Defaults, parts: Parts = WHOLE
) -> tuple[Limit, Limit, Limit]:
    """What reads of the source, reads of the target and writes of it are held to: what was set for the
    backfill or else the default, and never more than its part of what was set for the pair."""
    read = limit_of_pair(state.read_units, parts.reads)
    write = limit_of_pair(state.write_units, parts.writes)
    return (
        least(read, _chosen(own.read_units, default.source_read, default.source_read_why)),
        least(read, _chosen(own.read_units, default.target_read, default.target_read_why)),
        least(write, _chosen(own.write_units, default.target_write, default.target_write_why)),
    )


def _chosen(set_: float | None, default: float | None, why: str) -> Limit:
    """What the operator set, 0 being no limit, or else the default."""
    if set_ is None:
        return Limit(default, why)
    return Limit(set_ or None, "set for the backfill")


def least(of_pair: Limit, own: Limit) -> Limit:
    if of_pair.units is None or (own.units is not None and own.units <= of_pair.units):
        return own
    return of_pair
