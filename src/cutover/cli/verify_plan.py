"""What a verify is going to compare, and how."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.verify_ledger import mirror_lag
from cutover.cli.options import Invocation
from cutover.cli.pair_options import PairChoice
from cutover.cli.verify_folder import VerifyFolder, state_folder
from cutover.cli.verify_options import Wanted
from cutover.control.deployment import Deployment
from cutover.control.freezing import FreezeFacts
from cutover.tables.backfill_plan import default_segments
from cutover.tables.limits import Limit
from cutover.tables.ports import TableFault
from cutover.tables.spill_join import Side
from cutover.tables.table_facts import TableFacts, default_paces
from cutover.tables.transform_code import transform_hash
from cutover.tables.verify_draw import Draw, SampleSize, draw

UNKNOWN_LAG = 10.0
LAG_FACTOR = 2.0


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
    frozen: FreezeFacts | None = None
    """What was known of the pair before a certificate is made of it."""
    again: tuple[str, ...] = ()
    """The words of the verb that goes on with it."""
    pair_limit: float | None = None
    """Of the pair, in read units a second for all who work on it, as the plan was made."""

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
        """The segments of a sample of that size, by the greater estimate: one of them may be hours old."""
        items = max(self.opened.source_facts.items, self.opened.target_facts.items)
        return {side: draw(size, items, side) for side in Side}

    def own_limits(self) -> tuple[Limit, Limit]:
        """On reads of the source and of the target, where the pair has none."""
        if self.wanted.read_units is not None:
            typed = Limit(self.wanted.read_units, "set by --read-units")
            return typed, typed
        default = default_paces(self.opened.source_facts, self.opened.target_facts)
        return (
            Limit(default.source_read, default.source_read_why),
            Limit(default.target_read, default.target_read_why),
        )

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
            "pair_read_units": self.pair_limit,
            "repair": self.wanted.repair,
            "state": str(self.folder) if self.folder else None,
            "resumes": self.kept is not None,
            "began": self.kept["began"] if self.kept else None,
            "segments": None if sample else self.segments,
            "segments_done": self.segments_done,
        }


def make_plan(
    invocation: Invocation,
    deployment: Deployment,
    opened: OpenedPair,
    wanted: Wanted,
    choice: PairChoice,
    frozen: FreezeFacts | None = None,
) -> VerifyPlan:
    """Raises UsageError where a verify is kept that cannot be gone on with."""
    lag = mirror_lag(invocation.aws, deployment.output("MirrorTableFunction"), int(time.time()))
    spacing = max(UNKNOWN_LAG, LAG_FACTOR * (lag or 0.0)) if wanted.spacing is None else wanted.spacing
    purpose = "certificate" if wanted.sealed else "verify"
    tables = (opened.source_facts.arn, opened.target_facts.arn)
    path = state_folder(wanted.state, opened.ledger.name, opened.pair.id, *tables, purpose)
    folder = None if wanted.sample or wanted.recompute else path
    again = _again(opened, choice, wanted)
    plan = VerifyPlan(
        opened,
        choice.workers,
        spacing,
        lag,
        choice.patience,
        wanted,
        folder,
        frozen=frozen,
        again=again,
        pair_limit=_limit_of(opened),
    )
    keep = folder_of(plan)
    return plan if keep is None else replace(plan, kept=keep.look())


def _limit_of(opened: OpenedPair) -> float | None:
    """None where there is none, or the ledger does not say: the run itself ends there."""
    try:
        return opened.rows.state(opened.pair.id).read_units
    except TableFault:
        return None


def _again(opened: OpenedPair, choice: PairChoice, wanted: Wanted) -> tuple[str, ...]:
    """Of this pair; but a certificate is of all pairs that were named, and not of the one that stopped it."""
    named = choice.named() if wanted.sealed else ("--pair", opened.pair.id)
    return (*named, *choice.words(), *wanted.words())


def folder_of(plan: VerifyPlan) -> VerifyFolder | None:
    """None for a sample, and for the second reading of a certificate: what it says is of now."""
    if plan.folder is None:
        return None
    return VerifyFolder(plan.folder, _facts(plan), fresh=plan.wanted.fresh)


def _facts(plan: VerifyPlan) -> dict[str, str]:
    """What must be the same for a verify to be gone on with."""
    opened = plan.opened
    facts = {
        "host": socket.gethostname(),
        "pair": opened.pair.id,
        "ledger": opened.ledger.name,
        "source table": _table(opened.source_facts),
        "target table": _table(opened.target_facts),
        "transform": transform_hash(opened.pair),
        "consistency": plan.mode,
    }
    if plan.frozen is not None:
        facts["work of the mirror since"] = json.dumps(dict(plan.frozen.counters), sort_keys=True)
        facts["authority"] = f"{plan.frozen.ruler} {plan.frozen.epoch}"
        facts["backfill since"] = json.dumps(plan.frozen.runs)
    return facts


def _table(facts: TableFacts) -> str:
    return f"{facts.arn} {facts.table_id}"
