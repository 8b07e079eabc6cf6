"""How a run's segments are dealt out to the workers of a Distributed Map.

A map takes its items from the state that it is given, which holds 256 KB; 100,000 segments as JSON are more:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html. So an item is the number of a slot,
and a slot is a handful of segments. Which ones follows from the run and the width of its execution, in an
order that is shuffled for the reason that `backfill_run` gives.

The files of an export may be few, and large: where handfuls would leave a function without work, a slot is
smaller.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from cutover.tables.backfill_rows import Run

SEGMENTS_PER_SLOT = 4
MOST_SLOTS = 2500
"""About 15 KB of numbers."""


class Slots:
    """The slots of a run for so many functions at once, the same whoever makes them: every segment is in
    exactly one."""

    def __init__(self, run: Run, concurrency: int = 1) -> None:
        self._order = list(range(run.segments))
        random.Random(run.run_id).shuffle(self._order)  # noqa: S311 - an order, not a secret
        handfuls = min(-(-run.segments // SEGMENTS_PER_SLOT), MOST_SLOTS)
        self.count = max(1, handfuls, min(run.segments, concurrency))

    def of(self, number: int) -> Sequence[int]:
        """The segments of a slot, 0 being the first."""
        return self._order[number :: self.count]
