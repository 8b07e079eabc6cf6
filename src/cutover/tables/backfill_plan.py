"""What a backfill is going to do, before it does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cutover.tables.backfill_rows import BackfillPace, Place, Run, RunState
from cutover.tables.copying import BackfillLedger
from cutover.tables.limits import Defaults
from cutover.tables.table_facts import TableFacts, default_paces

SEGMENTS_PER_WORKER = 10
SEGMENT_BYTES = 256_000_000
"""A larger segment would leave one thread busy long after the others."""
MOST_SEGMENTS = 100_000


@dataclass(frozen=True)
class BackfillPlan:
    """One pair's backfill. `resumes` says that `run` was begun before; `superseded` will not go on."""

    pair_id: str
    run: Run
    resumes: bool
    segments_done: int
    items_done: int
    superseded: tuple[Run, ...]
    pending_pages: int
    pending_keys: int
    estimate: int
    workers: int
    defaults: Defaults
    pace: BackfillPace
    concurrency: int | None = None
    """Functions at once; None on one machine."""

    def data(self) -> dict[str, object]:
        """For JSON."""
        return {
            "pair": self.pair_id,
            "run": self.run.run_id,
            "resumes": self.resumes,
            "keys_from": self.run.keys_from or None,
            "unmirrored": self.run.unmirrored,
            "segments": self.run.segments,
            "segments_done": self.segments_done,
            "items_done": self.items_done,
            "superseded": [run.run_id for run in self.superseded],
            "pending_pages": self.pending_pages,
            "pending_keys": self.pending_keys,
            "items_estimate": self.estimate,
            "engine": "here" if self.concurrency is None else "aws",
            "concurrency": self.concurrency,
            "workers": self.workers,
            "read_units": self.pace.read_units,
            "write_units": self.pace.write_units,
            "paused": self.pace.paused,
            "default_source_read_units": self.defaults.source_read,
            "default_target_read_units": self.defaults.target_read,
            "default_target_write_units": self.defaults.target_write,
        }


@dataclass(frozen=True)
class Wish:
    """What the operator asked for: `segments` None leaves it to the plan, `concurrency` None is no AWS;
    `keys_from` is the ARN of an export whose files are the segments, `unmirrored` that no mirror runs."""

    workers: int
    segments: int | None
    pace: BackfillPace
    concurrency: int | None = None
    keys_from: str = ""
    unmirrored: bool = False


def plan_backfill(
    pair_id: str,
    ledger: BackfillLedger,
    wish: Wish,
    source: TableFacts,
    target: TableFacts,
    new_run: Callable[[int], Run],
) -> BackfillPlan:
    """Reads the ledger and decides; `new_run` makes a run of so many segments. Raises TableFault."""
    defaults = default_paces(source, target)
    runs = ledger.runs()
    pending = [len(page.keys) for page in ledger.pending()]
    run = _resumable(runs, wish)
    places: Mapping[int, Place] = ledger.places(run.run_id) if run else {}
    segments = wish.segments or default_segments(wish.workers, source.bytes)
    chosen = run or _newest(replace(new_run(segments), keys_from=wish.keys_from), runs)
    chosen = replace(chosen, unmirrored=wish.unmirrored)
    return BackfillPlan(
        pair_id=pair_id,
        run=chosen,
        resumes=run is not None,
        segments_done=sum(1 for place in places.values() if place.done),
        items_done=sum(place.items for place in places.values()),
        superseded=tuple(
            other for other in runs if other.state is RunState.RUNNING and other.run_id != chosen.run_id
        ),
        pending_pages=len(pending),
        pending_keys=sum(pending),
        estimate=source.items,
        workers=wish.workers,
        defaults=defaults,
        pace=wish.pace,
        concurrency=None if wish.concurrency is None else _width(wish.concurrency, wish.pace, defaults),
    )


def _width(wished: int, pace: BackfillPace, defaults: Defaults) -> int:
    """As many functions as are wished, but each with a unit a second of everything at least."""
    rates = [
        default if chosen is None else chosen
        for chosen, default in (
            (pace.read_units, defaults.source_read),
            (pace.read_units, defaults.target_read),
            (pace.write_units, defaults.target_write),
        )
    ]
    limits = [rate for rate in rates if rate]
    return max(1, min(wished, int(min(limits)))) if limits else wished


def default_segments(workers: int, table_bytes: int) -> int:
    """Ten for each thread, and more where they would be large."""
    return min(max(SEGMENTS_PER_WORKER * workers, table_bytes // SEGMENT_BYTES), MOST_SEGMENTS)


def _newest(run: Run, runs: Sequence[Run]) -> Run:
    """`run`, begun behind all of `runs`: their clock may be ahead, and the newest is the one that goes on."""
    return replace(run, started_at=max([run.started_at, *(one.started_at + 1 for one in runs)]))


def _resumable(runs: Sequence[Run], wish: Wish) -> Run | None:
    """The newest run, where it has not ended, has the number of segments that is asked for, and takes its
    keys from where they are asked for: a place in a file is none in the table."""
    if not runs or runs[-1].state is not RunState.RUNNING or runs[-1].keys_from != wish.keys_from:
        return None
    if runs[-1].is_left_by(unmirrored=wish.unmirrored):
        return None
    return runs[-1] if wish.segments in {None, runs[-1].segments} else None
