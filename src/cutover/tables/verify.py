"""Verify: is the target, key by key, what the source asks for?

Both tables are scanned in parallel segments, the source's items are transformed, and what is kept of an item
is a digest, on disk (`spill`). The two sides are joined partition by partition; a key that is not equal is
only a suspect, because writes went on all the while; suspects are looked at again (`recheck`).

Memory is bounded whatever the tables hold: 64 buffers of 64 KB; one page (1 MB on the wire, about 10 MB as
Python objects) for each thread; one partition of at most 16 MB on disk, about 64 MB as objects. That is under
150 MB with four threads. Disk is about 34 bytes and the key for each item of both tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cutover.tables.ports import Key
from cutover.tables.recheck import Kind, Probing, recheck
from cutover.tables.spill import Spill, join
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.verify_scan import Scanning, scan_both

REPAIRABLE = (Kind.MISSING, Kind.DIFFERENT)


@dataclass
class Verification:
    """What a verify saw. `keys` are the first `most_keys` of each kind."""

    source_items: int = 0
    target_items: int = 0
    compared: int = 0
    suspects: int = 0
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    keys: dict[Kind, list[Key]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    most_keys: int = 1000

    @property
    def differences(self) -> int:
        """In flight is none."""
        return sum(number for kind, number in self.counts.items() if kind is not Kind.IN_FLIGHT)

    @property
    def repairable(self) -> int:
        """What `converge` can put right: an extra item may be the new application's own."""
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


def verify(
    scanning: Scanning,
    probing: Probing,
    *,
    most_keys: int = 1000,
    repairable: SuspectFile | None = None,
    looked: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Compares the tables of `scanning`; the keys of missing and different items go into `repairable`.

    Raises TableFault and Stopped; nothing was changed then.
    """
    result = Verification(most_keys=most_keys)
    suspects = _bulk(scanning, probing, result)

    def found(kind: Kind, key: Key) -> None:
        result.found(kind, key)
        if repairable is not None and kind in REPAIRABLE:
            repairable.add(Suspect(key))

    recheck(suspects, probing, found, looked)
    return result


def _bulk(scanning: Scanning, probing: Probing, result: Verification) -> SuspectFile:
    left = Spill(probing.open_file, scanning.bounds)
    right = Spill(probing.open_file, scanning.bounds)
    suspects = SuspectFile(probing.open_file)
    try:
        result.source_items, result.target_items = scan_both(scanning, probing, left, right)
        joined = join(left, right, scanning.bounds, lambda key: suspects.add(Suspect(key)))
    except BaseException:
        suspects.close()
        raise
    finally:
        left.close()
        right.close()
    result.compared, result.suspects = joined.compared, joined.suspects
    return suspects
