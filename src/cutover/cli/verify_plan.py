"""What a verify is going to compare, and how."""

from __future__ import annotations

import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair
from cutover.tables.backfill_plan import default_segments
from cutover.tables.spill_join import Side
from cutover.tables.table_facts import TableFacts, default_paces
from cutover.tables.transform_code import transform_hash
from cutover.tables.verify_draw import Draw, SampleSize, draw

_SAMPLE = re.compile(r"(\d+(?:\.\d+)?)%|([1-9]\d*)")


@dataclass(frozen=True)
class Wanted:
    """The verb's own options."""

    probes: int
    spacing: float | None
    read_units: float | None
    consistent: bool
    most_keys: int
    show_keys: bool
    repair: bool
    accept_native: bool = False
    sample: SampleSize | None = None
    state: Path | None = None
    fresh: bool = False

    def words(self) -> tuple[str, ...]:
        """What a command that goes on with it has to say."""
        words: list[str] = ["--consistent"] if self.consistent else []
        words += ["--repair"] if self.repair else []
        words += ["--accept-native"] if self.accept_native else []
        words += ["--state", str(self.state)] if self.state else []
        return tuple(words)


class SampleType(click.ParamType):  # type: ignore[type-arg]
    """`5%` or `10000`."""

    name = "PERCENT%|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SampleSize:
        found = _SAMPLE.fullmatch(str(value))
        percent = float(found[1]) if found and found[1] else None
        if not found or (percent is not None and not 0 < percent <= 100):
            self.fail(f"{value} is neither a percentage such as 5% nor a number of items", param, ctx)
        return SampleSize(percent, int(found[2]) if found[2] else None)


def new_seed() -> int:
    return secrets.randbelow(2**32)


@dataclass(frozen=True)
class VerifyPlan:
    """What is going to be compared, and how. `lag` is the mirror's, in seconds, where it is known; `kept` is
    the document of an earlier verify that this one goes on with."""

    opened: OpenedPair
    workers: int
    spacing: float
    lag: float | None
    patience: float
    wanted: Wanted
    folder: Path | None
    kept: dict[str, Any] | None = None

    @property
    def mode(self) -> str:
        return "consistent" if self.wanted.consistent else "live"

    @property
    def segments(self) -> int:
        """Of each table: an earlier verify's, since its places are those of its segments."""
        if self.kept:
            return int(self.kept["segments"])
        return default_segments(self.workers, self.opened.source_facts.bytes)

    @property
    def segments_done(self) -> int | None:
        """Of both tables together; None where all were read."""
        if not self.kept or self.kept["phase"] != "scan":
            return None
        return sum(bool(place[1]) for side in Side for place in self.kept[side]["places"].values())

    def draws(self, size: SampleSize) -> dict[Side, Draw]:
        """The segments of a sample of that size."""
        facts = {Side.SOURCE: self.opened.source_facts, Side.TARGET: self.opened.target_facts}
        return {side: draw(size, one.items, side) for side, one in facts.items()}

    def default_pace(self) -> str:
        default = default_paces(self.opened.source_facts, self.opened.target_facts)
        source, target = default.source_read or 0, default.target_read or 0
        return f"{source:,.0f} and {target:,.0f} read units/s by default"

    def data(self) -> dict[str, Any]:
        """For JSON."""
        sample = self.wanted.sample
        return {
            "pair": self.opened.pair.id,
            "mode": self.mode,
            "scope": "sample" if sample else "full",
            "sample": {"percent": sample.percent, "items": sample.items, "seed": sample.seed}
            if sample
            else None,
            "source_items_estimate": self.opened.source_facts.items,
            "target_items_estimate": self.opened.target_facts.items,
            "workers": self.workers,
            "probes": self.wanted.probes,
            "spacing_seconds": self.spacing,
            "mirror_lag_seconds": self.lag,
            "read_units": self.wanted.read_units,
            "repair": self.wanted.repair,
            "state": str(self.folder) if self.folder else None,
            "resumes": self.kept is not None,
            "began": self.kept["began"] if self.kept else None,
            "segments": None if sample else self.segments,
            "segments_done": self.segments_done,
        }


def facts_of(opened: OpenedPair, wanted: Wanted, ledger: str) -> dict[str, str]:
    """What must be the same for a verify to be gone on with."""
    return {
        "host": socket.gethostname(),
        "pair": opened.pair.id,
        "ledger": ledger,
        "source table": _table(opened.source_facts),
        "target table": _table(opened.target_facts),
        "transform": transform_hash(opened.pair),
        "consistency": "consistent" if wanted.consistent else "live",
    }


def _table(facts: TableFacts) -> str:
    return f"{facts.arn} {facts.table_id}"
