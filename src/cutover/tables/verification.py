"""What a verify has found so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cutover.tables.items import from_json, to_json
from cutover.tables.kinds import EXTRA, REPAIRABLE, UNJUDGED, Kind
from cutover.tables.ports import Key
from cutover.tables.spill_join import Sums
from cutover.tables.verify_draw import Sampled


def _no_keys() -> dict[Kind, list[Key]]:
    return {kind: [] for kind in Kind}


@dataclass
class Verification:
    """`keys` are the first `most_keys` of each kind (none of the unmapped ones: there may be millions). The
    sums are those of what the source asks for, of what the target holds of it, and of what else it holds.
    `sampled` is what was looked at of source and target, where that was not all."""

    source_items: int = 0
    target_items: int = 0
    compared: int = 0
    suspects: int = 0
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    keys: dict[Kind, list[Key]] = field(default_factory=_no_keys)
    most_keys: int = 1000
    spilled_bytes: int = 0
    wanted: Sums = field(default_factory=Sums)
    held: Sums = field(default_factory=Sums)
    else_held: Sums = field(default_factory=Sums)
    accept_native: bool = False
    sampled: tuple[Sampled, Sampled] | None = None

    @property
    def differences(self) -> int:
        """What is in flight or unmapped is none, and native items are none where that was agreed to."""
        none = {*UNJUDGED, *([Kind.NATIVE] if self.accept_native else [])}
        return sum(number for kind, number in self.counts.items() if kind not in none)

    @property
    def all_equal(self) -> bool:
        """Whether every item that was read is on both sides: none in flight or waiting for a user, which may
        lack in the target all the same, and none native, whether that was agreed to or not."""
        return not any(self.counts.values())

    @property
    def wrong(self) -> int:
        """Differences but for native items."""
        none = {*UNJUDGED, Kind.NATIVE}
        return sum(number for kind, number in self.counts.items() if kind not in none)

    @property
    def extra(self) -> int:
        return sum(self.counts[kind] for kind in EXTRA)

    @property
    def repairable(self) -> int:
        """What `converge` can put right."""
        return sum(self.counts[kind] for kind in REPAIRABLE)

    def without_repairable(self) -> Verification:
        """The same without what a repair has just worked on."""
        kept = [kind for kind in Kind if kind not in REPAIRABLE]
        return replace(
            self,
            counts={**dict.fromkeys(Kind, 0), **{kind: self.counts[kind] for kind in kept}},
            keys={kind: list(self.keys[kind]) if kind in kept else [] for kind in Kind},
        )

    @property
    def nothing_compared(self) -> bool:
        return self.source_items == self.target_items == 0

    def found(self, kind: Kind, key: Key) -> None:
        self.counts[kind] += 1
        if len(self.keys[kind]) < self.most_keys:
            self.keys[kind].append(key)

    def state(self) -> dict[str, Any]:
        """For `Keep.save`."""
        return {
            "source_items": self.source_items,
            "target_items": self.target_items,
            "compared": self.compared,
            "suspects": self.suspects,
            "spilled_bytes": self.spilled_bytes,
            "sums": [[one.count, one.text] for one in (self.wanted, self.held, self.else_held)],
            "counts": {kind.value: number for kind, number in self.counts.items()},
            "keys": {kind.value: [to_json(key) for key in keys] for kind, keys in self.keys.items()},
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Any], *, most_keys: int, accept_native: bool) -> Verification:
        wanted, held, else_held = (Sums(count, int(total, 16)) for count, total in state["sums"])
        return cls(
            source_items=int(state["source_items"]),
            target_items=int(state["target_items"]),
            compared=int(state["compared"]),
            suspects=int(state["suspects"]),
            spilled_bytes=int(state["spilled_bytes"]),
            wanted=wanted,
            held=held,
            else_held=else_held,
            counts={kind: int(state["counts"][kind]) for kind in Kind},
            keys={kind: [from_json(key) for key in state["keys"][kind]] for kind in Kind},
            most_keys=most_keys,
            accept_native=accept_native,
        )
