"""What a verify says afterwards: in the report file, in the ledger, on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.tables.digest import digest
from cutover.tables.items import to_json
from cutover.tables.kinds import Kind
from cutover.tables.ports import Key
from cutover.tables.verification import Verification
from cutover.tables.verify_draw import Sampled

BLIND_SPOTS = (
    "a change that both tables got and neither should have",
    "an item that was different between two scans of its page and equal at the look that cleared it",
    "what was changed behind the last look at it",
    "items that DynamoDB may delete any moment because their time to live is over: either state passes",
    "a defect of the transform: the same transform says what is right",
    "what is no item: indexes, streams, tags, backups, capacity, time-to-live settings",
)


@dataclass(frozen=True)
class Verified:
    """One pair's verify at its end; times are epoch seconds. `repaired` is None where none was asked for.

    `started_at` is when its first page was read, whatever came between, and `resumed` says that it was
    stopped and gone on with. `seed` is that of a sample.
    """

    pair_id: str
    mode: str
    started_at: int
    finished_at: int
    spacing: float
    probes: int
    result: Verification
    repaired: int | None = None
    resumed: bool = False
    seed: int | None = None
    peak_memory_bytes: int | None = None
    settled: int | None = None
    """Rows of what was owed that this verify has settled."""

    @property
    def scope(self) -> str:
        return "full" if self.result.sampled is None else "sample"

    def summary(self) -> dict[str, Any]:
        """Counts and times; no key stands in it."""
        result = self.result
        return {
            "pair": self.pair_id,
            "mode": self.mode,
            "scope": self.scope,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "resumed": self.resumed,
            "source_items": result.source_items,
            "target_items": result.target_items,
            "compared": result.compared,
            "suspects": result.suspects,
            **{kind.value: result.counts[kind] for kind in Kind},
            "extra": result.extra,
            "accepted": result.counts[Kind.NATIVE] if result.accept_native else 0,
            "differences": result.differences,
            "repaired": self.repaired,
            "settled": self.settled,
            "probes": self.probes,
            "spacing_seconds": self.spacing,
            "spilled_bytes": result.spilled_bytes,
            "peak_memory_bytes": self.peak_memory_bytes,
            "sample": self._sample(),
        }

    def _sample(self) -> dict[str, Any] | None:
        if self.result.sampled is None:
            return None
        source, target = (_sampled(one, proves=self.result.all_equal) for one in self.result.sampled)
        return {"seed": self.seed, "source": source, "target": target}

    def report(self) -> dict[str, Any]:
        """The summary and the first keys of each kind, as typed maps (binary as base64)."""
        keys: dict[str, Any] = {kind.value: [to_json(key) for key in self.result.keys[kind]] for kind in Kind}
        keys["extra"] = keys[Kind.MIRRORED] + keys[Kind.NATIVE]
        return {**self.summary(), "keys": keys, "cannot_see": list(BLIND_SPOTS)}


def _sampled(one: Sampled, *, proves: bool) -> dict[str, Any]:
    """`bound_95` is the share of partition keys that may be wrong all the same; none where any was."""
    return {
        "items": one.items,
        "partition_keys": one.partition_keys,
        "segments": one.segments,
        "bound_95": one.bound if proves else None,
    }


def masked(key: Key) -> str:
    """A key as the screen shows it: the same key always looks the same, and does not say who it belongs to
    at a glance. (Who can list the keys can find it again: it is no protection of short keys.)"""
    return f"key:{digest(key).hex()[:12]}"
