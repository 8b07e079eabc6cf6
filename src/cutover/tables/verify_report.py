"""What a verify says afterwards: in the report file, in the ledger, on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.tables.digest import digest
from cutover.tables.items import to_json
from cutover.tables.ports import Key
from cutover.tables.recheck import Kind
from cutover.tables.verify import Verification

BLIND_SPOTS = (
    "a change that both tables got and neither should have",
    "an item that was different between two scans of its page and equal at the look that cleared it",
    "items that DynamoDB may delete any moment because their time to live is over: either state passes",
    "what is no item: indexes, streams, tags, backups, capacity, time-to-live settings",
)


@dataclass(frozen=True)
class Verified:
    """One pair's verify at its end; times are epoch seconds. `repaired` is None where none was asked for."""

    pair_id: str
    mode: str
    started_at: int
    finished_at: int
    spacing: float
    probes: int
    result: Verification
    repaired: int | None = None

    def summary(self) -> dict[str, Any]:
        """Counts and times; no key stands in it."""
        result = self.result
        return {
            "pair": self.pair_id,
            "mode": self.mode,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "source_items": result.source_items,
            "target_items": result.target_items,
            "compared": result.compared,
            "suspects": result.suspects,
            **{kind.value: result.counts[kind] for kind in Kind},
            "differences": result.differences,
            "repaired": self.repaired,
            "probes": self.probes,
            "spacing_seconds": self.spacing,
        }

    def report(self) -> dict[str, Any]:
        """The summary and the first keys of each kind, as typed maps (binary as base64)."""
        keys = {kind.value: [to_json(key) for key in self.result.keys[kind]] for kind in Kind}
        return {**self.summary(), "keys": keys, "cannot_see": list(BLIND_SPOTS)}


def masked(key: Key) -> str:
    """A key as the screen shows it: the same key always looks the same, and does not say who it belongs to
    at a glance. (Who can list the keys can find it again: it is no protection of short keys.)"""
    return f"key:{digest(key).hex()[:12]}"
