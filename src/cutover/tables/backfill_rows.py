"""What the ledger keeps of a backfill: the run, where each segment stands, and the pages that are pending.

| pk | sk | what |
|---|---|---|
| `backfill#<pair>` | `run#<run>` | one pass over the source in so many segments |
| `backfill#<pair>#<0 to f>` | `segment#<run>#<nnnnnnn>` | where that segment goes on |
| `backfill#<pair>#<0 to f>` | `page#<run>#<nnnnnnn>#<page>.<part>` | keys that are about to be written |
| `pair#<pair>` | `backfill_pace` | the pace of the backfill alone: the mirror does not go by it |

What is written for each page is spread over sixteen partition keys by the number of its segment, or all of a
wide backfill would share the 1,000 writes a second of one partition:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cutover.tables.ports import Key
from cutover.tables.sizes import size

PAGE_BYTES = 300_000
"""Keys of one pending row. An item holds 400 KB, and the published size of an item is approximate:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

SHARDS = "0123456789abcdef"


class RunState(StrEnum):
    """`superseded`: another run has taken over before this one came to its end."""

    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Run:
    """One pass over the source. Times are epoch seconds, the counts are those of the whole run so far.

    `execution` is the ARN of the execution that works on it, empty where one machine does. `why` is what one
    of its workers last said of what holds it, at `why_at`; `error` is why an execution has failed.
    """

    run_id: str
    segments: int
    started_at: int
    state: RunState = RunState.RUNNING
    items: int = 0
    written: int = 0
    parked: int = 0
    execution: str = ""
    why: str = ""
    why_at: int = 0
    error: str = ""
    keys_from: str = ""
    """The ARN of the export whose files are the segments; empty where the source is scanned."""
    unmirrored: bool = False
    """No mirror followed the source when it began, or when it was gone on with: what changed behind its
    places is not in the target."""

    def is_left_by(self, *, unmirrored: bool) -> bool:
        """Whether it may not go on: nobody would bring over what has changed behind its places. `unmirrored`
        says that no mirror runs now either, and then nobody expects that."""
        return self.unmirrored and not unmirrored


@dataclass(frozen=True)
class Word:
    """What a worker adds to its run: counts since its last word, and what holds it. `error` None says nothing
    of an error."""

    items: int = 0
    written: int = 0
    parked: int = 0
    why: str = ""
    at: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a segment stands: its next page starts behind `next_start` (None: at its beginning)."""

    segment: int
    next_start: Key | None = None
    done: bool = False
    items: int = 0
    written: int = 0
    parked: int = 0


@dataclass(frozen=True)
class PendingPage:
    """Source keys that a backfill was about to write; `name` is the row's sk, never used twice."""

    name: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class BackfillPace:
    """Units per second (None: not set, 0: no limit), and whether the backfill is to wait, and why."""

    read_units: float | None = None
    write_units: float | None = None
    paused: bool = False
    reason: str = ""


def backfill_pk(pair_id: str) -> str:
    """Where the runs of a pair stand."""
    return f"backfill#{pair_id}"


def segment_pk(pair_id: str, segment: int) -> str:
    """Where the rows of a segment stand: the same place for every run."""
    return f"{backfill_pk(pair_id)}#{SHARDS[segment % len(SHARDS)]}"


def segment_pks(pair_id: str) -> list[str]:
    """All places where rows of segments may stand."""
    return [f"{backfill_pk(pair_id)}#{shard}" for shard in SHARDS]


def run_sk(run_id: str) -> str:
    return f"run#{run_id}"


def segment_sk(run_id: str, segment: int) -> str:
    return f"segment#{run_id}#{segment:07d}"


def page_sk(run_id: str, segment: int, page: str, part: int) -> str:
    return f"page#{run_id}#{segment:07d}#{page}.{part}"


def page_segment(name: str) -> int:
    """The segment in the sk of a pending page."""
    return int(name.rsplit("#", 2)[1])


def cut(keys: Sequence[Key], limit: int = PAGE_BYTES) -> Iterator[tuple[Key, ...]]:
    """`keys` in parts that fit an item each; no keys give no part."""
    part: list[Key] = []
    taken = 0
    for key in keys:
        needed = size({"": {"M": key}}) + 1
        if part and taken + needed > limit:
            yield tuple(part)
            part, taken = [], 0
        part.append(key)
        taken += needed
    if part:
        yield tuple(part)
