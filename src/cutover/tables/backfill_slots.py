"""How a run's segments are dealt out to the workers of a Distributed Map.

A map takes its items from the state that it is given, which holds 256 KB; 100,000 segments as JSON are more:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html. So an item is the number of a slot,
and a slot is a handful of segments. Which ones follows from the run alone, in an order that is shuffled for
the reason that `backfill_run` gives.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from cutover.tables.backfill_rows import Run

SEGMENTS_PER_SLOT = 4
MOST_SLOTS = 2500
"""About 15 KB of numbers."""


class Slots:
    """The slots of a run, the same whoever makes them: every segment is in exactly one."""

    def __init__(self, run: Run) -> None:
        self._order = list(range(run.segments))
        random.Random(run.run_id).shuffle(self._order)  # noqa: S311 - an order, not a secret
        self.count = max(1, min(-(-run.segments // SEGMENTS_PER_SLOT), MOST_SLOTS))

    def of(self, number: int) -> Sequence[int]:
        """The segments of a slot, 0 being the first."""
        return self._order[number :: self.count]
